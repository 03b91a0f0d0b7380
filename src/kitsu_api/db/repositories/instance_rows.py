"""Queries that take rows over from another instance, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import Record
from kitsu_api.db.models import (
    BuildJob,
    Comment,
    Entity,
    EntityLink,
    EntityType,
    News,
    Notification,
    Playlist,
    PreviewFile,
    Subscription,
    Task,
    TimeSpent,
)
from kitsu_api.db.projection import Link, Projection, json_array
from kitsu_api.db.repositories.ownership import owning_project

M = TypeVar("M", bound=Record)

BY_TASK = (News, Notification, PreviewFile, Subscription, TimeSpent)
"""Tables whose rows hang on a task by `task_id`."""

AT_ONCE = 5_000
"""Pairs of a relation that one statement inserts."""


class InstanceRows(Generic[M]):
    """Rows of one table that come with their ids."""

    def __init__(self, session: AsyncSession, model: type[M]) -> None:
        self.session = session
        self.model = model

    async def present(self, ids: Sequence[UUID]) -> dict[UUID, M]:
        """Those rows that are here already, locked for a change, by id."""
        query = select(self.model).where(self.model.id == func.any(_array(ids))).with_for_update()
        return {row.id: row for row in await self.session.scalars(query.order_by(self.model.id))}

    async def in_order_json(self, projection: Projection, ids: Sequence[UUID]) -> bytes:
        """The rows of these ids as a JSON array, in the order of the ids."""
        wanted = func.unnest(_array(ids)).table_valued("id", with_ordinality="place", name="wanted")
        wanted = wanted.render_derived()
        query = (
            select(*projection.columns().values())
            .select_from(self.model)
            .join(wanted, wanted.c.id == self.model.id)
            .order_by(wanted.c.place)
        )
        return await json_array(self.session, query)

    async def projects(self, rows: Sequence[M]) -> dict[UUID, UUID | None]:
        """The production of each row, by its id; None for a row of the studio."""
        if self.model.__table__.columns.get("project_id") is not None:
            return {row.id: getattr(row, "project_id", None) for row in rows}
        ids = _array([row.id for row in rows])
        query = self._owners()
        if query is None:
            return {row.id: await owning_project(self.session, row) for row in rows}
        found = await self.session.execute(query.where(self.model.id == func.any(ids)))
        return {row[0]: row[1] for row in found}

    def _owners(self) -> Any:
        model: Any = self.model
        if model in BY_TASK:
            return select(model.id, Task.project_id).join(Task, Task.id == model.task_id)
        if model is Comment:
            return select(model.id, Task.project_id).join(Task, Task.id == model.object_id)
        if model is EntityLink:
            return select(model.id, Entity.project_id).join(Entity, Entity.id == model.entity_in_id)
        if model is BuildJob:
            return select(model.id, Playlist.project_id).join(Playlist, Playlist.id == model.playlist_id)
        return None

    async def kinds_of_entities(self) -> dict[UUID, str]:
        """The names of the types of entities, by id."""
        rows = await self.session.execute(select(EntityType.id, EntityType.name))
        return {row[0]: row[1] for row in rows}

    async def set_links(self, link: Link, wanted: Mapping[UUID, Sequence[UUID]]) -> None:
        """Make the ids on the other side of a relation exactly these, for many rows at once."""
        own, other = getattr(link.table, link.own), getattr(link.table, link.other)
        query = select(own, other).where(own == func.any(_array(list(wanted))))
        present = {(a, b) for a, b in await self.session.execute(query)}
        pairs = {(id, linked): None for id, others in wanted.items() for linked in others}
        if stale := [pair for pair in present if pair not in pairs]:
            await self.session.execute(delete(link.table).where(tuple_(own, other).in_(stale)))
        new = [{link.own: a, link.other: b} for a, b in pairs if (a, b) not in present]
        for start in range(0, len(new), AT_ONCE):
            self.session.add_all(link.table(**pair) for pair in new[start : start + AT_ONCE])
            await self.session.flush()


def _array(ids: Sequence[UUID]) -> Any:
    return bindparam(None, list(ids), type_=ARRAY(Uuid(as_uuid=True)))
