"""Queries on playlists."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import BuildJob, Notification, PlaylistShareLink


class PlaylistRepository:
    """Playlists."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def delete_dependents(self, id: UUID) -> None:
        """Delete the rows that point to a playlist: notifications, share links, builds."""
        for model, column in (
            (Notification, Notification.playlist_id),
            (PlaylistShareLink, PlaylistShareLink.playlist_id),
            (BuildJob, BuildJob.playlist_id),
        ):
            await self.session.execute(delete(model).where(column == id))
