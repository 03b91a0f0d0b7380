"""What of each source a caller may query: the rights of the listing of the same name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_

from kitsu_api.db.models import Notification
from kitsu_api.db.query.sources import Enter, Source, View
from kitsu_api.db.repositories.entity_lists import assets, of_kind
from kitsu_api.db.repositories.news import rows_of_news
from kitsu_api.db.scopes import notifications
from kitsu_api.errors import Forbidden
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.entity_scopes import seen_entities, seen_sequences, shown_metadata
from kitsu_api.permissions.news_scopes import seen_news_of_projects
from kitsu_api.permissions.shot_scopes import seen_episodes

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Opening:
    """Whom a source is open to, and what of it."""

    source: Source
    readers: Callable[[Actor], bool]
    scope: Callable[[Actor], Condition]
    masked: Callable[[Actor], frozenset[str]]
    replaced: Callable[[Actor], Mapping[str, ColumnElement[Any]]] = lambda actor: {}


def entrance(openings: Mapping[str, Opening], actor: Actor) -> Enter:
    """How a caller enters sources; relations lead to what the caller may list, and nowhere else."""
    entered: dict[str, View] = {}

    def enter(path: str) -> View:
        if path not in entered:
            opening = openings[path]
            if not actor.reaches(path):
                raise Forbidden(f"This API key is not good for {path}.")
            if not opening.readers(actor):
                raise Forbidden(f"You may not read {path}.")
            entered[path] = View(
                opening.source, opening.scope(actor), opening.masked(actor), opening.replaced(actor)
            )
        return entered[path]

    return enter


def own_notifications(actor: Actor) -> Condition:
    """What the caller was told."""
    return and_(Notification.person_id == actor.id, notifications(actor.confined_to))


def news_of_own_projects(actor: Actor) -> Condition:
    """The news that the caller may read in their productions, closed ones included."""
    return rows_of_news(seen_news_of_projects(actor))


def shown_part_of_metadata(actor: Actor) -> Mapping[str, ColumnElement[Any]]:
    """Metadata of entities without what is for other departments than a vendor's."""
    shown = shown_metadata(actor)
    return {} if shown is None else {"data": shown}


def _kind(name: str) -> Callable[[Actor], Condition]:
    return lambda actor: and_(of_kind(name), seen_entities(actor))


KINDS: Mapping[str, Callable[[Actor], Condition]] = {
    "assets": lambda actor: and_(assets(), seen_entities(actor)),
    "concepts": _kind("Concept"),
    "edits": _kind("Edit"),
    "episodes": seen_episodes,
    "scenes": _kind("Scene"),
    "sequences": lambda actor: and_(of_kind("Sequence"), seen_sequences(actor)),
    "shots": _kind("Shot"),
}
"""The entities of each kind that a caller sees."""
