"""Rows whose history a path names, and who reads it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from sqlalchemy import and_

from kitsu_api.db import scopes
from kitsu_api.db.base import Record
from kitsu_api.db.engine import Session
from kitsu_api.db.models import Comment, Entity, Person, Task
from kitsu_api.db.repositories.history import History
from kitsu_api.db.repositories.records import Condition, Records
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.policies.persons import outsider, visible_people
from kitsu_api.permissions.scopes import Scope, open_to, seen_comments


@dataclass(frozen=True)
class HistoryPlace:
    """A row, there or gone, and whether its history is open to the caller."""

    id: UUID
    resource: str
    """As paths name its table, for API keys that reach some alone."""
    allowed: bool


def _of_studio(rows: Callable[[Any], Condition]) -> Scope:
    """Rows of the productions in which the caller is neither a client nor a vendor: these see what is, not
    what somebody wrote and took back."""

    def scope(actor: Actor) -> Condition:
        return rows(None if actor.is_admin else open_to(actor, Role.CLIENT, Role.VENDOR, besides=True))

    return scope


def _comments(actor: Actor) -> Condition:
    return and_(seen_comments(actor), _of_studio(scopes.comments)(actor))


SCOPES: dict[type[Record], Scope] = {
    Entity: _of_studio(scopes.entities),
    Task: _of_studio(scopes.tasks),
    Comment: _comments,
    Person: visible_people,
}
"""Whose history a caller reads, of the rows that are there. Of rows that are gone, that of their
production is for those who run it, and that of people for admins."""


def reads_history(actor: Actor, place: HistoryPlace) -> bool:
    """People of the studio read the history of what they see; clients and vendors read none. What is gone is
    for those who ran it."""
    if place.resource == "persons" and outsider(actor):
        return False
    return place.allowed and actor.reaches(place.resource)


def history_of(model: type[Record], resource: str) -> Any:
    """A guard that gives the row of a table whose history is asked for."""
    table = model.__tablename__
    name = f"{table}_id"

    async def load(
        id: Annotated[UUID, Path(alias=name)], session: Session, actor: CurrentActor
    ) -> HistoryPlace:
        visible = await Records(session, model).visible(id, SCOPES[model](actor))
        if visible is None:
            gone = await History(session).deletion(table, id)
            if gone is None:
                raise NotFound
            visible = actor.manages(gone.project_id)
        return HistoryPlace(id, resource, bool(visible))

    loader: Callable[..., Awaitable[HistoryPlace]] = load
    return guard(loader, reads_history)
