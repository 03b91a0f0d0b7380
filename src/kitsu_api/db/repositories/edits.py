"""Queries on edits."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.projection import json_object
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories.entity_columns import metadata_for, name_of_entity, name_of_project
from kitsu_api.db.repositories.entity_lists import of_kind
from kitsu_api.db.repositories.task_cards import task_cards

SHOWN_OF_EDIT_TASK = (
    "id",
    "duration",
    "due_date",
    "entity_id",
    "end_date",
    "estimation",
    "last_comment_date",
    "last_preview_file_id",
    "nb_assets_ready",
    "priority",
    "real_start_date",
    "retake_count",
    "start_date",
    "task_status_id",
    "task_type_id",
    "data",
)
SHOWN_OF_EDIT = (
    "canceled",
    "description",
    "entity_type_id",
    "id",
    "name",
    "parent_id",
    "preview_file_id",
    "project_id",
    "source_id",
    "nb_entities_out",
    "type",
)


def tasks_on_edits_of(episode_id: UUID) -> ColumnElement[bool]:
    """Tasks on the edits of an episode."""
    edits = select(m.Entity.id).where(m.Entity.parent_id == episode_id, of_kind("Edit"))
    return m.Task.entity_id.in_(edits)


async def edit_json(
    session: AsyncSession,
    id: UUID,
    person_id: UUID,
    seen: ColumnElement[bool],
    departments: Collection[UUID] | None,
) -> bytes | None:
    """An edit with its tasks; `seen` narrows these, `departments` its metadata. None: no such edit."""
    columns: dict[str, Any] = dict(ENTITY.columns(fields=SHOWN_OF_EDIT))
    columns["data"] = metadata_for(departments)
    columns["episode_id"] = m.Entity.parent_id
    columns["episode_name"] = func.coalesce(name_of_entity(m.Entity.parent_id), literal("", Text))
    columns["project_name"] = name_of_project()
    columns["tasks"] = task_cards(SHOWN_OF_EDIT_TASK, person_id, seen)
    labelled = [column.label(name) for name, column in columns.items()]
    return await json_object(session, select(*labelled).where(m.Entity.id == id, of_kind("Edit")))
