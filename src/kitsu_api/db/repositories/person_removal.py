"""What somebody has made and noted, and how it goes with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m

Removal = tuple[Any, ColumnElement[bool]]

AUTHORSHIP: tuple[tuple[Any, str], ...] = (
    (m.ApiEvent, "user_id"),
    (m.BudgetEntry, "person_id"),
    (m.Comment, "editor_id"),
    (m.Entity, "created_by"),
    (m.EntityVersion, "person_id"),
    (m.OutputFile, "person_id"),
    (m.Playlist, "created_by"),
    (m.PreviewFile, "person_id"),
    (m.Task, "assigner_id"),
    (m.WorkingFile, "person_id"),
)
"""Columns that name who made a row of a production; the row stays and forgets them."""


class PersonRemoval:
    """The content of one person: the database finds it, in a constant number of statements."""

    def __init__(self, session: AsyncSession, person_id: UUID) -> None:
        self.session = session
        self.person_id = person_id
        self.comments = select(m.Comment.id).where(m.Comment.person_id == person_id)
        self.messages = select(m.ChatMessage.id).where(m.ChatMessage.person_id == person_id)

    async def touched_tasks(self) -> list[UUID]:
        """The tasks that the person has commented on or spent time on."""
        commented = select(m.Comment.object_id).where(m.Comment.person_id == self.person_id)
        spent = select(m.TimeSpent.task_id).where(m.TimeSpent.person_id == self.person_id)
        query = select(m.Task.id).where(or_(m.Task.id.in_(commented), m.Task.id.in_(spent)))
        return list((await self.session.scalars(query.order_by(m.Task.id))).all())

    async def delete_content(self) -> None:
        """Delete comments, messages, hours, days off and links of the person; what belongs to a production,
        such as files, tasks and playlists, stays without a name."""
        await self._forget()
        for table, where in (*self._of_comments(), *self._own()):
            gone = delete(table).where(where)
            await self.session.execute(gone.execution_options(synchronize_session=False))

    async def _forget(self) -> None:
        for table, column in AUTHORSHIP:
            change = update(table).where(getattr(table, column) == self.person_id).values({column: None})
            await self.session.execute(change.execution_options(synchronize_session=False))

    def _of_comments(self) -> tuple[Removal, ...]:
        attached = or_(
            m.AttachmentFile.comment_id.in_(self.comments),
            m.AttachmentFile.chat_message_id.in_(self.messages),
        )
        return (
            (
                m.Notification,
                or_(m.Notification.comment_id.in_(self.comments), m.Notification.author_id == self.person_id),
            ),
            (m.News, or_(m.News.comment_id.in_(self.comments), m.News.author_id == self.person_id)),
            (
                m.CommentMentions,
                or_(
                    m.CommentMentions.comment.in_(self.comments),
                    m.CommentMentions.person == self.person_id,
                ),
            ),
            (m.CommentDepartmentMentions, m.CommentDepartmentMentions.comment.in_(self.comments)),
            (
                m.CommentAcknoledgments,
                or_(
                    m.CommentAcknoledgments.comment.in_(self.comments),
                    m.CommentAcknoledgments.person == self.person_id,
                ),
            ),
            (m.CommentPreviewLink, m.CommentPreviewLink.comment.in_(self.comments)),
            (m.AttachmentFile, attached),
            (m.Comment, m.Comment.person_id == self.person_id),
            (m.ChatMessage, m.ChatMessage.person_id == self.person_id),
        )

    def _own(self) -> tuple[Removal, ...]:
        return (
            (m.PlaylistShareLink, m.PlaylistShareLink.created_by == self.person_id),
            (m.TimeSpent, m.TimeSpent.person_id == self.person_id),
            (m.DayOff, m.DayOff.person_id == self.person_id),
        )
