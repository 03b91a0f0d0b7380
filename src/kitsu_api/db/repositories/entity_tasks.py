"""Queries on which tasks an entity may have."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m


@dataclass(frozen=True)
class PlannedTaskType:
    """A task type, as far as one production is concerned."""

    id: UUID
    for_entity: str | None
    in_project: bool
    """Whether the production goes with it."""


class EntityTasks:
    """The tasks that productions and workflows provide for."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def workflow(self, asset_type_id: UUID) -> frozenset[UUID]:
        """The task types that assets of a type go through; empty for all."""
        link = m.TaskTypeAssetTypeLink
        query = select(link.task_type_id).where(link.asset_type_id == asset_type_id)
        return frozenset((await self.session.scalars(query)).all())

    async def task_types(
        self, project_id: UUID, *, ids: Collection[UUID] | None = None, for_entity: str | None = None
    ) -> list[PlannedTaskType]:
        """Task types in the order of the production: those of the ids, or those for a kind of entity."""
        link = m.ProjectTaskTypeLink
        query = select(m.TaskType.id, m.TaskType.for_entity, link.id.is_not(None)).outerjoin(
            link, and_(link.task_type_id == m.TaskType.id, link.project_id == project_id)
        )
        if ids is not None:
            query = query.where(m.TaskType.id.in_(list(ids)))
        if for_entity is not None:
            query = query.where(m.TaskType.for_entity == for_entity)
        order = (link.priority.nulls_last(), m.TaskType.priority, link.created_at, m.TaskType.name)
        return [PlannedTaskType(*row) for row in (await self.session.execute(query.order_by(*order))).all()]
