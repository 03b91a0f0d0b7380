"""What hangs on tasks, and how it goes with them: a constant number of statements for any number."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.base import Base, now
from kitsu_api.db.repositories.trash import Bin


@dataclass(frozen=True)
class DoomedTask:
    """A task that is to go."""

    id: UUID
    project_id: UUID | None
    entity_id: UUID | None
    task_type_id: UUID | None


class TaskRemoval:
    """Tasks that go, with all that means nothing without them."""

    def __init__(self, session: AsyncSession, bin: Bin | None = None) -> None:
        """What goes is kept in the bin, if there is one."""
        self.session = session
        self._bin = bin

    async def find(self, *where: ColumnElement[bool]) -> list[DoomedTask]:
        """The tasks that meet all conditions, locked, oldest first."""
        query = (
            select(m.Task.id, m.Task.project_id, m.Task.entity_id, m.Task.task_type_id)
            .where(*where)
            .order_by(m.Task.created_at, m.Task.id)
            .with_for_update(of=m.Task)
        )
        return [DoomedTask(*row) for row in (await self.session.execute(query)).all()]

    async def of_type(self, project_id: UUID, task_type_id: UUID) -> list[DoomedTask]:
        """The tasks of one type in a production, locked."""
        return await self.find(m.Task.project_id == project_id, m.Task.task_type_id == task_type_id)

    async def named(self, ids: Collection[UUID], project_id: UUID | None = None) -> list[DoomedTask]:
        """The tasks of these ids that there are (in the production, if one is given), locked."""
        where: list[ColumnElement[bool]] = [m.Task.id.in_(list(ids))]
        if project_id is not None:
            where.append(m.Task.project_id == project_id)
        return await self.find(*where)

    async def previews_of(self, ids: Collection[UUID]) -> list[tuple[UUID, UUID | None]]:
        """The previews of tasks, each with its production, oldest first."""
        query = (
            select(m.PreviewFile.id, m.Task.project_id)
            .join(m.Task, m.Task.id == m.PreviewFile.task_id)
            .where(m.Task.id.in_(list(ids)))
            .order_by(m.PreviewFile.created_at, m.PreviewFile.id)
        )
        return [(row[0], row[1]) for row in (await self.session.execute(query)).all()]

    async def delete_tasks(self, ids: Collection[UUID]) -> None:
        """Delete tasks that nothing hangs on any more."""
        await self._delete_where(m.Task, m.Task.id.in_(list(ids)))

    async def delete_content(self, ids: Collection[UUID]) -> None:
        """Delete everything that hangs on tasks, what points before what is pointed at."""
        gone = list(ids)
        comments = select(m.Comment.id).where(m.Comment.object_id.in_(gone))
        previews = select(m.PreviewFile.id).where(m.PreviewFile.task_id.in_(gone))
        await self._free_what_stays(gone, previews)
        for table, where in (
            (m.News, or_(m.News.task_id.in_(gone), m.News.comment_id.in_(comments))),
            (m.Notification, or_(m.Notification.task_id.in_(gone), m.Notification.comment_id.in_(comments))),
            (m.CommentMentions, m.CommentMentions.comment.in_(comments)),
            (m.CommentDepartmentMentions, m.CommentDepartmentMentions.comment.in_(comments)),
            (m.CommentAcknoledgments, m.CommentAcknoledgments.comment.in_(comments)),
            (
                m.CommentPreviewLink,
                or_(
                    m.CommentPreviewLink.comment.in_(comments),
                    m.CommentPreviewLink.preview_file.in_(previews),
                ),
            ),
            (m.AttachmentFile, m.AttachmentFile.comment_id.in_(comments)),
            (m.Comment, m.Comment.object_id.in_(gone)),
            (m.PreviewFile, m.PreviewFile.task_id.in_(gone)),
            (m.TimeSpent, m.TimeSpent.task_id.in_(gone)),
            (m.Subscription, m.Subscription.task_id.in_(gone)),
            (m.TaskPersonLink, m.TaskPersonLink.task_id.in_(gone)),
            (m.ProductionScheduleVersionTaskLink, m.ProductionScheduleVersionTaskLink.task_id.in_(gone)),
        ):
            await self._delete_where(table, where)

    async def _delete_where(self, table: type[Base], where: ColumnElement[bool]) -> None:
        if self._bin is None:
            await self.session.execute(delete(table).where(where))
        else:
            await self._bin.take(table, where)

    async def _free_what_stays(self, gone: list[UUID], previews: Any) -> None:
        """Rows that outlive the tasks forget them: entities their picture, files their task."""
        for table, where, values in (
            (
                m.Entity,
                m.Entity.preview_file_id.in_(previews),
                {"preview_file_id": None, "updated_at": now()},
            ),
            (m.Comment, m.Comment.preview_file_id.in_(previews), {"preview_file_id": None}),
            (m.News, m.News.preview_file_id.in_(previews), {"preview_file_id": None}),
            (m.WorkingFile, m.WorkingFile.task_id.in_(gone), {"task_id": None, "updated_at": now()}),
        ):
            if self._bin is not None:
                await self._bin.note(getattr(table, next(iter(values))), where)
            await self.session.execute(
                update(table).where(where).values(values).execution_options(synchronize_session=False)
            )
