"""Queries on builds of playlists, and on the files that they are made of."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.entity_names import full_name
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import plain
from kitsu_api.db.repositories.playlist_previews import among

Condition = ColumnElement[bool]
BUILD = plain(m.BuildJob)


class PlaylistBuilds:
    """Builds of playlists."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_playlist(self, id: UUID) -> list[UUID]:
        """The builds of a playlist."""
        query = select(m.BuildJob.id).where(m.BuildJob.playlist_id == id)
        return list((await self.session.scalars(query)).all())

    async def of_project(self, id: UUID) -> list[UUID]:
        """The builds of all playlists of a production."""
        playlist = m.Playlist
        query = select(m.BuildJob.id).join(playlist, playlist.id == m.BuildJob.playlist_id)
        return list((await self.session.scalars(query.where(playlist.project_id == id))).all())

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

    async def previews(self, project_id: UUID | None, ids: Collection[UUID]) -> dict[UUID, m.PreviewFile]:
        """Those of the previews that are of the production."""
        query = (
            select(m.PreviewFile)
            .join(m.Task, m.Task.id == m.PreviewFile.task_id)
            .where(among(m.PreviewFile.id, ids), m.Task.project_id == project_id)
        )
        return {preview.id: preview for preview in (await self.session.scalars(query)).all()}

    async def entity_names(self, project_id: UUID | None, ids: Collection[UUID]) -> dict[UUID, str]:
        """What people call entities of the production: `E01 / SQ01 / SH010`."""
        query = select(m.Entity.id, full_name(m.Entity.id)).where(
            among(m.Entity.id, ids), m.Entity.project_id == project_id
        )
        return {row[0]: row[1] for row in (await self.session.execute(query)).all()}

    async def open_jobs(self, kind: str, builds: Collection[UUID]) -> list[UUID]:
        """The jobs of this kind that make one of the builds, and have not ended."""
        job = m.TrackedJob
        keys = [str(id) for id in builds]
        query = select(job.id).where(job.kind == kind, job.key.in_(keys), job.ended_at.is_(None))
        return list((await self.session.scalars(query)).all())

    async def find(self, id: UUID) -> tuple[m.BuildJob, m.Playlist, m.Project | None] | None:
        """A build with its playlist and production."""
        query = (
            select(m.BuildJob, m.Playlist, m.Project)
            .join(m.Playlist, m.Playlist.id == m.BuildJob.playlist_id)
            .outerjoin(m.Project, m.Project.id == m.Playlist.project_id)
            .where(m.BuildJob.id == id)
        )
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else (row[0], row[1], row[2])

    async def lock(self, id: UUID) -> tuple[m.BuildJob, UUID | None] | None:
        """A build, locked, and its production; None when it is gone."""
        query = (
            select(m.BuildJob, m.Playlist.project_id)
            .join(m.Playlist, m.Playlist.id == m.BuildJob.playlist_id)
            .where(m.BuildJob.id == id)
            .with_for_update(of=m.BuildJob)
            .execution_options(populate_existing=True)
        )
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def given_up(self, kind: str) -> list[UUID]:
        """Builds that still seem to run although the last of their jobs ended otherwise than well."""
        job, build = m.TrackedJob, m.BuildJob
        same = and_(job.kind == kind, job.key == cast(build.id, Text))
        going = select(job.id).where(same, job.ended_at.is_(None)).exists()
        ended = select(job.id).where(same, job.status.in_(("failed", "cancelled"))).exists()
        query = select(build.id).where(build.status == "running", ended, ~going)
        return list((await self.session.scalars(query)).all())
