"""Queries on what a production has noted of its time: milestones, days off, time spent."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import DayOff, Milestone, ProjectPersonLink, Task, TimeSpent
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import DAY_OFF, TIME_SPENT


class ProjectRecords:
    """The time of one production; days are counted in, an open end reaches as far as there is anything."""

    def __init__(self, session: AsyncSession, project_id: UUID) -> None:
        self.session = session
        self.project_id = project_id

    async def milestones_json(self) -> bytes:
        """The milestones, by day."""
        columns: tuple[Any, ...] = (
            Milestone.id,
            Milestone.date,
            Milestone.name,
            Milestone.project_id,
            Milestone.task_type_id,
        )
        query = (
            select(*columns)
            .where(Milestone.project_id == self.project_id)
            .order_by(Milestone.date, Milestone.created_at, Milestone.id)
        )
        return await json_array(self.session, query)

    async def days_off_json(self, first: dt.date | None, last: dt.date | None) -> bytes:
        """The days off of the team that touch a span of days, by person."""
        team = select(ProjectPersonLink.person_id).where(ProjectPersonLink.project_id == self.project_id)
        query = select(*DAY_OFF.columns().values()).where(DayOff.person_id.in_(team))
        if first is not None:
            query = query.where(DayOff.end_date >= first)
        if last is not None:
            query = query.where(DayOff.date <= last)
        return await self._by_person(query)

    async def time_spents_json(self) -> bytes:
        """All time spent on the production, by day."""
        query = self._time_spents(Task.project_id == self.project_id)
        return await json_array(self.session, query.order_by(TimeSpent.date, TimeSpent.created_at))

    async def time_spents_by_person_json(
        self, task_type_id: UUID, first: dt.date | None, last: dt.date | None
    ) -> bytes:
        """The time spent on tasks of one type in a span of days, by person."""
        query = self._time_spents(Task.project_id == self.project_id, Task.task_type_id == task_type_id)
        if first is not None:
            query = query.where(TimeSpent.date >= first)
        if last is not None:
            query = query.where(TimeSpent.date <= last)
        return await self._by_person(query)

    @staticmethod
    def _time_spents(*of_tasks: Any) -> Select[Any]:
        tasks = select(Task.id).where(*of_tasks)
        return select(*TIME_SPENT.columns().values()).where(TimeSpent.task_id.in_(tasks))

    async def _by_person(self, query: Select[Any]) -> bytes:
        """Rows with a `person_id` and a `date` as a JSON object: lists by person, the latest day first."""
        row = query.subquery("row")
        days = func.json_agg(literal_column('row_to_json("row") ORDER BY "row".date DESC'))
        people = select(cast(row.c.person_id, Text).label("id"), days.label("days")).select_from(row)
        people = people.where(row.c.person_id.is_not(None)).group_by(row.c.person_id)
        each = people.subquery("person")
        document = cast(func.json_object_agg(each.c.id, each.c.days), Text)
        text: str | None = await self.session.scalar(select(document).select_from(each))
        return (text or "{}").encode()
