"""What reports count: one statement each, however many tasks there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
    values,
)
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Comment, Department, Entity, Task, TaskStatus, TaskType, TimeSpent

MONDAY = dt.date(1900, 1, 1)
"""A Monday before all days that reports are about."""

LONGEST_WORK = dt.timedelta(days=3660)
"""How long the work on a task may be planned to take; what is said to begin earlier is cut off."""


@dataclass(frozen=True)
class Question:
    """Which tasks a report counts, and when. `end` is the day after the last period."""

    project_id: UUID
    step: str
    periods: tuple[dt.date, ...]
    end: dt.date
    department_ids: Sequence[UUID] = ()
    task_type_ids: Sequence[UUID] = ()

    @property
    def first(self) -> dt.date:
        """The first day."""
        return self.periods[0]


@dataclass(frozen=True)
class Figure:
    """Two numbers of one group in one period; what they are, each query says."""

    period: dt.date
    department_id: UUID | None
    department: str | None
    number: float
    other: float


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())


def weekdays_before(day: ColumnElement[Any]) -> ColumnElement[int]:
    """How many days from Monday to Friday there were since 1900, `day` not included."""
    # PostgreSQL's difference of two days is a number of days
    days = type_coerce(cast(day, Date) - literal(MONDAY, Date), Integer)
    return days // 7 * 5 + func.least(days % 7, 5)


class ReportFigures:
    """The numbers of a report."""

    def __init__(self, session: AsyncSession, question: Question) -> None:
        self.session = session
        self.question = question
        self._first, self._end = _midnight(question.first), _midnight(question.end)

    def _period(self, moment: ColumnElement[Any]) -> ColumnElement[dt.date]:
        """The first day of the period of a moment; what was earlier counts as the first one's."""
        shown = func.greatest(moment, literal(self._first))
        return cast(func.date_trunc(literal(self.question.step, String), shown), Date)

    def _tasks(self) -> list[ColumnElement[bool]]:
        """The tasks that the report is about; those of what was cancelled are none."""
        asked = self.question
        found: list[ColumnElement[bool]] = [
            Task.project_id == asked.project_id,
            Entity.canceled.is_not(True),
        ]
        if asked.department_ids:
            found.append(TaskType.department_id.in_(list(asked.department_ids)))
        if asked.task_type_ids:
            found.append(TaskType.id.in_(list(asked.task_type_ids)))
        return found

    def _of_tasks(self, *columns: Any) -> Select[Any]:
        return (
            select(*columns)
            .select_from(Task)
            .join(Entity, Entity.id == Task.entity_id)
            .join(TaskType, TaskType.id == Task.task_type_id)
            .outerjoin(Department, Department.id == TaskType.department_id)
            .where(*self._tasks())
        )

    async def _figures(self, query: Any) -> list[Figure]:
        return [
            Figure(period, id, name, float(number or 0), float(other or 0))
            for period, id, name, number, other in (await self.session.execute(query)).all()
        ]

    async def burndown(self) -> list[Figure]:
        """How many more tasks, and minutes of their estimations, there are to do with each period; the first
        one has all that came before."""
        tasks = (
            self._of_tasks(Task.created_at, _finished().label("finished"), Task.estimation)
            .join(TaskStatus, TaskStatus.id == Task.task_status_id)
            .cte("tasks")
        )
        parts = []
        for moment, sign in ((tasks.c.created_at, 1), (tasks.c.finished, -1)):
            minutes = func.coalesce(func.sum(tasks.c.estimation), 0)
            parts.append(
                select(
                    self._period(moment).label("period"),
                    (func.count() * sign).label("number"),
                    (minutes * sign).label("other"),
                )
                .where(moment < self._end)
                .group_by("period")
            )
        both = union_all(*parts).subquery("both")
        nobody = literal(None, Department.id.type), literal(None, String)
        query = select(both.c.period, *nobody, func.sum(both.c.number), func.sum(both.c.other))
        return await self._figures(query.group_by(both.c.period).order_by(both.c.period))

    async def velocity(self) -> list[Figure]:
        """How many tasks were finished, and the minutes of their estimations."""
        period = self._period(_finished()).label("period")
        query = (
            self._of_tasks(
                period,
                Department.id,
                Department.name,
                func.count(),
                func.sum(func.coalesce(Task.estimation, 0)),
            )
            .join(TaskStatus, TaskStatus.id == Task.task_status_id)
            .where(_finished() >= self._first, _finished() < self._end)
        )
        return await self._figures(query.group_by("period", Department.id, Department.name))

    async def retakes(self) -> list[Figure]:
        """How often work was sent back, and how often it was judged at all: sent back, or accepted.

        Only changes of status count: what is said to a task that waits for its retake is none.
        """
        before = func.lag(Comment.task_status_id).over(
            partition_by=Comment.object_id, order_by=(Comment.created_at, Comment.id)
        )
        said = (
            self._of_tasks(
                Department.id.label("department_id"),
                Department.name.label("department"),
                Comment.created_at,
                Comment.task_status_id,
                before.label("before"),
            )
            .join(Comment, Comment.object_id == Task.id)
            .where(Comment.created_at < self._end)
            .subquery("said")
        )
        sent_back = TaskStatus.is_retake.is_(True)
        period = self._period(said.c.created_at).label("period")
        query = (
            select(
                period,
                said.c.department_id,
                said.c.department,
                func.count().filter(sent_back),
                func.count(),
            )
            .join(TaskStatus, TaskStatus.id == said.c.task_status_id)
            .where(
                said.c.created_at >= self._first,
                said.c.task_status_id.is_distinct_from(said.c.before),
                or_(sent_back, TaskStatus.is_done.is_(True)),
            )
        )
        return await self._figures(query.group_by("period", said.c.department_id, said.c.department))

    async def workload(self) -> list[Figure]:
        """Minutes of work that are planned, and minutes that were noted as spent.

        An estimation is spread evenly over the weekdays from a task's start to its due date, both included.
        """
        planned, spent = self._planned(), self._spent()
        both = union_all(planned, spent).subquery("both")
        groups = both.c.period, both.c.department_id, both.c.department
        query = select(*groups, func.sum(both.c.planned), func.sum(both.c.spent)).group_by(*groups)
        return await self._figures(query)

    def _planned(self) -> Select[Any]:
        asked = self.question
        ends = [*asked.periods[1:], asked.end]
        periods = values(column("start", Date), column("stop", Date), name="periods").data(
            list(zip(asked.periods, ends, strict=True))
        )
        due = cast(Task.due_date, Date)
        start = func.greatest(cast(Task.start_date, Date), due - LONGEST_WORK.days)
        after = due + 1
        whole = weekdays_before(after) - weekdays_before(start)
        shown_start, shown_after = func.greatest(start, periods.c.start), func.least(after, periods.c.stop)
        part = weekdays_before(shown_after) - weekdays_before(shown_start)
        # work of a weekend alone is the period's that it begins in
        alone = case((and_(start >= periods.c.start, start < periods.c.stop), 1.0), else_=0.0)
        share = case((whole > 0, part * 1.0 / func.nullif(whole, 0)), else_=alone)
        return (
            self._of_tasks(
                periods.c.start.label("period"),
                Department.id.label("department_id"),
                Department.name.label("department"),
                (Task.estimation * share).label("planned"),
                literal(0.0).label("spent"),
            )
            .join(periods, and_(start < periods.c.stop, after > periods.c.start))
            .where(Task.estimation > 0, Task.start_date <= Task.due_date)
            .where(Task.start_date < self._end, Task.due_date >= self._first)
        )

    def _spent(self) -> Select[Any]:
        period = self._period(cast(TimeSpent.date, Task.start_date.type)).label("period")
        return (
            self._of_tasks(period, Department.id, Department.name, literal(0.0), TimeSpent.duration)
            .join(TimeSpent, TimeSpent.task_id == Task.id)
            .where(TimeSpent.date >= self.question.first, TimeSpent.date < self.question.end)
        )


def _finished() -> ColumnElement[dt.datetime | None]:
    """When a task was finished; null while it is not. Databases from elsewhere may lack the day."""
    day = func.coalesce(Task.done_date, Task.end_date, Task.updated_at)
    return case((TaskStatus.is_done.is_(True), day), else_=None)
