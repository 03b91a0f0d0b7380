"""Which attached files belong where."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import AttachmentFile, Comment, Task

Condition = ColumnElement[bool]


def of_task(task_id: UUID) -> Condition:
    """Files of the comments of a task."""
    comments = select(Comment.id).where(Comment.object_id == task_id)
    return AttachmentFile.comment_id.in_(comments)


def of_project(project_id: UUID) -> Condition:
    """Files of the comments of a production."""
    tasks = select(Task.id).where(Task.project_id == project_id)
    return AttachmentFile.comment_id.in_(select(Comment.id).where(Comment.object_id.in_(tasks)))


async def files_of_message(session: AsyncSession, message_id: UUID) -> list[AttachmentFile]:
    """The files of a message of a chat."""
    query = select(AttachmentFile).where(AttachmentFile.chat_message_id == message_id)
    return list((await session.scalars(query)).all())


async def delete_attachments(session: AsyncSession, *where: Condition) -> list[UUID]:
    """Delete the rows that meet all conditions; their ids."""
    gone = await session.scalars(delete(AttachmentFile).where(*where).returning(AttachmentFile.id))
    return list(gone.all())
