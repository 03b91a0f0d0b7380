"""The time that people spend: tables of everybody, and the hours of one person."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.person_time_spents import (
    Period,
    PersonTimeSpents,
    Unit,
    departments_of,
)
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow, guard
from kitsu_api.permissions.policies.person_time_spents import TimedPerson, sees_time_of, visible_time
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.dates import read_days
from kitsu_api.routers.person_periods import InIsoYear, InMonth, InWeek, InYear, OnDay, OneDay
from kitsu_api.schemas.person_time_spents import TaskTime, TimeTable
from kitsu_api.schemas.time_spents import TimeSpentRead
from kitsu_api.schemas.user_work import TimeSpentOfTask

router = APIRouter(
    prefix="/data/persons", tags=["Persons"], responses=errors(BadRequest, Unauthorized, Forbidden)
)


async def _timed_person(person_id: UUID, session: Session) -> TimedPerson:
    departments = await departments_of(session, person_id)
    if departments is None:
        raise NotFound
    return TimedPerson(person_id, departments)


async def _hours(session: Session, actor: Annotated[Actor, allow(anyone)]) -> PersonTimeSpents:
    return PersonTimeSpents(session, visible_time(actor))


Hours = Annotated[PersonTimeSpents, Depends(_hours, scope="function")]
Timed = Annotated[TimedPerson, guard(_timed_person, sees_time_of)]
MISSING = errors(NotFound)


# --- everybody --------------------------------------------------------------------------------------


@router.get(
    "/time-spents/year-table",
    operation_id="get_time_spents_year_table",
    summary="Get time spent by year and person",
)
async def get_year_table(hours: Hours) -> TimeTable:
    """The minutes that people spent, by year; artists see their own."""
    return TimeTable.model_validate(await hours.table(Unit.YEAR))


@router.get(
    "/time-spents/month-table/{year}",
    operation_id="get_time_spents_month_table",
    summary="Get time spent by month and person",
)
async def get_month_table(hours: Hours, period: InYear) -> TimeTable:
    """The minutes that people spent in a year, by month; artists see their own."""
    return TimeTable.model_validate(await hours.table(Unit.MONTH, period))


@router.get(
    "/time-spents/week-table/{year}",
    operation_id="get_time_spents_week_table",
    summary="Get time spent by week and person",
)
async def get_week_table(hours: Hours, period: InIsoYear) -> TimeTable:
    """The minutes that people spent in the weeks of a year (ISO 8601); artists see their own."""
    return TimeTable.model_validate(await hours.table(Unit.WEEK, period))


@router.get(
    "/time-spents/day-table/{year}/{month}",
    operation_id="get_time_spents_day_table",
    summary="Get time spent by day and person",
)
async def get_day_table(hours: Hours, period: InMonth) -> TimeTable:
    """The minutes that people spent in a month, by day; artists see their own."""
    return TimeTable.model_validate(await hours.table(Unit.DAY, period))


# --- one person -------------------------------------------------------------------------------------


@router.get(
    "/{person_id}/time-spents",
    response_model=list[TimeSpentOfTask],
    responses=MISSING,
    operation_id="list_time_spents_of_person",
    summary="List time spent by a person",
)
async def list_time_spents(
    person: Timed,
    hours: Hours,
    start_date: Annotated[str | None, Query(description="First day, `2026-03-02`.")] = None,
    end_date: Annotated[str | None, Query(description="Last day.")] = None,
) -> Response:
    """The hours that a person has noted, of all days or of a range of them."""
    first, last = read_days(start_date, end_date)
    period = None if first is None or last is None else Period(first, last)
    return json_response(await hours.with_tasks_json(person.id, period))


@router.get(
    "/{person_id}/time-spents/day/{year}/{month}/{day}",
    response_model=list[TaskTime],
    responses=MISSING,
    operation_id="list_day_time_spents_of_person",
    summary="List time spent by a person on a day, by task",
)
async def list_day(person: Timed, hours: Hours, period: OnDay) -> Response:
    """What a person spent on each task on a day."""
    return json_response(await hours.by_task_json(person.id, period))


@router.get(
    "/{person_id}/time-spents/week/{year}/{week}",
    response_model=list[TaskTime],
    responses=MISSING,
    operation_id="list_week_time_spents_of_person",
    summary="List time spent by a person in a week, by task",
)
async def list_week(person: Timed, hours: Hours, period: InWeek) -> Response:
    """What a person spent on each task in a week."""
    return json_response(await hours.by_task_json(person.id, period))


@router.get(
    "/{person_id}/time-spents/month/all/{year}/{month}",
    response_model=list[TimeSpentRead],
    responses=MISSING,
    operation_id="list_all_month_time_spents_of_person",
    summary="List time spents of a person in a month",
)
async def list_all_of_month(person: Timed, hours: Hours, period: InMonth) -> Response:
    """The hours that a person has noted in a month, day by day."""
    return json_response(await hours.list_json(person.id, period))


@router.get(
    "/{person_id}/time-spents/month/{year}/{month}",
    response_model=list[TaskTime],
    responses=MISSING,
    operation_id="list_month_time_spents_of_person",
    summary="List time spent by a person in a month, by task",
)
async def list_month(person: Timed, hours: Hours, period: InMonth) -> Response:
    """What a person spent on each task in a month."""
    return json_response(await hours.by_task_json(person.id, period))


@router.get(
    "/{person_id}/time-spents/year/{year}",
    response_model=list[TaskTime],
    responses=MISSING,
    operation_id="list_year_time_spents_of_person",
    summary="List time spent by a person in a year, by task",
)
async def list_year(person: Timed, hours: Hours, period: InYear) -> Response:
    """What a person spent on each task in a year."""
    return json_response(await hours.by_task_json(person.id, period))


@router.get(
    "/{person_id}/time-spents/{date}",
    response_model=list[TimeSpentRead],
    responses=MISSING,
    operation_id="list_time_spents_of_person_on_day",
    summary="List time spents of a person on a day",
)
async def list_one_day(person: Timed, hours: Hours, day: OneDay) -> Response:
    """The hours that a person has noted for a day."""
    return json_response(await hours.list_json(person.id, Period(day, day)))
