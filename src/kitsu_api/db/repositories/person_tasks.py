"""Tasks of people, with all that a list of work shows of them, as JSON that PostgreSQL writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, and_, bindparam, case, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, join

from kitsu_api.db import models as m
from kitsu_api.db import scopes
from kitsu_api.db.prepared import Statements, unseen
from kitsu_api.db.project_columns import EMPTY_OBJECT
from kitsu_api.db.projection import array_of, bracketed, json_array, moment
from kitsu_api.db.projections import TASK, TASK_LINKS
from kitsu_api.db.repositories.user_context import is_open

Condition = ColumnElement[bool]

HOLDER = aliased(m.Entity, name="holder")
"""What holds the entity of a task: a sequence, an episode, …"""
HOLDER_TYPE = aliased(m.EntityType, name="holder_type")
EPISODE = aliased(m.Entity, name="episode")


def _text(value: Any) -> ColumnElement[str]:
    """A value as text; empty where there is none."""
    return func.coalesce(cast(value, Text), "")


EPISODE_ID: ColumnElement[Any] = case(
    (HOLDER_TYPE.name == "Sequence", HOLDER.parent_id),
    (HOLDER_TYPE.name == "Episode", HOLDER.id),
    else_=m.Entity.source_id,
)
"""The episode that an entity belongs to: by its sequence, directly, or as the one it was made for."""


def is_done() -> Condition:
    """Tasks whose status ends them."""
    return m.Task.task_status_id.in_(select(m.TaskStatus.id).where(m.TaskStatus.is_done.is_(True)))


def awaits_feedback() -> Condition:
    """Tasks whose status asks for a look at them."""
    status = select(m.TaskStatus.id).where(m.TaskStatus.is_feedback_request.is_(True))
    return m.Task.task_status_id.in_(status)


def in_open_project() -> Condition:
    """Tasks of productions that run."""
    return m.Task.project_id.in_(select(m.Project.id).where(is_open()))


def of_person(person_id: UUID) -> Condition:
    """Tasks that somebody is assigned to."""
    return m.Task.id.in_(scopes.tasks_of(person_id))


def beside_tasks_of(person_id: UUID) -> Condition:
    """Tasks on the entities that somebody has to work on, in productions that run."""
    own = aliased(m.Task)
    done = select(m.TaskStatus.id).where(m.TaskStatus.is_done.is_(True))
    entities = select(own.entity_id).where(
        own.id.in_(scopes.tasks_of(person_id)), func.coalesce(own.task_status_id.not_in(done), True)
    )
    return and_(m.Task.entity_id.in_(entities), in_open_project())


def of_departments(departments: Sequence[UUID]) -> Condition:
    """Tasks whose type belongs to one of the departments."""
    types = select(m.TaskType.id).where(m.TaskType.department_id.in_(list(departments)))
    return m.Task.task_type_id.in_(types)


def _last_comment() -> ColumnElement[Any]:
    """Text, date and author of the newest comment; an empty object without one."""
    comment = aliased(m.Comment)
    card = func.json_build_object(
        "text",
        func.coalesce(comment.text, ""),
        "date",
        moment(comment.created_at),
        "person_id",
        comment.person_id,
    )
    newest = (
        select(card)
        .where(comment.object_id == m.Task.id)
        .order_by(comment.created_at.desc(), comment.id.desc())
        .limit(1)
        .correlate(m.Task)
        .scalar_subquery()
    )
    return func.coalesce(newest, EMPTY_OBJECT)


def _episode_name() -> ColumnElement[Any]:
    """Looked up for each row that is shown: as one more join it took a reading of all entities."""
    named = select(EPISODE.name).where(EPISODE.id == EPISODE_ID)
    return named.correlate(m.Entity, HOLDER, HOLDER_TYPE).scalar_subquery()


def columns(*, last_comment: bool = True, metadata: Any = None) -> dict[str, Any]:
    """What a list of work shows of a task; `metadata` stands for that of the entity."""
    found: dict[str, Any] = dict(TASK.columns())
    shown = {
        "project_name": m.Project.name,
        "project_has_avatar": m.Project.has_avatar,
        "entity_name": m.Entity.name,
        "entity_description": m.Entity.description,
        "entity_data": m.Entity.data if metadata is None else metadata,
        "entity_preview_file_id": _text(m.Entity.preview_file_id),
        "entity_source_id": _text(m.Entity.source_id),
        "entity_type_name": m.EntityType.name,
        "entity_canceled": m.Entity.canceled,
        "sequence_name": case((HOLDER_TYPE.name == "Sequence", HOLDER.name)),
        "episode_id": _text(EPISODE_ID),
        "episode_name": _episode_name(),
        "task_type_for_entity": m.TaskType.for_entity,
        "task_estimation": m.Task.estimation,
        "task_duration": m.Task.duration,
        "task_start_date": moment(m.Task.start_date),
        "task_due_date": moment(m.Task.due_date),
        "task_type_name": m.TaskType.name,
        "task_status_name": m.TaskStatus.name,
        "task_type_color": m.TaskType.color,
        "task_status_color": m.TaskStatus.color,
        "task_status_short_name": m.TaskStatus.short_name,
        "assignees": TASK_LINKS["assignees"].ids(m.Task.__table__.c.id),
    }
    if last_comment:
        shown["last_comment"] = _last_comment()
    found.update({name: value.label(name) for name, value in shown.items()})
    return found


def joined(query: Select[Any], of: Any = m.Task) -> Select[Any]:
    """A query on tasks, with all the tables that `columns` names; `of` is what the tasks are taken from."""
    return (
        query.select_from(of)
        .join(m.Project, m.Project.id == m.Task.project_id)
        .join(m.Entity, m.Entity.id == m.Task.entity_id)
        .join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
        .join(m.TaskType, m.TaskType.id == m.Task.task_type_id)
        .join(m.TaskStatus, m.TaskStatus.id == m.Task.task_status_id)
        .outerjoin(HOLDER, HOLDER.id == m.Entity.parent_id)
        .outerjoin(HOLDER_TYPE, HOLDER_TYPE.id == HOLDER.entity_type_id)
    )


@dataclass(frozen=True)
class Wanted:
    """Which of the tasks to check are asked for."""

    project_ids: Sequence[UUID] = ()
    task_type_ids: Sequence[UUID] = ()
    task_status_ids: Sequence[UUID] = ()
    person_ids: Sequence[UUID] = ()
    episode_ids: Sequence[UUID] = ()
    due_since: dt.datetime | None = None
    due_until: dt.datetime | None = None

    def conditions(self) -> list[Condition]:
        """The tasks that meet all of them."""
        found: list[Condition] = []
        for column, ids in (
            (m.Task.project_id, self.project_ids),
            (m.Task.task_type_id, self.task_type_ids),
            (m.Task.task_status_id, self.task_status_ids),
            (EPISODE_ID, self.episode_ids),
        ):
            if ids:
                found.append(column.in_(list(ids)))
        if self.person_ids:
            link = aliased(m.TaskPersonLink)
            found.append(m.Task.id.in_(select(link.task_id).where(link.person_id.in_(list(self.person_ids)))))
        if self.due_since is not None:
            found.append(m.Task.due_date >= self.due_since)
        if self.due_until is not None:
            found.append(m.Task.due_date <= self.due_until)
        return found


ORDERS: dict[str, list[Any]] = {
    "due_date": [m.Task.due_date.asc().nulls_last()],
    "priority": [m.Task.priority.desc().nulls_last()],
    "entity_name": [m.Entity.name.asc()],
    "estimation": [m.Task.estimation.desc().nulls_last()],
}
"""What lists of tasks may be sorted by."""


class PersonTasks:
    """What people have to do, have done, and have to look at; each list is one statement.

    `metadata` is what the reader may see of the metadata of entities; None stands for all of it.
    """

    def __init__(self, session: AsyncSession, metadata: ColumnElement[Any] | None = None) -> None:
        self.session = session
        self.metadata = metadata

    async def list_json(
        self,
        where: Sequence[Condition],
        *,
        order: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> bytes:
        """The tasks that meet all conditions; by due date, or as `order` says."""
        by = ORDERS.get(order or "due_date", ORDERS["due_date"])
        query = (
            joined(select(*columns(metadata=self.metadata).values())).where(*where).order_by(*by, m.Task.id)
        )
        if limit is not None:
            query = query.limit(limit).offset(offset)
        return await json_array(self.session, query)

    async def todo_json(self, person_id: UUID, seen: Sequence[Condition] = ()) -> bytes:
        """What somebody has to do in the productions that run."""
        return await self._of_person_json(person_id, done=False, seen=seen)

    async def done_json(self, person_id: UUID, seen: Sequence[Condition] = ()) -> bytes:
        """What somebody has done in the productions that run."""
        return await self._of_person_json(person_id, done=True, seen=seen)

    async def _of_person_json(self, person_id: UUID, *, done: bool, seen: Sequence[Condition]) -> bytes:
        if self.metadata is None and not seen:
            return bracketed(await _OF_PERSON(done).scalar(self.session, person_id=person_id))
        return await json_array(self.session, _tasks_of(person_id, done, self.metadata, seen))

    async def count(self, where: Sequence[Condition]) -> int:
        """How many tasks meet all conditions."""
        return int(await self.session.scalar(joined(select(func.count())).where(*where)) or 0)

    async def filter_values_json(self, where: Sequence[Condition]) -> bytes:
        """The ids by which a list of tasks can be narrowed, as one object of lists."""
        link = aliased(m.TaskPersonLink)
        found = (
            joined(
                select(
                    m.Task.id,
                    m.Task.project_id,
                    m.Task.task_type_id,
                    m.Task.task_status_id,
                    EPISODE_ID.label("episode_id"),
                )
            )
            .where(*where)
            .cte("found")
        )

        def ids(column: Any) -> ColumnElement[Any]:
            distinct = select(column.label("id")).where(column.is_not(None)).distinct().subquery()
            return func.coalesce(
                select(func.json_agg(distinct.c.id)).scalar_subquery(), func.json_build_array()
            )

        people = select(link.person_id.label("id")).join(found, found.c.id == link.task_id).distinct()
        person_ids = select(func.json_agg(people.subquery().c.id)).scalar_subquery()
        whole = func.json_build_object(
            "project_ids",
            ids(found.c.project_id),
            "task_type_ids",
            ids(found.c.task_type_id),
            "task_status_ids",
            ids(found.c.task_status_id),
            "episode_ids",
            ids(found.c.episode_id),
            "person_ids",
            func.coalesce(person_ids, func.json_build_array()),
        )
        text = await self.session.scalar(select(cast(whole, Text)))
        return str(text).encode()


def _tasks_of(person_id: Any, done: bool, metadata: Any, seen: Sequence[Condition]) -> Select[Any]:
    """What somebody has done, or has to do, in productions that run, by due date.

    Their tasks come first, as a table of their own: of so many joins PostgreSQL keeps the order that it is
    given, and would look up what belongs to every task before it asks whose it is.
    """
    link = aliased(m.TaskPersonLink)
    own = select(link.task_id).where(link.person_id == person_id).cte("own").prefix_with("MATERIALIZED")
    source = join(own, m.Task, m.Task.id == own.c.task_id)
    status = is_done() if done else ~is_done()
    query = joined(select(*columns(metadata=metadata).values()), source)
    return query.where(status, in_open_project(), *seen).order_by(*ORDERS["due_date"], m.Task.id)


_OF_PERSON = Statements(
    lambda done: array_of(_tasks_of(unseen(bindparam("person_id", type_=Uuid())), done, None, ()))
)
"""The tasks of a person for those who may read all metadata, done ones or those to do."""


def to_check(
    narrowed: Sequence[tuple[UUID, Sequence[UUID] | None]] | None,
) -> list[Condition]:
    """The tasks that somebody has to look at: of each production with the departments that narrow it
    (None: all departments); None for every production."""
    where = [awaits_feedback(), in_open_project()]
    if narrowed is None:
        return where
    parts = [
        m.Task.project_id == project_id
        if departments is None
        else and_(m.Task.project_id == project_id, of_departments(departments))
        for project_id, departments in narrowed
    ]
    return [*where, or_(*parts)] if parts else [*where, m.Task.id.is_(None)]
