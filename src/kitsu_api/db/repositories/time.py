"""Queries on time spent and days off."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import DayOff, TimeSpent
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import DAY_OFF
from kitsu_api.db.repositories.locks import lock
from kitsu_api.db.repositories.person_time_spents import Period
from kitsu_api.db.repositories.records import EVERYTHING


class DayOffRepository:
    """Days off; lists hold those that lie in a scope."""

    def __init__(self, session: AsyncSession, scope: ColumnElement[bool] = EVERYTHING) -> None:
        self.session = session
        self.scope = scope

    async def list_json(self, period: Period | None = None, person_id: UUID | None = None) -> bytes:
        """The days off that touch a span of days (None: all), of one person or of everybody."""
        query = select(*DAY_OFF.columns().values()).where(self.scope)
        if period is not None:
            query = query.where(DayOff.date <= period.last, DayOff.end_date >= period.first)
        if person_id is not None:
            query = query.where(DayOff.person_id == person_id)
        return await json_array(self.session, query.order_by(DayOff.date, DayOff.id))

    async def wait_for_turn(self, person_id: UUID) -> None:
        """Let nobody else note days off of this person until the transaction ends."""
        await lock(self.session, "day-offs", person_id)

    async def overlaps(
        self, person_id: UUID, first: dt.date, last: dt.date, besides: UUID | None = None
    ) -> bool:
        """Whether the person has another day off within these days, both counted."""
        clash = select(DayOff.id).where(
            DayOff.person_id == person_id, DayOff.date <= last, DayOff.end_date >= first
        )
        if besides is not None:
            clash = clash.where(DayOff.id != besides)
        return bool(await self.session.scalar(select(clash.exists())))

    async def wipe_time_spents(self, person_id: UUID, first: dt.date, last: dt.date) -> None:
        """Delete the time that the person noted on these days: nobody works on a day off."""
        await self.session.execute(
            delete(TimeSpent).where(
                TimeSpent.person_id == person_id, TimeSpent.date >= first, TimeSpent.date <= last
            )
        )
