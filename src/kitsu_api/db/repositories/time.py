"""Queries on time spent and days off."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import DayOff, TimeSpent


class DayOffRepository:
    """Days off."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

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
