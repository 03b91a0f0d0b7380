"""Queries on the time that people spend on a task."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import DayOff, Organisation, Person, TimeSpent
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import TIME_SPENT


@dataclass(frozen=True)
class Calendar:
    """A person's day."""

    is_off: bool
    """Whether they are off."""
    locked: bool
    """Whether the studio locks the timesheets of past weeks."""
    timezone: str | None
    """Where they work."""


class TaskTimeSpents:
    """Time spents, one row a task, person and day."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_task_json(self, task_id: UUID, day: dt.date | None = None) -> bytes:
        """The time spents of a task, of one day or of all, as a JSON array, oldest first."""
        query = select(*TIME_SPENT.columns().values()).where(TimeSpent.task_id == task_id)
        if day is not None:
            query = query.where(TimeSpent.date == day)
        return await json_array(self.session, query.order_by(TimeSpent.date, TimeSpent.created_at))

    async def calendar(self, person_id: UUID, day: dt.date) -> Calendar:
        """What there is to know about a person's day before time is noted on it."""
        off = exists().where(DayOff.person_id == person_id, DayOff.date <= day, DayOff.end_date >= day)
        locked = select(Organisation.timesheets_locked).order_by(Organisation.created_at).limit(1)
        zone = select(Person.timezone).where(Person.id == person_id)
        query = select(off, func.coalesce(locked.scalar_subquery(), False), zone.scalar_subquery())
        row = (await self.session.execute(query)).one()
        return Calendar(bool(row[0]), bool(row[1]), row[2])

    async def find(self, task_id: UUID, person_id: UUID, day: dt.date) -> TimeSpent | None:
        """What a person spent on a task on a day, locked; None when that is nothing."""
        query = select(TimeSpent).where(
            TimeSpent.task_id == task_id, TimeSpent.person_id == person_id, TimeSpent.date == day
        )
        return (await self.session.scalars(query.with_for_update())).first()

    async def put(
        self, task_id: UUID, person_id: UUID, day: dt.date, duration: float, *, add: bool
    ) -> tuple[UUID, bool]:
        """Set the minutes of a day, or add to them; the row's id, and whether it is new.

        Two requests at once end in one row.
        """
        values = {"task_id": task_id, "person_id": person_id, "date": day, "duration": duration}
        statement = insert(TimeSpent).values(values)
        total = TimeSpent.duration + statement.excluded.duration if add else statement.excluded.duration
        upsert = statement.on_conflict_do_update(
            constraint="time_spent_uc", set_={"duration": total, "updated_at": now()}
        )
        # A row that was inserted has never been locked or replaced: its xmax is 0.
        row: Any = (
            await self.session.execute(upsert.returning(TimeSpent.id, literal_column("xmax = 0")))
        ).one()
        return row[0], bool(row[1])

    async def delete(self, id: UUID) -> None:
        """Delete a time spent."""
        await self.session.execute(delete(TimeSpent).where(TimeSpent.id == id))

    async def mark_presence(self, person_id: UUID, day: dt.date) -> None:
        """Note that a person was there on a day; the last such day is kept."""
        # GREATEST ignores null
        last = func.greatest(Person.last_presence, day)
        change = update(Person).where(Person.id == person_id)
        await self.session.execute(change.values(last_presence=last, updated_at=now()))
