"""How long shots are, as told by the movies that were made of them."""

from __future__ import annotations

from uuid import UUID

import orjson
from sqlalchemy import Integer, cast, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.repositories.entity_lists import in_episode, of_kind

LONGEST = 2**31 - 1
"""Frames that a shot can have."""


class ShotFrames:
    """Frames of shots."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def rate(self, project_id: UUID) -> str | None:
        """Frames a second of a production, as somebody typed it."""
        rate: str | None = await self.session.scalar(select(m.Project.fps).where(m.Project.id == project_id))
        return rate

    async def set_from_previews(
        self, project_id: UUID, task_type_id: UUID, episode_id: UUID | None, rate: float
    ) -> bytes:
        """Set the frames of shots by the newest movie on their tasks of a type, `rate` frames a second;
        the shots with their frames as JSON, by name."""
        preview, task = m.PreviewFile, m.Task
        newest = (
            select(task.entity_id, preview.duration)
            .join(task, task.id == preview.task_id)
            .where(task.project_id == project_id, task.task_type_id == task_type_id, preview.duration > 0)
            .order_by(task.entity_id, preview.revision.desc(), preview.position, preview.created_at.desc())
            .ext(distinct_on(task.entity_id))
            .subquery()
        )
        frames = cast(func.least(func.round(newest.c.duration * rate), LONGEST), Integer)
        where = [m.Entity.id == newest.c.entity_id, m.Entity.project_id == project_id, of_kind("Shot")]
        if episode_id is not None:
            where.append(in_episode(episode_id))
        change = (
            update(m.Entity)
            .where(*where)
            .values(nb_frames=frames, updated_at=now())
            .returning(m.Entity.id, m.Entity.name, m.Entity.nb_frames)
            .execution_options(synchronize_session=False)
        )
        rows = sorted((await self.session.execute(change)).all(), key=lambda row: (row[1], row[0]))
        return orjson.dumps([{"id": str(id), "nb_frames": number} for id, _, number in rows])
