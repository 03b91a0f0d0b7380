"""Years, months, weeks and days in paths, as spans of days."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from typing import Annotated

from fastapi import Depends, Path

from kitsu_api.db.repositories.person_time_spents import Period
from kitsu_api.errors import BadRequest
from kitsu_api.routers.dates import read_day

LAST_YEAR = 9998
"""The last year whose weeks end on days that can be written."""

Year = Annotated[str, Path(description="`2026`.")]
Month = Annotated[str, Path(description="`3` or `03`.")]
Week = Annotated[str, Path(description="Week of ISO 8601, from Monday to Sunday.")]
DayOfMonth = Annotated[str, Path(description="`2` or `02`.")]
DayText = Annotated[str, Path(description="`2026-03-02`.")]


def _number(text: str, largest: int) -> int:
    """A number of a path; paths that are no numbers would be taken for routes that don't exist.

    Raises:
        BadRequest: it is none from 1 to the largest.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= largest):
        raise BadRequest("Wrong date format.")
    return int(text)


def year_of(text: str) -> int:
    """A year that a path names.

    Raises:
        BadRequest: it is none, or none that can be counted with.
    """
    return _number(text, LAST_YEAR)


def month_of(year: str, month: str) -> Period:
    """The days of a month.

    Raises:
        BadRequest: there is no such month.
    """
    first = dt.date(year_of(year), _number(month, 12), 1)
    return Period(first, first.replace(day=monthrange(first.year, first.month)[1]))


async def _year(year: Year) -> Period:
    number = year_of(year)
    return Period(dt.date(number, 1, 1), dt.date(number, 12, 31))


async def _iso_year(year: Year) -> Period:
    number = year_of(year)
    next_year = dt.date.fromisocalendar(number + 1, 1, 1)
    return Period(dt.date.fromisocalendar(number, 1, 1), next_year - dt.timedelta(days=1))


async def _month(year: Year, month: Month) -> Period:
    return month_of(year, month)


async def _week(year: Year, week: Week) -> Period:
    numbers = year_of(year), _number(week, 53)
    try:
        return Period(dt.date.fromisocalendar(*numbers, 1), dt.date.fromisocalendar(*numbers, 7))
    except ValueError as error:
        raise BadRequest("Wrong date format: the year has no such week.") from error


async def _day(year: Year, month: Month, day: DayOfMonth) -> Period:
    numbers = year_of(year), _number(month, 12), _number(day, 31)
    try:
        date = dt.date(*numbers)
    except ValueError as error:
        raise BadRequest("Wrong date format: the month has no such day.") from error
    return Period(date, date)


async def _one_day(date: DayText) -> dt.date:
    return read_day(date)


InYear = Annotated[Period, Depends(_year)]
InIsoYear = Annotated[Period, Depends(_iso_year)]
InMonth = Annotated[Period, Depends(_month)]
InWeek = Annotated[Period, Depends(_week)]
OnDay = Annotated[Period, Depends(_day)]
OneDay = Annotated[dt.date, Depends(_one_day)]
