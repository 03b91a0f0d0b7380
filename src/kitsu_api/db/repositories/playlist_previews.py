"""What there is to watch of entities: their revisions, tasks to watch at once, previews on their way."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.entity_names import full_name
from kitsu_api.db.projection import json_array, wire
from kitsu_api.db.projections import PREVIEW_FILE

Condition = ColumnElement[bool]
Values = dict[str, Any]

UNFINISHED = ("processing", "broken")
"""Previews that are on their way, or got lost on it."""

ORIGINALS = ("original_width", "original_height", "original_duration", "original_file_size")
"""What `data` of a preview holds of the file that was sent."""


@dataclass(frozen=True)
class Revision:
    """A preview of an entity, as players show it."""

    entity_id: UUID
    task_type_id: UUID
    values: Values
    """Columns of the preview, by name."""


@dataclass(frozen=True)
class Watched:
    """An entity, with the names of what holds it; of a task, if it was asked for by one."""

    entity_id: UUID
    task_id: UUID | None
    name: str
    kind: str
    """Name of its type."""
    kind_id: UUID
    sequence: tuple[UUID, str] | None
    episode: tuple[UUID, str] | None
    """In productions that have episodes."""


def _original(name: str) -> ColumnElement[Any]:
    """A number out of `data`; null where it holds something else."""
    data = m.PreviewFile.data
    held = case((func.jsonb_typeof(data) == "object", data[name]))
    return held.label(name)


def _columns() -> list[ColumnElement[Any]]:
    file = m.PreviewFile
    shown: list[Any] = [
        *(file.id, file.revision, file.position, file.original_name, file.extension, file.width),
        *(file.height, file.duration, file.status, file.annotations, file.created_at, file.task_id),
    ]
    return [*(wire(column).label(column.key) for column in shown), *map(_original, ORIGINALS)]


async def revisions(session: AsyncSession, seen: Condition, *where: Condition) -> list[Revision]:
    """The previews that the reader sees (`seen`): newest revision first, files of one by their position."""
    file, task = m.PreviewFile, m.Task
    query = (
        select(task.entity_id, task.task_type_id, *_columns())
        .join(task, task.id == file.task_id)
        .where(seen, *where)
        .order_by(
            task.entity_id,
            task.task_type_id,
            file.revision.desc().nulls_last(),
            task.id,
            file.position.asc().nulls_last(),
            file.created_at,
        )
    )
    found = []
    for row in (await session.execute(query)).mappings():
        values = dict(row)
        found.append(Revision(values.pop("entity_id"), values.pop("task_type_id"), values))
    return found


def among(column: Any, ids: Collection[UUID]) -> Condition:
    """Rows whose column holds one of the ids: one parameter, however many there are."""
    found: Condition = column == any_(bindparam(None, list(ids), type_=ARRAY(Uuid(as_uuid=True))))
    return found


def of_entities(ids: Collection[UUID]) -> Condition:
    """Previews of these entities."""
    return among(m.Task.entity_id, ids)


def _watched() -> Any:
    """Entities with what holds them, and the production's kind."""
    holder, holder_kind, above = aliased(m.Entity), aliased(m.EntityType), aliased(m.Entity)
    return (
        select(
            m.Entity.id,
            m.Entity.name,
            m.EntityType.name.label("kind"),
            m.EntityType.id.label("kind_id"),
            holder.id.label("holder_id"),
            holder.name.label("holder_name"),
            holder_kind.name.label("holder_kind"),
            above.id.label("above_id"),
            above.name.label("above_name"),
            m.Project.production_type,
        )
        .join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
        .join(m.Project, m.Project.id == m.Entity.project_id)
        .outerjoin(holder, holder.id == func.coalesce(m.Entity.parent_id, m.Entity.source_id))
        .outerjoin(holder_kind, holder_kind.id == holder.entity_type_id)
        .outerjoin(above, above.id == holder.parent_id)
    )


def _read(row: Any, task_id: UUID | None = None) -> Watched:
    holder = None if row.holder_id is None else (row.holder_id, row.holder_name)
    in_sequence = row.holder_kind == "Sequence"
    episode = None
    if row.production_type == "tvshow":
        if row.holder_kind == "Episode":
            episode = holder
        elif row.above_id is not None:
            episode = (row.above_id, row.above_name)
    sequence = holder if in_sequence else None
    return Watched(row.id, task_id, row.name, row.kind, row.kind_id, sequence, episode)


async def watched_tasks(session: AsyncSession, project_id: UUID, ids: Collection[UUID]) -> list[Watched]:
    """The entities of these tasks of the production, one for each task."""
    query = (
        _watched()
        .add_columns(m.Task.id.label("task_id"))
        .join(m.Task, m.Task.entity_id == m.Entity.id)
        .where(among(m.Task.id, ids), m.Task.project_id == project_id)
    )
    return [_read(row, row.task_id) for row in (await session.execute(query)).all()]


async def watched_entities(session: AsyncSession, project_id: UUID, ids: Collection[UUID]) -> list[Watched]:
    """These entities, as far as they are of the production."""
    query = _watched().where(among(m.Entity.id, ids), m.Entity.project_id == project_id)
    return [_read(row) for row in (await session.execute(query)).all()]


async def unfinished_json(
    session: AsyncSession, seen: Condition, before: UUID | None, limit: int
) -> bytes | None:
    """Previews of the reader's productions that are not ready, newest first; after the one named `before`.

    None when there is no such preview.
    """
    file = m.PreviewFile
    query = (
        select(
            *PREVIEW_FILE.columns().values(),
            m.Task.project_id,
            m.Task.task_type_id,
            full_name(m.Task.entity_id).label("full_entity_name"),
        )
        .join(m.Task, m.Task.id == file.task_id)
        .where(seen, file.status.in_(UNFINISHED))
        .order_by(file.created_at.desc(), file.id.desc())
        .limit(limit)
    )
    if before is not None:
        last = (
            await session.execute(select(file.created_at, file.id).where(file.id == before))
        ).one_or_none()
        if last is None:
            return None
        query = query.where(tuple_(file.created_at, file.id) < tuple_(*last))
    return await json_array(session, query)


async def entities_with_tasks(session: AsyncSession, ids: Collection[UUID], own: Condition) -> set[UUID]:
    """Those of the entities that have a task which meets the condition."""
    if not ids:
        return set()
    query = select(m.Task.entity_id).where(among(m.Task.entity_id, ids), own)
    return {id for id in (await session.scalars(query.distinct())).all() if id is not None}
