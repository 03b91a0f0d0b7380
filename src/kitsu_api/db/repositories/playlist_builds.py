"""Queries on builds of playlists, and on the files that they are made of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.entity_names import full_name
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import plain
from kitsu_api.db.repositories.playlist_previews import among

Condition = ColumnElement[bool]
BUILD = plain(m.BuildJob)


@dataclass(frozen=True)
class PreviewToTake:
    """A preview whose file goes into a build or an archive, and the words that name it."""

    id: UUID
    extension: str
    status: str
    revision: int
    entity_name: str
    task_type_name: str


@dataclass(frozen=True)
class Production:
    """What a build has to know of its production."""

    name: str
    fps: str | None
    resolution: str | None
    bitrate: int | None
    """Mbit/s of movies in high definition."""


class PlaylistBuilds:
    """Builds of playlists."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_playlists(self, ids: Collection[UUID]) -> list[UUID]:
        """The builds of playlists."""
        query = select(m.BuildJob.id).where(among(m.BuildJob.playlist_id, ids))
        return list((await self.session.scalars(query)).all())

    async def list_json(self, *where: Condition) -> bytes:
        """Builds of the playlists that meet the conditions, newest first, as a JSON array."""
        query = (
            select(*BUILD.columns().values())
            .join(m.Playlist, m.Playlist.id == m.BuildJob.playlist_id)
            .where(*where)
            .order_by(m.BuildJob.created_at.desc(), m.BuildJob.id)
        )
        return await json_array(self.session, query)

    async def delete(self, ids: Collection[UUID]) -> None:
        """Delete builds."""
        await self.session.execute(delete(m.BuildJob).where(among(m.BuildJob.id, ids)))

    async def end(self, id: UUID, status: str, message: str | None) -> bool:
        """Note how a build ended; False when it is gone, or has ended before."""
        build = await self.session.get(m.BuildJob, id, with_for_update=True, populate_existing=True)
        if build is None or build.status != "running":
            return False
        build.status, build.message = status, message
        build.ended_at = build.updated_at = now()
        await self.session.flush()
        return True

    async def previews(self, project_id: UUID | None, ids: Collection[UUID]) -> dict[UUID, PreviewToTake]:
        """Those of the previews that are of the production."""
        file = m.PreviewFile
        query = (
            select(
                file.id,
                func.coalesce(file.extension, ""),
                file.status,
                func.coalesce(file.revision, 0),
                func.coalesce(full_name(m.Task.entity_id), ""),
                func.coalesce(m.TaskType.name, ""),
            )
            .join(m.Task, m.Task.id == file.task_id)
            .outerjoin(m.TaskType, m.TaskType.id == m.Task.task_type_id)
            .where(among(file.id, ids), m.Task.project_id == project_id)
        )
        return {row[0]: PreviewToTake(*row) for row in (await self.session.execute(query)).all()}

    async def production(self, project_id: UUID | None) -> Production:
        """What a build has to know of its production."""
        project = m.Project
        columns = (project.name, project.fps, project.resolution, project.hd_bitrate_compression)
        row = (await self.session.execute(select(*columns).where(project.id == project_id))).one_or_none()
        return Production("", None, None, None) if row is None else Production(*row)
