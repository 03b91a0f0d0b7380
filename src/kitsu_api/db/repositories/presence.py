"""Queries on when people began to work at their desks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Date, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import DesktopLoginLog, Person
from kitsu_api.db.repositories.person_time_spents import Period

Presence = tuple[str, frozenset[int]]
"""Somebody's full name, and the days of the month on which they were there."""


async def presence(session: AsyncSession, period: Period) -> list[Presence]:
    """Who was there on which days of a month, by name: all active people, and those who were there."""
    day = cast(DesktopLoginLog.date, Date)
    moments = and_(
        DesktopLoginLog.person_id == Person.id,
        DesktopLoginLog.date >= period.first,
        DesktopLoginLog.date < period.last + dt.timedelta(days=1),
    )
    name: Any = func.trim(Person.first_name + " " + Person.last_name)
    query = (
        select(name, func.array_agg(day.distinct()))
        .select_from(Person)
        .outerjoin(DesktopLoginLog, moments)
        .where(
            Person.is_bot.is_(False),
            Person.is_guest.is_(False),
            or_(Person.active.is_(True), DesktopLoginLog.id.is_not(None)),
        )
        .group_by(Person.id)
        .order_by(func.lower(name), Person.id)
    )
    rows = (await session.execute(query)).all()
    return [(row[0], frozenset(at.day for at in row[1] if at is not None)) for row in rows]
