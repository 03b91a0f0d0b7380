"""Tasks of the productions that run: pages with their sums, sums by production, and how fast work ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, Text, cast, false, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.project_columns import EMPTY_OBJECT
from kitsu_api.db.projection import json_array
from kitsu_api.db.repositories.person_tasks import (
    HOLDER,
    Condition,
    columns,
    in_open_project,
    joined,
    of_departments,
    of_person,
)

RENAMED = {
    "task_type_name": "type_name",
    "task_status_name": "status_name",
    "task_type_color": "type_color",
    "task_status_color": "status_color",
    "task_status_short_name": "status_short_name",
}
"""What these lists call the columns of a list of work."""

LEFT_OUT = frozenset({"task_estimation", "task_duration", "task_start_date", "task_due_date"})
"""Columns of a list of work that say a second time what the task says."""

EMPTY_ARRAY = func.json_build_array()
DAY_FORMAT = "YYYY-MM-DD"


@dataclass(frozen=True)
class OpenTaskFilter:
    """Which open tasks are asked for; what is None does not narrow."""

    project_id: UUID | None = None
    task_status_id: UUID | None = None
    task_type_id: UUID | None = None
    person_id: UUID | None = None
    studio_id: UUID | None = None
    department_id: UUID | None = None
    start_date: dt.date | None = None
    """Only tasks that start on this day or later."""
    due_date: dt.date | None = None
    """Only tasks that are due on this day or earlier."""
    priority: int | None = None

    def conditions(self) -> list[Condition]:
        """The tasks of running productions that meet all of it."""
        found: list[Condition] = [in_open_project(), _complete()]
        for column, value in (
            (m.Task.project_id, self.project_id),
            (m.Task.task_status_id, self.task_status_id),
            (m.Task.task_type_id, self.task_type_id),
            (m.Task.priority, self.priority),
        ):
            if value is not None:
                found.append(column == value)
        if self.person_id is not None:
            found.append(of_person(self.person_id))
        if self.studio_id is not None:
            found.append(_of_studio(self.studio_id))
        if self.department_id is not None:
            found.append(of_departments([self.department_id]))
        if self.start_date is not None:
            found.append(m.Task.start_date >= dt.datetime.combine(self.start_date, dt.time.min))
        if self.due_date is not None:
            found.append(m.Task.due_date <= dt.datetime.combine(self.due_date, dt.time.max))
        return found


def _complete() -> Condition:
    """Tasks that have all that a list shows, so that sums and lists count the same."""
    refers = (m.Task.project_id, m.Task.entity_id, m.Task.task_type_id, m.Task.task_status_id)
    nothing: Condition = or_(false(), *(column.is_(None) for column in refers))
    return ~nothing


def _of_studio(studio_id: UUID) -> Condition:
    """Tasks that somebody of a studio is assigned to."""
    link, person = aliased(m.TaskPersonLink), aliased(m.Person)
    members = select(person.id).where(person.studio_id == studio_id)
    return m.Task.id.in_(select(link.task_id).where(link.person_id.in_(members)))


def _shown() -> list[Any]:
    return [
        column.label(RENAMED.get(name, name))
        for name, column in ((name, column.element) for name, column in columns(last_comment=False).items())
        if name not in LEFT_OUT
    ]


def _sum(column: Any) -> Any:
    return func.coalesce(func.sum(column), 0)


@dataclass(frozen=True)
class Place:
    """The tasks of a type in a production: how many, and where productions and types of these names stand."""

    rank: int
    project_id: UUID
    task_type_id: UUID
    amount: int


@dataclass(frozen=True)
class Slice:
    """The places that a page of the list lies in, and how many of their tasks come before it."""

    places: tuple[tuple[UUID, UUID], ...]
    offset: int

    @classmethod
    def of(cls, places: Sequence[Place], limit: int, offset: int) -> Slice:
        """The slice of a page. Places of one rank go together: their tasks are mixed in the list."""
        found: list[tuple[UUID, UUID]] = []
        before = skipped = 0
        for _, same in groupby(places, key=attrgetter("rank")):
            group = list(same)
            amount = sum(place.amount for place in group)
            if before + amount <= offset:
                skipped += amount
            elif before < offset + limit:
                found += [(place.project_id, place.task_type_id) for place in group]
            before += amount
        return cls(tuple(found), offset - skipped)


@dataclass(frozen=True)
class Sums:
    """What tasks come to: how many, and minutes spent and planned."""

    total: int
    total_duration: float
    total_estimation: float
    by_status: tuple[tuple[UUID, int], ...]
    by_place: tuple[Place, ...]
    """In the order of the list."""


def _sums(where: Sequence[Condition]) -> Select[Any]:
    """Rows by status, then rows by production and task type in the order of their names."""
    task, keys = m.Task, (m.Task.project_id, m.Task.task_type_id)
    found = (
        select(
            task.task_status_id,
            *keys,
            func.count().label("amount"),
            _sum(task.duration).label("duration"),
            _sum(task.estimation).label("estimation"),
        )
        .where(*where)
        .group_by(func.grouping_sets(tuple_(task.task_status_id), tuple_(*keys)))
        .subquery("found")
    )
    names = (m.Project.name, m.TaskType.name)
    return (
        select(found, func.dense_rank().over(order_by=names).label("rank"))
        .outerjoin(m.Project, m.Project.id == found.c.project_id)
        .outerjoin(m.TaskType, m.TaskType.id == found.c.task_type_id)
        .order_by(*names, found.c.task_status_id)
    )


class OpenTasks:
    """Queries on the tasks of running productions."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def page_json(self, where: Sequence[Condition], limit: int, part: Slice) -> bytes:
        """A page of tasks, by production, task type, type of entity, what holds it, and name. Only the tasks
        of the slice are put in order, so that no page costs more than another."""
        if not part.places:
            return b"[]"
        order = (m.Project.name, m.TaskType.name, m.EntityType.name, HOLDER.name, m.Entity.name, m.Task.id)
        ids = (
            select(m.Task.id)
            .join(m.Project, m.Project.id == m.Task.project_id)
            .join(m.TaskType, m.TaskType.id == m.Task.task_type_id)
            .join(m.Entity, m.Entity.id == m.Task.entity_id)
            .join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
            .outerjoin(HOLDER, HOLDER.id == m.Entity.parent_id)
            .where(tuple_(m.Task.project_id, m.Task.task_type_id).in_(part.places), *where)
        )
        # Two statements: in one, PostgreSQL joins all tasks to what only those of the page need.
        page = await self.session.scalars(ids.order_by(*order).limit(limit).offset(part.offset))
        query = joined(select(*_shown())).where(m.Task.id.in_(page.all())).order_by(*order)
        return await json_array(self.session, query)

    async def sums(self, where: Sequence[Condition]) -> Sums:
        """What all the tasks that meet the conditions come to, at one reading."""
        rows = (await self.session.execute(_sums(where))).all()
        totals = [row for row in rows if row.project_id is None]
        return Sums(
            sum(row.amount for row in totals),
            float(sum(row.duration for row in totals)),
            float(sum(row.estimation for row in totals)),
            tuple((row.task_status_id, row.amount) for row in totals),
            tuple(
                Place(row.rank, row.project_id, row.task_type_id, row.amount)
                for row in rows
                if row.project_id is not None
            ),
        )

    async def by_project_json(self, where: Sequence[Condition]) -> bytes:
        """What tasks come to, by production, and in it by task type and status; an object by production."""
        groups = self._groups(where).cte("groups")
        row = func.json_build_object(
            *(
                part
                for name in (
                    "task_status_id",
                    "task_type_id",
                    "project_id",
                    "amount",
                    "amount_done",
                    "total_duration",
                    "total_estimation",
                )
                for part in (name, groups.c[name])
            )
        )
        whole = (
            select(
                groups.c.project_id,
                func.json_build_object(
                    "amount",
                    func.sum(groups.c.amount),
                    "amount_done",
                    func.sum(groups.c.amount_done),
                    "total_duration",
                    func.sum(groups.c.total_duration),
                    "total_estimation",
                    func.sum(groups.c.total_estimation),
                    "task_types",
                    func.json_agg(row),
                ).label("sums"),
            )
            .group_by(groups.c.project_id)
            .subquery()
        )
        document = func.coalesce(func.json_object_agg(whole.c.project_id, whole.c.sums), EMPTY_OBJECT)
        return str(await self.session.scalar(select(cast(document, Text)))).encode()

    @staticmethod
    def _groups(where: Sequence[Condition]) -> Select[Any]:
        done = func.count().filter(m.TaskStatus.is_done.is_(True))
        keys = (m.Task.task_status_id, m.Task.task_type_id, m.Task.project_id)
        return (
            select(
                *keys,
                func.count().label("amount"),
                done.label("amount_done"),
                _sum(m.Task.duration).label("total_duration"),
                _sum(m.Task.estimation).label("total_estimation"),
            )
            .join(m.TaskStatus, m.TaskStatus.id == m.Task.task_status_id)
            .join(m.TaskType, m.TaskType.id == m.Task.task_type_id)
            .where(*where)
            .group_by(*keys, m.TaskType.name, m.TaskStatus.name)
            .order_by(m.TaskType.name, m.TaskStatus.name)
        )

    async def burndown_json(self, where: Sequence[Condition]) -> bytes:
        """How many tasks there are, minutes planned for them, their span, and what was done on which day."""
        day = cast(m.Task.done_date, Date)
        by_day = (
            select(
                day.label("date"),
                func.count().label("nb_done"),
                _sum(m.Task.estimation).label("estimation"),
            )
            .where(*where, m.Task.done_date.is_not(None))
            .group_by(day)
            .order_by(day)
            .subquery("by_day")
        )
        item = func.json_build_object(
            "date", by_day.c.date, "nb_done", by_day.c.nb_done, "estimation", by_day.c.estimation
        )
        days = select(func.coalesce(func.json_agg(item), EMPTY_ARRAY)).select_from(by_day).scalar_subquery()
        document = func.json_build_object(
            "total",
            func.count(),
            "total_estimation",
            _sum(m.Task.estimation),
            "start_date",
            func.to_char(func.min(m.Task.start_date), literal(DAY_FORMAT)),
            "end_date",
            func.to_char(func.max(m.Task.due_date), literal(DAY_FORMAT)),
            "done_by_day",
            days,
        )
        query = select(cast(document, Text)).select_from(m.Task).where(*where)
        return str(await self.session.scalar(query)).encode()
