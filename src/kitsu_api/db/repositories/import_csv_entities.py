"""Entities of a production as a sheet finds them, and how it writes them: many in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.repositories.bulk import among, insert_rows, update_rows
from kitsu_api.db.repositories.entity_lists import reserve_names


@dataclass(frozen=True)
class StoredEntity:
    """An entity as it is stored."""

    id: UUID
    name: str
    parent_id: UUID | None
    source_id: UUID | None
    entity_type_id: UUID
    description: str | None
    nb_frames: int | None
    data: Any


@dataclass(frozen=True)
class StoredTask:
    """A task of an entity, with who works on it."""

    id: UUID
    entity_id: UUID
    task_type_id: UUID
    task_status_id: UUID | None
    real_start_date: dt.datetime | None
    end_date: dt.datetime | None
    retake_count: int
    people: frozenset[UUID]


class ImportedEntities:
    """Entities of one production."""

    def __init__(self, session: AsyncSession, project_id: UUID) -> None:
        self.session = session
        self.project_id = project_id

    async def reserve(self) -> None:
        """Let nobody else add entities to the production until the transaction ends."""
        await reserve_names(self.session, self.project_id)

    async def places(self, entity_type_id: UUID) -> dict[tuple[UUID | None, str], UUID]:
        """The ids of all episodes or sequences by parent and name, the oldest of those that share both."""
        query = (
            select(m.Entity.parent_id, m.Entity.name, m.Entity.id)
            .where(m.Entity.project_id == self.project_id, m.Entity.entity_type_id == entity_type_id)
            .order_by(m.Entity.created_at.desc(), m.Entity.id.desc())
        )
        return {(row[0], row[1]): row[2] for row in (await self.session.execute(query)).all()}

    async def named(
        self,
        names: Collection[str],
        entity_type_ids: Collection[UUID],
        parent_ids: Collection[UUID | None] | None = None,
    ) -> list[StoredEntity]:
        """The entities of these names and types, under one of these parents; the oldest first, those that
        are canceled last."""
        e = m.Entity
        where: list[Any] = [
            e.project_id == self.project_id,
            among(e.entity_type_id, entity_type_ids),
            among(e.name, names),
        ]
        if parent_ids is not None:
            under: Any = among(e.parent_id, [id for id in parent_ids if id is not None])
            where.append(or_(under, e.parent_id.is_(None)) if None in parent_ids else under)
        query = (
            select(
                *(e.id, e.name, e.parent_id, e.source_id, e.entity_type_id),
                *(e.description, e.nb_frames, e.data),
            )
            .where(*where)
            .order_by(e.canceled.is_(True), e.created_at, e.id)
        )
        return [StoredEntity(*row) for row in (await self.session.execute(query)).all()]

    async def tasks(self, entity_ids: Collection[UUID]) -> list[StoredTask]:
        """The tasks of entities, the oldest first, with the people on them."""
        link = m.TaskPersonLink
        people = (
            select(func.array_agg(link.person_id))
            .where(link.task_id == m.Task.id)
            .correlate(m.Task)
            .scalar_subquery()
        )
        t = m.Task
        query = (
            select(
                *(t.id, t.entity_id, t.task_type_id, t.task_status_id),
                *(t.real_start_date, t.end_date, func.coalesce(t.retake_count, 0), people),
            )
            .where(among(t.entity_id, entity_ids))
            .order_by(t.created_at, t.id)
        )
        return [
            StoredTask(row[0], row[1], row[2], row[3], row[4], row[5], row[6], frozenset(row[7] or ()))
            for row in (await self.session.execute(query)).all()
        ]

    async def add(self, rows: list[dict[str, Any]], author_id: UUID) -> None:
        """Insert entities of the production."""
        await insert_rows(self.session, m.Entity, rows, project_id=self.project_id, created_by=author_id)

    async def add_places(self, rows: list[dict[str, Any]], entity_type_id: UUID, author_id: UUID) -> None:
        """Insert episodes or sequences."""
        same = {"project_id": self.project_id, "created_by": author_id, "entity_type_id": entity_type_id}
        await insert_rows(self.session, m.Entity, rows, **same)

    async def change(self, rows: list[dict[str, Any]]) -> None:
        """Set columns of entities; rows that set the same columns go together."""
        groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in rows:
            groups.setdefault(tuple(sorted(row)), []).append({name: row[name] for name in sorted(row)})
        for group in groups.values():
            await update_rows(self.session, m.Entity, group)

    async def add_types(self, rows: list[dict[str, Any]]) -> None:
        """Insert asset types."""
        await insert_rows(self.session, m.EntityType, rows)
