"""Previews with what decides who sees them, and the register of which of their files are in storage."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, case, cast, delete, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.entity_names import full_name
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import PREVIEW_FILE
from kitsu_api.db.scopes import tasks_of

Place = tuple[str, str]
"""A bucket and a prefix."""


@dataclass(frozen=True)
class PreviewPlace:
    """A preview, and what ties the caller to it."""

    preview: m.PreviewFile
    project_id: UUID | None
    downloadable: bool
    """Whether clients of the production may download its previews."""
    assigned: bool
    """Whether the caller is assigned to its task."""


@dataclass(frozen=True)
class PreviewTask:
    """The task of a preview with its names, and what its movies are made for."""

    task_id: UUID
    project_id: UUID
    entity_id: UUID
    kind: str
    """Name of the entity's type."""
    project: str
    task_type: str
    entity: str
    """With what holds it, or its type: `E01 / SQ01 / SH010`, `Props / Tree`."""
    revision_padding: int
    resolution: str | None
    fps: str | None
    entity_data: Any
    high_bitrate: int | None
    low_bitrate: int | None
    sets_main: bool
    """Whether each new preview becomes the picture of its entity."""


class PreviewMedia:
    """Queries on previews and their files."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def _places(self, person_id: UUID) -> Select[m.PreviewFile, UUID | None, bool, bool]:
        assigned = m.PreviewFile.task_id.in_(tasks_of(person_id))
        return (
            select(
                m.PreviewFile,
                m.Task.project_id,
                func.coalesce(m.Project.is_preview_download_allowed, literal(False)),
                func.coalesce(assigned, literal(False)),
            )
            .outerjoin(m.Task, m.Task.id == m.PreviewFile.task_id)
            .outerjoin(m.Project, m.Project.id == m.Task.project_id)
        )

    async def places(self, ids: Collection[UUID], person_id: UUID) -> dict[UUID, PreviewPlace]:
        """Those of the previews that there are, by id, and what ties a person to each."""
        query = self._places(person_id).where(m.PreviewFile.id.in_(list(ids)))
        rows = (await self.session.execute(query)).all()
        return {row[0].id: PreviewPlace(row[0], row[1], bool(row[2]), bool(row[3])) for row in rows}

    async def place(self, id: UUID, person_id: UUID, *, lock: bool = False) -> PreviewPlace | None:
        """A preview and what ties a person to it; None when there is no such preview."""
        query = self._places(person_id).where(m.PreviewFile.id == id)
        if lock:
            query = query.with_for_update(of=m.PreviewFile)
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else PreviewPlace(row[0], row[1], bool(row[2]), bool(row[3]))

    async def lock(self, id: UUID) -> m.PreviewFile | None:
        """A preview as it is now, locked until the transaction ends."""
        query = select(m.PreviewFile).where(m.PreviewFile.id == id)
        fresh = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.scalars(fresh)).one_or_none()

    async def task_of(self, task_id: UUID | None) -> PreviewTask | None:
        """The task of a preview with its names; None when there is none."""
        return None if task_id is None else (await self.tasks_of([task_id])).get(task_id)

    async def tasks_of(self, task_ids: Collection[UUID]) -> dict[UUID, PreviewTask]:
        """The tasks of previews with their names, by id."""
        entity, link = m.Entity, m.ProjectTaskTypeLink
        query = (
            select(
                m.Task.id,
                m.Project.id,
                entity.id,
                m.EntityType.name,
                m.Project.name,
                m.TaskType.name,
                full_name(entity.id),
                m.Project.revision_padding,
                m.Project.resolution,
                m.Project.fps,
                entity.data,
                func.coalesce(link.hd_bitrate_compression, m.Project.hd_bitrate_compression),
                func.coalesce(link.ld_bitrate_compression, m.Project.ld_bitrate_compression),
                func.coalesce(m.Project.is_set_preview_automated, literal(False)),
            )
            .join(m.Project, m.Project.id == m.Task.project_id)
            .join(m.TaskType, m.TaskType.id == m.Task.task_type_id)
            .join(entity, entity.id == m.Task.entity_id)
            .join(m.EntityType, m.EntityType.id == entity.entity_type_id)
            .outerjoin(link, (link.project_id == m.Project.id) & (link.task_type_id == m.TaskType.id))
            .where(m.Task.id.in_(list(task_ids)))
        )
        return {row[0]: PreviewTask(*row) for row in (await self.session.execute(query)).all()}

    async def comments_of(self, id: UUID) -> list[tuple[UUID, UUID, UUID, bool]]:
        """The comments that a preview hangs on: id, task, author, and whether clients see it."""
        query = (
            select(m.Comment.id, m.Comment.object_id, m.Comment.person_id, m.Comment.for_client)
            .join(m.CommentPreviewLink, m.CommentPreviewLink.comment == m.Comment.id)
            .where(m.CommentPreviewLink.preview_file == id)
            .order_by(m.Comment.created_at)
        )
        return [(row[0], row[1], row[2], bool(row[3])) for row in (await self.session.execute(query)).all()]

    async def newest_shown(self, task_id: UUID) -> tuple[int | None, int | None] | None:
        """Revision and position of the preview that a task shows as its last; None when it shows none."""
        query = (
            select(m.PreviewFile.revision, m.PreviewFile.position)
            .join(m.Task, m.Task.last_preview_file_id == m.PreviewFile.id)
            .where(m.Task.id == task_id)
        )
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def states(self, id: UUID) -> Mapping[Place, tuple[str, datetime | None]]:
        """What is known of the files of a preview: `ok`, `missing` or `failed`, and since when."""
        state = m.PreviewFileStorageState
        query = select(state.bucket, state.prefix, state.state, state.updated_at)
        rows = (await self.session.execute(query.where(state.preview_file_id == id))).all()
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}

    async def note_states(self, id: UUID, states: Mapping[Place, str], *, seen: bool = False) -> None:
        """Note of files of a preview whether they are in storage. What was only `seen`, and not written by
        whoever notes it, doesn't undo an `ok` that came meanwhile."""
        if not states:
            return
        table, moment = m.PreviewFileStorageState, now()
        rows = [
            {"preview_file_id": id, "bucket": bucket, "prefix": prefix, "state": state}
            for (bucket, prefix), state in sorted(states.items())
        ]
        statement = insert(table).values(rows)
        await self.session.execute(
            statement.on_conflict_do_update(
                constraint="preview_file_storage_state_uc",
                set_={"state": statement.excluded.state, "updated_at": moment},
                where=table.state != "ok" if seen else None,
            )
        )

    async def forget_states(self, id: UUID, places: Collection[Place]) -> None:
        """Forget what was known of files of a preview."""
        table = m.PreviewFileStorageState
        gone = tuple_(table.bucket, table.prefix).in_(list(places))
        await self.session.execute(delete(table).where(table.preview_file_id == id, gone))

    async def note_prefixes(self, id: UUID, prefixes: Collection[str]) -> None:
        """Note which movies of a preview are in storage."""
        column = m.PreviewFile.data
        known = case((func.jsonb_typeof(column) == "object", column), else_=cast({}, JSONB))
        merged = known.op("||")(cast({"movie_prefixes": list(prefixes)}, JSONB))
        change = update(m.PreviewFile).where(m.PreviewFile.id == id).values(data=merged, updated_at=now())
        await self.session.execute(change.execution_options(synchronize_session=False))

    async def of_revision(self, preview: m.PreviewFile) -> list[m.PreviewFile]:
        """All previews of the revision of one, in their order, locked."""
        query = (
            select(m.PreviewFile)
            .where(m.PreviewFile.task_id == preview.task_id, m.PreviewFile.revision == preview.revision)
            .order_by(m.PreviewFile.position, m.PreviewFile.created_at, m.PreviewFile.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return list((await self.session.scalars(query)).all())

    async def in_order_json(self, ids: Sequence[UUID]) -> bytes:
        """Previews as a JSON array, in the order of their ids."""
        order = func.array_position(literal(list(ids), ARRAY(Uuid)), m.PreviewFile.id)
        query = select(*PREVIEW_FILE.columns().values()).where(m.PreviewFile.id.in_(list(ids)))
        return await json_array(self.session, query.order_by(order))

    async def place_in_order(self, previews: Sequence[m.PreviewFile]) -> None:
        """Number the previews of a revision from 1."""
        moment = now()
        for position, preview in enumerate(previews, 1):
            preview.position, preview.updated_at = position, moment
        await self.session.flush()
