"""Playlists as sheets: what they show, in their order, with what was last said of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, and_, bindparam, case, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.entity_names import full_name as full_name_of_entity
from kitsu_api.db.repositories.export_csv import full_name

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class PlaylistHead:
    """What the first row of a playlist's sheet says, and what the playlist holds."""

    name: str
    project_name: str
    for_entity: str | None
    created_at: dt.datetime | None
    shots: Any
    """A list of objects, if all is well: `{"entity_id": …, "preview_file_id": …}`."""


@dataclass(frozen=True)
class Shown:
    """An entity of a playlist, and the preview that is shown of it."""

    entity_id: UUID
    preview_id: UUID | None


async def playlist_head(session: AsyncSession, id: UUID) -> PlaylistHead:
    """The title and the content of a playlist that exists."""
    playlist, project = m.Playlist, func.coalesce(m.Project.name, "")
    query = (
        select(playlist.name, project, playlist.for_entity, playlist.created_at, playlist.shots)
        .outerjoin(m.Project, m.Project.id == playlist.project_id)
        .where(playlist.id == id)
    )
    return PlaylistHead(*(await session.execute(query)).one())


async def timezone_of(session: AsyncSession, person_id: UUID) -> str | None:
    """The time zone that somebody lives in, as they have set it."""
    zone: str | None = await session.scalar(select(m.Person.timezone).where(m.Person.id == person_id))
    return zone


def _last_comment(seen: Condition) -> Any:
    """The newest comment on a task, of those that the reader sees, and who wrote it."""
    author = aliased(m.Person)
    return (
        select(full_name(author).label("author"), m.Comment.created_at, m.Comment.text)
        .join(author, author.id == m.Comment.person_id)
        .where(m.Comment.object_id == m.Task.id, seen)
        .order_by(m.Comment.created_at.desc(), m.Comment.id)
        .limit(1)
        .correlate(m.Task)
        .lateral("said")
    )


def playlist_rows(shown: Sequence[Shown], seen: Condition, comments: Condition) -> Select[Any]:
    """The entities of a playlist that the reader sees (`seen`), with the task and the revision that are
    shown of each, and the newest of its comments that the reader sees (`comments`)."""
    ids = ARRAY(Uuid(as_uuid=True))
    columns = func.unnest(
        bindparam("entities", [item.entity_id for item in shown], type_=ids),
        bindparam("previews", [item.preview_id for item in shown], type_=ids),
    )
    listed = columns.table_valued("entity_id", "preview_id", with_ordinality="number").render_derived(
        "listed"
    )
    said = _last_comment(comments)
    preview, status = m.PreviewFile, m.TaskStatus
    of_entity = and_(m.Task.id == preview.task_id, m.Task.entity_id == m.Entity.id)
    return (
        select(
            full_name_of_entity(m.Entity.id),
            m.Entity.nb_frames,
            m.TaskType.name,
            m.Task.retake_count,
            case((m.Task.id.is_not(None), preview.revision)),
            status.name,
            said.c.author,
            said.c.created_at,
            said.c.text,
        )
        .select_from(listed)
        .join(m.Entity, m.Entity.id == listed.c.entity_id)
        .outerjoin(preview, preview.id == listed.c.preview_id)
        .outerjoin(m.Task, of_entity)
        .outerjoin(m.TaskType, m.TaskType.id == m.Task.task_type_id)
        .outerjoin(status, status.id == m.Task.task_status_id)
        .outerjoin(said, true())
        .where(seen)
        .order_by(listed.c.number)
    )
