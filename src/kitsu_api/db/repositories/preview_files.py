"""Previews of tasks: the newest of each, the picture of an entity, and previews that go."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import plain
from kitsu_api.db.repositories.library import mark_deleted

ENTITY = plain(m.Entity)
STILLS = ("previews", "original", "thumbnails-square", "thumbnails")
MOVIES = ("previews", "lowdef", "source")
MOVIE_EXTENSIONS = frozenset({"mp4", "mov", "avi", "mkv", "webm"})
STILL_EXTENSIONS = frozenset({"png", "jpg", "jpeg", "gif"})


def _newest(*where: ColumnElement[bool]) -> Select[UUID, str]:
    """The newest preview of a task, with its status: of the last revision the first."""
    file = m.PreviewFile
    order = (file.revision.desc().nulls_last(), file.position, file.created_at)
    return select(file.id, file.status).where(file.task_id == m.Task.id, *where).order_by(*order).limit(1)


@dataclass(frozen=True)
class MainPreview:
    """A task, where it is, and the preview that would stand for its entity."""

    task_id: UUID
    project_id: UUID | None
    entity_id: UUID
    kind: str | None
    """Name of the entity's type."""
    preview_file_id: UUID | None
    status: str | None
    """Of the preview."""


@dataclass(frozen=True)
class Successor:
    """What a task and its entity showed, and what they fall back to when previews of the task go."""

    task_id: UUID
    project_id: UUID | None
    entity_id: UUID | None
    kind: str | None
    last_preview_file_id: UUID | None
    entity_preview_file_id: UUID | None
    newest_id: UUID | None
    newest_status: str | None


class PreviewFiles:
    """Queries on previews."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def main_previews(self, task_ids: Collection[UUID]) -> dict[UUID, MainPreview]:
        """The tasks that there are, by id, each with its newest preview: of the last revision the first."""
        newest = _newest().lateral("newest")
        query = (
            select(m.Task.id, m.Task.project_id, m.Entity.id, m.EntityType.name, newest.c.id, newest.c.status)
            .join(m.Entity, m.Entity.id == m.Task.entity_id)
            .join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
            .outerjoin(newest, literal(True))
            .where(m.Task.id.in_(list(task_ids)))
        )
        return {row[0]: MainPreview(*row) for row in (await self.session.execute(query)).all()}

    async def project_of(self, preview_id: UUID) -> UUID | None:
        """The production that a preview was made for; None where there is no such preview."""
        query = (
            select(m.Task.project_id)
            .join(m.PreviewFile, m.PreviewFile.task_id == m.Task.id)
            .where(m.PreviewFile.id == preview_id)
        )
        project_id: UUID | None = await self.session.scalar(query)
        return project_id

    async def set_main(self, previews: Mapping[UUID, UUID]) -> None:
        """Give entities their pictures: previews by entity, in one statement."""
        moment = now()
        rows = [
            {"id": entity_id, "preview_file_id": preview_id, "updated_at": moment}
            for entity_id, preview_id in previews.items()
        ]
        await self.session.execute(update(m.Entity), rows)

    async def entities_json(self, entity_ids: Collection[UUID]) -> bytes:
        """Entities as a JSON array in the order of the ids, each with the status of its picture."""
        order = func.array_position(literal(list(entity_ids), ARRAY(Uuid)), m.Entity.id)
        query = (
            select(*ENTITY.columns().values(), m.PreviewFile.status.label("preview_file_status"))
            .outerjoin(m.PreviewFile, m.PreviewFile.id == m.Entity.preview_file_id)
            .where(m.Entity.id.in_(list(entity_ids)))
            .order_by(order)
        )
        return await json_array(self.session, query)

    async def lock_task(self, task_id: UUID | None) -> None:
        """Let nobody else change which previews a task has until the transaction ends."""
        await self.session.execute(select(m.Task.id).where(m.Task.id == task_id).with_for_update())

    async def move_revision(self, task_id: UUID | None, revision: int, wanted: int) -> None:
        """Give all previews of a revision of a task another number."""
        change = update(m.PreviewFile).where(
            m.PreviewFile.task_id == task_id, m.PreviewFile.revision == revision
        )
        await self.session.execute(change.values(revision=wanted, updated_at=now()))

    async def detach(self, preview: m.PreviewFile) -> None:
        """Take a preview off all that refers to it, and note that its files are to go."""
        gone = preview.id
        for change in (
            delete(m.CommentPreviewLink).where(m.CommentPreviewLink.preview_file == gone),
            update(m.News)
            .where(m.News.preview_file_id == gone)
            .values(preview_file_id=None, updated_at=now()),
            update(m.Comment).where(m.Comment.preview_file_id == gone).values(preview_file_id=None),
            update(m.PreviewFile)
            .where(
                m.PreviewFile.task_id == preview.task_id,
                m.PreviewFile.revision == preview.revision,
                m.PreviewFile.position > (preview.position or 0),
            )
            .values(position=m.PreviewFile.position - 1, updated_at=now()),
        ):
            await self.session.execute(change.execution_options(synchronize_session=False))
        await self.note_files(preview)

    async def note_files(self, preview: m.PreviewFile) -> None:
        """Note that the files of a preview are to go."""
        extension = (preview.extension or "").lower()
        if extension in MOVIE_EXTENSIONS:
            await mark_deleted(self.session, "movies", MOVIES, preview.id)
            await mark_deleted(self.session, "pictures", (*STILLS, "tiles"), preview.id)
        elif extension in STILL_EXTENSIONS:
            await mark_deleted(self.session, "pictures", STILLS, preview.id)
        elif extension:
            await mark_deleted(self.session, "files", ("previews",), preview.id)

    async def successor(self, task_id: UUID | None, without: UUID) -> Successor | None:
        """What a task falls back to without a preview; None when there is no such task."""
        newest = _newest(m.PreviewFile.id != without).lateral("newest")
        query = (
            select(
                m.Task.id,
                m.Task.project_id,
                m.Entity.id,
                m.EntityType.name,
                m.Task.last_preview_file_id,
                m.Entity.preview_file_id,
                newest.c.id,
                newest.c.status,
            )
            .outerjoin(m.Entity, m.Entity.id == m.Task.entity_id)
            .outerjoin(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
            .outerjoin(newest, literal(True))
            .where(m.Task.id == task_id)
        )
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else Successor(*row)

    async def set_last(self, task_id: UUID, preview_file_id: UUID | None) -> None:
        """Note which preview of a task is the newest."""
        change = update(m.Task).where(m.Task.id == task_id)
        await self.session.execute(change.values(last_preview_file_id=preview_file_id, updated_at=now()))

    async def clear_main(self, entity_id: UUID) -> None:
        """Take an entity's picture away."""
        change = update(m.Entity).where(m.Entity.id == entity_id)
        await self.session.execute(change.values(preview_file_id=None, updated_at=now()))

    async def hangs_on(self, preview_file_id: UUID) -> list[UUID]:
        """The comments that a preview hangs on."""
        link = m.CommentPreviewLink
        query = select(link.comment).where(link.preview_file == preview_file_id)
        return list((await self.session.scalars(query)).all())

    async def take_off(self, preview_file_id: UUID, comment_id: UUID) -> None:
        """Take a preview off one comment."""
        link = m.CommentPreviewLink
        await self.session.execute(
            delete(link).where(link.preview_file == preview_file_id, link.comment == comment_id)
        )
