"""Queries on the time that people spend: by task, and in tables of people by period."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, extract, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db.models import DepartmentLink, Entity, EntityType, Person, Project, Task, TimeSpent
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import TIME_SPENT

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Period:
    """A span of days, both ends included."""

    first: dt.date
    last: dt.date


class Unit(StrEnum):
    """What the rows of a table stand for; weeks are those of ISO 8601."""

    YEAR = "year"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


def _within(period: Period) -> Condition:
    return TimeSpent.date.between(period.first, period.last)


class PersonTimeSpents:
    """Time spents that lie in a scope; durations are minutes."""

    def __init__(self, session: AsyncSession, scope: Condition) -> None:
        self.session = session
        self.scope = scope

    async def table(self, unit: Unit, period: Period | None = None) -> dict[str, dict[str, float]]:
        """The minutes of each person, by year, month, week or day: `{"6": {person_id: 800.0}}`."""
        name = extract(unit.value, TimeSpent.date)
        query = (
            select(name, TimeSpent.person_id, func.sum(TimeSpent.duration))
            .where(self.scope, TimeSpent.person_id.is_not(None))
            .group_by(literal_column("1"), TimeSpent.person_id)
            .order_by(literal_column("1"), TimeSpent.person_id)
        )
        if period is not None:
            query = query.where(_within(period))
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for row, person_id, minutes in (await self.session.execute(query)).all():
            found[str(int(row))][str(person_id)] = float(minutes)
        return found

    def _of(self, person_id: UUID, period: Period | None) -> list[Condition]:
        where = [self.scope, TimeSpent.person_id == person_id]
        return where if period is None else [*where, _within(period)]

    async def list_json(self, person_id: UUID, period: Period | None = None) -> bytes:
        """A person's time spents, oldest day first."""
        query = select(*TIME_SPENT.columns().values()).where(*self._of(person_id, period))
        return await json_array(
            self.session, query.order_by(TimeSpent.date, TimeSpent.created_at, TimeSpent.id)
        )

    async def with_tasks_json(self, person_id: UUID, period: Period | None = None) -> bytes:
        """A person's time spents, each with the production and type of its task, oldest day first."""
        query = (
            select(
                *TIME_SPENT.columns().values(),
                Task.project_id.label("project_id"),
                Task.task_type_id.label("task_type_id"),
            )
            .join(Task, Task.id == TimeSpent.task_id)
            .where(*self._of(person_id, period))
        )
        return await json_array(
            self.session, query.order_by(TimeSpent.date, TimeSpent.created_at, TimeSpent.id)
        )

    async def by_task_json(self, person_id: UUID, period: Period) -> bytes:
        """The minutes that a person spent on each task in a span of days, with where the task lies."""
        minutes = (
            select(TimeSpent.task_id.label("task_id"), func.sum(TimeSpent.duration).label("duration"))
            .where(*self._of(person_id, period))
            .group_by(TimeSpent.task_id)
            .subquery()
        )
        return await json_array(self.session, _named(minutes))


def _named(minutes: Any) -> Select[Any]:
    """Sums by task, with the names of the production and of what the task is on."""
    kind, holder, holder_kind = aliased(EntityType), aliased(Entity), aliased(EntityType)
    above, source = aliased(Entity), aliased(Entity)
    sequence = case((holder_kind.name == "Sequence", holder.name))
    episode = case((holder_kind.name == "Episode", holder.name), else_=func.coalesce(above.name, source.name))
    return (
        select(
            minutes.c.task_id,
            Task.task_type_id,
            Task.project_id,
            Project.name.label("project_name"),
            Entity.name.label("entity_name"),
            kind.name.label("entity_type_name"),
            sequence.label("sequence_name"),
            episode.label("episode_name"),
            minutes.c.duration,
        )
        .join(Task, Task.id == minutes.c.task_id)
        .join(Project, Project.id == Task.project_id)
        .join(Entity, Entity.id == Task.entity_id)
        .outerjoin(kind, kind.id == Entity.entity_type_id)
        .outerjoin(holder, holder.id == Entity.parent_id)
        .outerjoin(holder_kind, holder_kind.id == holder.entity_type_id)
        .outerjoin(above, above.id == holder.parent_id)
        .outerjoin(source, source.id == Entity.source_id)
        .order_by(Project.name, episode, sequence, Entity.name, minutes.c.task_id)
    )


async def departments_of(session: AsyncSession, person_id: UUID) -> frozenset[UUID] | None:
    """The departments of a person; None when there is no such person."""
    query = (
        select(DepartmentLink.department_id)
        .select_from(Person)
        .outerjoin(DepartmentLink, DepartmentLink.person_id == Person.id)
        .where(Person.id == person_id)
    )
    rows = (await session.scalars(query)).all()
    return frozenset(id for id in rows if id is not None) if rows else None


def in_departments(column: Any, departments: frozenset[UUID]) -> Condition:
    """Rows whose column names somebody of one of these departments."""
    people = select(DepartmentLink.person_id).where(DepartmentLink.department_id.in_(list(departments)))
    found: Condition = column.in_(people)
    return found
