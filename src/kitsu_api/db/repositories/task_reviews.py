"""Tasks that somebody hands in for a review."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db.projection import Projection, json_literal, json_object
from kitsu_api.db.repositories.full_tasks import row_json

TO_REVIEW = "to review"
"""Name, in lower case, of the status that studios had for this before statuses could ask for feedback."""


async def status_to_review(session: AsyncSession) -> m.TaskStatus | None:
    """The status that asks for a review: the one of that name, or else the first that asks for feedback."""
    named = func.lower(m.TaskStatus.name) == TO_REVIEW
    query = select(m.TaskStatus).where(
        or_(named, m.TaskStatus.is_feedback_request.is_(True)),
        m.TaskStatus.for_concept.is_not(True),
        m.TaskStatus.archived.is_not(True),
    )
    by = (named.desc(), m.TaskStatus.priority, m.TaskStatus.created_at)
    return (await session.scalars(query.order_by(*by).limit(1))).first()


async def review_json(
    session: AsyncSession,
    task_id: UUID,
    person_id: UUID,
    masked: Collection[str],
    said: dict[str, Any],
    metadata: ColumnElement[Any] | None = None,
) -> bytes | None:
    """A task with where it belongs, who hands it in, and what they say; None when there is no such task.

    `masked` are the columns of people that the reader may not see, `metadata` is what they may see of the
    entity's (None: all).
    """
    computed = {} if metadata is None else {"data": metadata}
    entity_type_id = select(m.Entity.entity_type_id).where(m.Entity.id == m.Task.entity_id)
    parts: dict[str, Any] = {
        "project": row_json(p.PROJECT, m.Task.project_id),
        "entity": row_json(Projection(m.Entity, "Entity", computed=computed), m.Task.entity_id),
        "entity_type": row_json(p.ENTITY_TYPE, entity_type_id.correlate(m.Task).scalar_subquery()),
        "person": row_json(p.PERSON, person_id, relations=True, masked=masked),
        **{name: json_literal(value) for name, value in said.items()},
    }
    labelled = [part.label(name) for name, part in parts.items()]
    return await json_object(
        session, select(*p.TASK.columns().values(), *labelled).where(m.Task.id == task_id)
    )
