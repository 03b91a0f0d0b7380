"""Tasks of one type by what they are on, and their dates and estimations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.repositories.bulk import among
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS


@dataclass(frozen=True)
class EstimatedTask:
    """A task, and what its sheet calls it."""

    id: UUID
    parent: str
    """The asset type of an asset, the sequence of a shot, the episode of what lies in one itself."""
    name: str
    estimation: float | None
    start_date: dt.datetime | None
    due_date: dt.datetime | None
    difficulty: int | None
    nb_drawings: int | None
    data: Any


class EstimatedTasks:
    """The tasks of a type in a production, or in one episode of it."""

    def __init__(
        self, session: AsyncSession, project_id: UUID, task_type_id: UUID, episode_id: UUID | None
    ) -> None:
        self.session = session
        self.project_id = project_id
        self.task_type_id = task_type_id
        self.episode_id = episode_id

    async def named(self, names: Collection[str]) -> list[EstimatedTask]:
        """The tasks on entities of these names, locked, the oldest first."""
        t, entity, parent, kind = m.Task, m.Entity, aliased(m.Entity), m.EntityType
        holder = case((kind.name.in_(OTHER_KINDS), func.coalesce(parent.name, "")), else_=kind.name)
        query = (
            select(
                *(t.id, holder, entity.name, t.estimation, t.start_date, t.due_date),
                *(t.difficulty, t.nb_drawings, t.data),
            )
            .join(entity, entity.id == t.entity_id)
            .join(kind, kind.id == entity.entity_type_id)
            .outerjoin(parent, parent.id == entity.parent_id)
            .where(
                t.project_id == self.project_id,
                t.task_type_id == self.task_type_id,
                among(entity.name, names),
                entity.canceled.is_not(True),
            )
            .order_by(t.created_at, t.id)
            .with_for_update(of=t)
        )
        if self.episode_id is not None:
            places = (entity.parent_id, entity.source_id, parent.parent_id)
            query = query.where(or_(*(place == self.episode_id for place in places)))
        return [EstimatedTask(*row) for row in (await self.session.execute(query)).all()]
