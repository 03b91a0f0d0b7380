"""Days off: they don't overlap, and no time is spent on them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from kitsu_api.db.models import DayOff
from kitsu_api.db.repositories.time import DayOffRepository
from kitsu_api.errors import BadRequest
from kitsu_api.permissions.actor import Actor
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]


async def _claim(
    uow: UnitOfWork, person_id: UUID, first: dt.date, last: dt.date, besides: UUID | None = None
) -> None:
    """Make sure that the days are free of other days off, and free them of time spents.

    Raises:
        BadRequest: they end before they begin, or overlap another day off.
    """
    if last < first:
        raise BadRequest("A day off can't end before it begins: end_date must not be earlier than date.")
    days = DayOffRepository(uow.session)
    # two requests at once would both find the days free
    await days.wait_for_turn(person_id)
    if await days.overlaps(person_id, first, last, besides):
        raise BadRequest("Day off already exists for this period")
    await days.wipe_time_spents(person_id, first, last)


async def creating(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A day off ends on the day it begins, unless it says otherwise."""
    if values.get("end_date") is None:
        values["end_date"] = values["date"]
    person_id = values.setdefault("person_id", actor.id)
    if person_id is None:
        raise BadRequest("The 'person_id' field is required and cannot be None.")
    await _claim(uow, person_id, values["date"], values["end_date"])
    return values


async def updating(uow: UnitOfWork, actor: Actor, day_off: DayOff, values: Values) -> Values:
    """Moved days follow the same rules; a day off doesn't overlap itself."""
    first = values.get("date", day_off.date)
    last = values.get("end_date") or day_off.end_date or first
    if day_off.person_id is not None and ("date" in values or "end_date" in values):
        await _claim(uow, day_off.person_id, first, last, day_off.id)
    return values
