"""Queries on comments and what hangs on them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import (
    AttachmentFile,
    CommentAcknoledgments,
    CommentDepartmentMentions,
    CommentMentions,
    CommentPreviewLink,
    News,
    Notification,
)


class CommentRepository:
    """Comments."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def delete_dependents(self, id: UUID) -> None:
        """Delete the rows that point to a comment."""
        for model, column in (
            (Notification, Notification.comment_id),
            (News, News.comment_id),
            (CommentMentions, CommentMentions.comment),
            (CommentDepartmentMentions, CommentDepartmentMentions.comment),
            (CommentAcknoledgments, CommentAcknoledgments.comment),
            (CommentPreviewLink, CommentPreviewLink.comment),
            (AttachmentFile, AttachmentFile.comment_id),
        ):
            await self.session.execute(delete(model).where(column == id))
