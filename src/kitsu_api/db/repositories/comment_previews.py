"""Previews of comments: revisions of a task, and places within a revision."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import Comment, CommentPreviewLink, News, PreviewFile, Project, Task


@dataclass(frozen=True)
class CommentPlace:
    """A comment on a task."""

    id: UUID
    task_id: UUID
    project_id: UUID | None
    person_id: UUID
    for_client: bool


class CommentPreviews:
    """Preview rows that hang on comments."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def place(self, task_id: UUID, comment_id: UUID) -> CommentPlace | None:
        """A comment of the task; the task is locked, so that two revisions never get one number."""
        query = (
            select(Comment.id, Task.id, Task.project_id, Comment.person_id, Comment.for_client)
            .join(Task, Task.id == Comment.object_id)
            .where(Task.id == task_id, Comment.id == comment_id)
            .with_for_update(of=Task)
        )
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else CommentPlace(row[0], row[1], row[2], row[3], bool(row[4]))

    async def last_revision(self, task_id: UUID) -> int:
        """The highest revision of a task; 0 when it has no preview."""
        query = select(func.max(PreviewFile.revision)).where(PreviewFile.task_id == task_id)
        return int(await self.session.scalar(query) or 0)

    async def has_revision(self, task_id: UUID, revision: int) -> bool:
        """Whether a task has a preview of this revision."""
        query = select(PreviewFile.id).where(PreviewFile.task_id == task_id, PreviewFile.revision == revision)
        return bool(await self.session.scalar(select(query.exists())))

    async def revision_on(self, comment_id: UUID, preview_file_id: UUID) -> int | None:
        """The revision of a preview on a comment; None when no such preview hangs there."""
        query = (
            select(func.coalesce(PreviewFile.revision, 1))
            .join(CommentPreviewLink, CommentPreviewLink.preview_file == PreviewFile.id)
            .where(PreviewFile.id == preview_file_id, CommentPreviewLink.comment == comment_id)
        )
        revision: int | None = await self.session.scalar(query)
        return revision

    async def last_position(self, task_id: UUID, revision: int) -> int:
        """The place of the last preview within a revision of a task."""
        query = select(func.max(PreviewFile.position)).where(
            PreviewFile.task_id == task_id, PreviewFile.revision == revision
        )
        return int(await self.session.scalar(query) or 0)

    async def is_single(self, project_id: UUID | None) -> bool:
        """Whether a production has one preview a revision."""
        query = select(Project.is_single_preview_per_revision).where(Project.id == project_id)
        return bool(await self.session.scalar(query))

    async def touch(self, comment_id: UUID) -> None:
        """Note that a comment has changed."""
        change = update(Comment).where(Comment.id == comment_id)
        await self.session.execute(change.values(updated_at=now()))

    async def add(
        self,
        comment: CommentPlace,
        person_id: UUID,
        revision: int,
        position: int = 1,
        id: UUID | None = None,
    ) -> UUID:
        """Insert a preview of a revision and hang it on a comment and its news; its id."""
        id = id or uuid4()
        self.session.add(
            PreviewFile(
                id=id,
                name=str(uuid4())[:13],
                revision=revision,
                position=position,
                source="webgui",
                extension="mp4",
                status="processing",
                task_id=comment.task_id,
                person_id=person_id,
            )
        )
        await self.session.flush()
        self.session.add(CommentPreviewLink(comment=comment.id, preview_file=id))
        await self.session.flush()
        await self.touch(comment.id)
        news = update(News).where(News.comment_id == comment.id)
        await self.session.execute(news.values(preview_file_id=id, updated_at=now()))
        return id
