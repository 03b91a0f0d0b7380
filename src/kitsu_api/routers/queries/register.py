"""What can be queried: the listings of the register, with their rights, and entities by their kinds."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from kitsu_api.db.query.sources import RELATIONS, Source
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.queries import (
    KINDS,
    Opening,
    news_of_own_projects,
    own_notifications,
    shown_part_of_metadata,
)
from kitsu_api.routers.crud import Resource
from kitsu_api.routers.data.register import RESOURCES

LISTED = (
    "comments",
    "departments",
    "entities",
    "entity-links",
    "entity-types",
    "events",
    "metadata-descriptors",
    "milestones",
    "news",
    "notifications",
    "persons",
    "playlists",
    "preview-files",
    "project-status",
    "projects",
    "task-status",
    "task-types",
    "tasks",
    "time-spents",
)
"""Paths of the register that queries reach."""

_REGISTER: dict[str, Resource[Any]] = {resource.path: resource for resource in RESOURCES}
_OF_KIND = dict.fromkeys(KINDS, _REGISTER["entities"])
_RESOURCES = {**{path: _REGISTER[path] for path in LISTED}, **_OF_KIND}

READS: dict[str, type[BaseModel]] = {path: resource.read for path, resource in _RESOURCES.items()}
"""The schemas of the rows of each source."""

TAGS: dict[str, str] = {path: resource.tag for path, resource in _RESOURCES.items()}


def _opening(path: str, resource: Resource[Any]) -> Opening:
    readers, scope = resource.listers or resource.readers, KINDS.get(path, resource.scope)
    if path == "notifications":  # their listing is for admins; these are one's own
        readers, scope = anyone, own_notifications
    elif path == "news":
        readers, scope = anyone, news_of_own_projects
    return Opening(
        Source(path, resource.projection, RELATIONS.get(path, {})),
        readers,
        scope,
        resource.masked,
        shown_part_of_metadata if resource is _REGISTER["entities"] else lambda actor: {},
    )


OPENINGS: dict[str, Opening] = {path: _opening(path, resource) for path, resource in _RESOURCES.items()}
"""The sources of all queries, by the names that paths give them."""
