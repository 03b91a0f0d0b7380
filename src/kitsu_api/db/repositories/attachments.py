"""Which attached files belong where."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, select

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
