"""Tasks of one type on many entities, made in a constant number of statements."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import TASK
from kitsu_api.db.repositories.bulk import among, insert_rows
from kitsu_api.db.repositories.entity_lists import assets, of_kind

CREATION_LOCK = 7_105
"""First key of the advisory lock under which tasks of one type are made in a production."""


class TaskCreation:
    """New tasks."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def reserve(self, project_id: UUID, task_type_id: UUID) -> None:
        """Let nobody else make tasks of this type in the production until the transaction ends."""
        key = func.hashtext(f"{project_id}{task_type_id}")
        await self.session.execute(select(func.pg_advisory_xact_lock(CREATION_LOCK, key)))

    async def entities_without(
        self, project_id: UUID, task_type_id: UUID, kind: str, ids: Collection[UUID] | None
    ) -> list[UUID]:
        """The entities of a kind in a production that have no task of the type, oldest first.

        `ids` narrows them; `kind` is `Asset` or the name of an entity type. Canceled entities have none.
        """
        present = select(m.Task.id).where(
            m.Task.entity_id == m.Entity.id, m.Task.task_type_id == task_type_id
        )
        where: list[ColumnElement[bool]] = [
            m.Entity.project_id == project_id,
            assets() if kind == "Asset" else of_kind(kind),
            ~present.exists(),
        ]
        where.append(m.Entity.canceled.is_not(True) if ids is None else among(m.Entity.id, ids))
        query = select(m.Entity.id).where(*where).order_by(m.Entity.created_at, m.Entity.id)
        return list((await self.session.scalars(query)).all())

    async def add(
        self,
        project_id: UUID,
        task_type_id: UUID,
        task_status_id: UUID,
        author_id: UUID,
        entity_ids: Collection[UUID],
    ) -> list[UUID]:
        """Insert a task on each entity; their ids, in the order of the entities."""
        rows = [{"id": uuid4(), "entity_id": entity_id} for entity_id in entity_ids]
        await insert_rows(
            self.session,
            m.Task,
            rows,
            name="main",
            project_id=project_id,
            task_type_id=task_type_id,
            task_status_id=task_status_id,
            assigner_id=author_id,
        )
        return [row["id"] for row in rows]

    async def tasks_json(self, ids: Collection[UUID]) -> bytes:
        """Tasks with the names and colours of their type and status, as a JSON array."""
        query = (
            select(
                *TASK.columns(relations=True).values(),
                m.TaskStatus.name.label("task_status_name"),
                m.TaskStatus.short_name.label("task_status_short_name"),
                m.TaskStatus.color.label("task_status_color"),
                m.TaskType.name.label("task_type_name"),
                m.TaskType.color.label("task_type_color"),
                m.TaskType.priority.label("task_type_priority"),
            )
            .outerjoin(m.TaskStatus, m.TaskStatus.id == m.Task.task_status_id)
            .outerjoin(m.TaskType, m.TaskType.id == m.Task.task_type_id)
            .where(among(m.Task.id, ids))
            .order_by(m.Task.created_at, m.Task.id)
        )
        return await json_array(self.session, query)
