"""What of each kind a caller may find."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from kitsu_api.db import scopes
from kitsu_api.db.scopes import Rows
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.entity_scopes import seen_entities, seen_sequences
from kitsu_api.permissions.policies.persons import visible_people
from kitsu_api.permissions.scopes import Scope, seen_comments, seen_playlists, visible
from kitsu_api.permissions.shot_scopes import seen_episodes
from kitsu_api.schemas.access_groups import Capability

FOUND: dict[str, Scope] = {
    "assets": seen_entities,
    "shots": seen_entities,
    "sequences": seen_sequences,
    "episodes": seen_episodes,
    "persons": visible_people,
    "tasks": visible(scopes.tasks),
    "comments": seen_comments,
    "playlists": seen_playlists,
}
"""The scope of each kind: the one of its lists."""


ASKED = frozenset({Capability.PLAYLISTS_VIEW})
"""The capabilities that these scopes ask for."""


def found_by(actor: Actor, kind: str, rows: Rows) -> ColumnElement[bool]:
    """The rows of a kind that the caller may find, as a condition for so many rows."""
    return FOUND[kind](actor) if kind != "comments" else seen_comments(actor, rows=rows)


def sees_own_work_alone(actor: Actor) -> bool:
    """Whether the caller sees of tasks, and of what these are on, only what they are assigned to: a vendor in
    all of their productions."""
    roles = set(actor.project_roles.values())
    return not actor.is_admin and roles == {Role.VENDOR}
