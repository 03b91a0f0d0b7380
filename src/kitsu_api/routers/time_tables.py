"""The tables of the time that people spend, as sheets."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.export_csv import names_of_people
from kitsu_api.db.repositories.person_time_spents import Period, PersonTimeSpents, Unit
from kitsu_api.errors import BadRequest, Forbidden, Unauthorized, errors
from kitsu_api.routers.export_csv import ANSWER, CSV, CsvAnswer
from kitsu_api.routers.person_periods import InIsoYear, InMonth, InYear
from kitsu_api.routers.person_time_spents import Hours
from kitsu_api.services.csv_cells import sheet
from kitsu_api.services.export_csv import file_name
from kitsu_api.services.time_spents import time_table

router = APIRouter(
    prefix="/export/csv/time-spents",
    tags=["Import and export"],
    default_response_class=CsvAnswer,
    responses={**errors(BadRequest, Unauthorized, Forbidden), **ANSWER},
)


async def _sheet(
    session: Session,
    hours: PersonTimeSpents,
    unit: Unit,
    period: Period | None = None,
    span: Iterable[int] | None = None,
    of: str = "",
) -> Response:
    """A row a person, a column for each part of the period (None: the parts in which somebody worked)."""
    found = await hours.table(unit, period)
    rows = time_table(found, await names_of_people(session), span)
    name = file_name("time", unit.value, "table", of)
    return Response(
        sheet(rows), media_type=CSV, headers={"content-disposition": f"attachment; filename={name}"}
    )


@router.get(
    "/year-table.csv",
    operation_id="export_time_spents_year_table",
    summary="Export time spent by year and person",
)
async def export_year_table(session: Session, hours: Hours) -> Response:
    """The minutes that people spent, a column a year; artists get their own."""
    return await _sheet(session, hours, Unit.YEAR)


@router.get(
    "/month-table/{year}.csv",
    operation_id="export_time_spents_month_table",
    summary="Export time spent by month and person",
)
async def export_month_table(session: Session, hours: Hours, period: InYear) -> Response:
    """The minutes that people spent in a year, a column a month; artists get their own."""
    return await _sheet(session, hours, Unit.MONTH, period, range(1, 13), str(period.first.year))


@router.get(
    "/week-table/{year}.csv",
    operation_id="export_time_spents_week_table",
    summary="Export time spent by week and person",
)
async def export_week_table(session: Session, hours: Hours, period: InIsoYear) -> Response:
    """The minutes that people spent in a year, a column a week (ISO 8601); artists get their own."""
    year, weeks, _ = period.last.isocalendar()
    return await _sheet(session, hours, Unit.WEEK, period, range(1, weeks + 1), str(year))


@router.get(
    "/day-table/{year}/{month}.csv",
    operation_id="export_time_spents_day_table",
    summary="Export time spent by day and person",
)
async def export_day_table(session: Session, hours: Hours, period: InMonth) -> Response:
    """The minutes that people spent in a month, a column a day; artists get their own."""
    days = range(1, period.last.day + 1)
    return await _sheet(session, hours, Unit.DAY, period, days, f"{period.first:%Y-%m}")
