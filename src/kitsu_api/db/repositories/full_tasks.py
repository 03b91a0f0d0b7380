"""A task with all that it refers to, as one JSON object in one statement."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db.prepared import Statements
from kitsu_api.db.projection import Projection, json_object, object_of
from kitsu_api.db.repositories.user_context import rows


def row_json(projection: Projection, id: Any, **shape: Any) -> ColumnElement[Any]:
    """The row that an id names, as a JSON object."""
    columns = projection.columns(**shape)
    pairs = [part for name, column in columns.items() for part in (literal(name, Text), column)]
    model: Any = projection.model
    return (
        select(func.json_build_object(*pairs)).where(model.id == id).correlate_except(model).scalar_subquery()
    )


_SUBSCRIPTION, _LINK = aliased(m.Subscription), aliased(m.TaskPersonLink)


@cache
def _surroundings() -> dict[str, Any]:
    """What a task refers to and everybody may see who sees the task."""
    entity_type_id = select(m.Entity.entity_type_id).where(m.Entity.id == m.Task.entity_id)
    return {
        "entity_type": row_json(p.ENTITY_TYPE, entity_type_id.correlate(m.Task).scalar_subquery()),
        "project": row_json(p.PROJECT, m.Task.project_id),
        "task_status": row_json(p.TASK_STATUS, m.Task.task_status_id),
        "task_type": row_json(p.TASK_TYPE, m.Task.task_type_id),
    }


async def full_task_json(
    session: AsyncSession,
    id: UUID,
    person_id: UUID,
    masked: Collection[str],
    metadata: ColumnElement[Any] | None = None,
) -> bytes | None:
    """A task; `masked` are the columns of people that the reader may not see, `metadata` what they may see
    of the entity's, when that is not all. None when there is none."""
    if metadata is None:
        text = await _FULL(frozenset(masked)).scalar(session, id=id, person_id=person_id)
        return None if text is None else str(text).encode()
    return await json_object(session, _full_task(id, person_id, masked, metadata))


def _full_task(
    id: Any, person_id: Any, masked: Collection[str], metadata: ColumnElement[Any] | None
) -> Select[Any]:
    computed = {} if metadata is None else {"data": metadata}
    subscribed = select(_SUBSCRIPTION.id).where(
        _SUBSCRIPTION.task_id == m.Task.id, _SUBSCRIPTION.person_id == person_id
    )
    assignees = select(_LINK.person_id).where(_LINK.task_id == id)
    people = select(*p.PERSON.columns(masked=masked).values()).where(m.Person.id.in_(assignees))
    # 40 columns and more: each row is an object of its own, since a function takes 100 arguments
    parts: dict[str, Any] = {
        "entity": row_json(Projection(m.Entity, "Entity", computed=computed), m.Task.entity_id),
        "is_subscribed": subscribed.exists(),
        "persons": rows(people.order_by(m.Person.first_name, m.Person.id)),
        "assigner": row_json(p.PERSON, m.Task.assigner_id, relations=True, masked=masked),
    }
    columns = p.TASK.columns(relations=True).values()
    labelled = [part.label(name) for name, part in (_surroundings() | parts).items()]
    return select(*columns, *labelled).where(m.Task.id == id)


_FULL = Statements(
    lambda masked: object_of(
        _full_task(bindparam("id", type_=Uuid()), bindparam("person_id", type_=Uuid()), masked, None)
    )
)
"""A task as those see it who may read all metadata, by the columns of people that they may not see."""
