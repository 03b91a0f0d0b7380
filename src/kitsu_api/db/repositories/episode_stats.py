"""Queries on how far the shots of each episode are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db.models import Entity, EntityType, Project, Task, TaskStatus


@dataclass(frozen=True)
class Tally:
    """How many tasks of one type on shots of one episode have one status and count of retakes."""

    episode_id: UUID
    task_type_id: UUID
    task_status_id: UUID
    status_name: str
    color: str
    is_done: bool
    is_retake: bool
    retakes: int
    count: int
    frames: int
    drawings: int


async def tallies(session: AsyncSession, project_id: UUID, seen: ColumnElement[bool]) -> list[Tally]:
    """The tasks on shots of a production that lie in an episode and are not canceled, counted in one
    statement; `seen` narrows them. Episodes are in the order of their names."""
    shot, sequence, episode = aliased(Entity), aliased(Entity), aliased(Entity)
    retakes = func.coalesce(Task.retake_count, 0)
    keys: tuple[Any, ...] = (
        episode.id,
        Task.task_type_id,
        TaskStatus.id,
        TaskStatus.short_name,
        TaskStatus.color,
        func.coalesce(TaskStatus.is_done, False),
        func.coalesce(TaskStatus.is_retake, False),
        retakes,
    )
    query = (
        select(
            *keys,
            func.count(),
            func.sum(func.coalesce(shot.nb_frames, 0)),
            func.sum(func.coalesce(Task.nb_drawings, 0)),
        )
        .select_from(Task)
        .join(shot, shot.id == Task.entity_id)
        .join(sequence, sequence.id == shot.parent_id)
        .join(episode, episode.id == sequence.parent_id)
        .join(TaskStatus, TaskStatus.id == Task.task_status_id)
        .where(
            Task.project_id == project_id,
            Task.task_type_id.is_not(None),
            shot.entity_type_id.in_(select(EntityType.id).where(EntityType.name == "Shot")),
            shot.canceled.is_not(True),
            seen,
        )
        .group_by(episode.name, *keys)
        .order_by(episode.name, episode.id)
    )
    return [Tally(*row) for row in (await session.execute(query)).all()]


async def shown_to_clients(session: AsyncSession, project_id: UUID) -> bool:
    """Whether a production lets its clients see how far it is."""
    visible = await session.scalar(select(Project.is_client_stats_visible).where(Project.id == project_id))
    return visible is not False
