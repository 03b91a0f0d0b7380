"""Days off: those of one person, and those of everybody in a year or a month."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import DayOff, Person
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.time import DayOffRepository
from kitsu_api.db.repositories.user_work import UserWork
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow, guard
from kitsu_api.permissions.policies.person_day_offs import own_or_managing
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.scopes import own_or_managed
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.person_periods import InMonth, InWeek, InYear, OneDay
from kitsu_api.schemas.time_spents import DayOffRead
from kitsu_api.schemas.user_work import DayOffOrNone

router = APIRouter(
    prefix="/data/persons", tags=["Persons"], responses=errors(BadRequest, Unauthorized, Forbidden)
)


async def existing_person(person_id: UUID, session: Session) -> UUID:
    """The id of a person.

    Raises:
        NotFound: there is none.
    """
    if not await Records(session, Person).exists(Person.id == person_id):
        raise NotFound
    return person_id


async def _days_off(session: Session, actor: Annotated[Actor, allow(anyone)]) -> DayOffRepository:
    return DayOffRepository(session, own_or_managed(DayOff.person_id)(actor))


DaysOff = Annotated[DayOffRepository, Depends(_days_off, scope="function")]
KeptPerson = Annotated[UUID, guard(existing_person, own_or_managing)]
MISSING = errors(NotFound)


@router.get(
    "/day-offs/{year}",
    response_model=list[DayOffRead],
    operation_id="list_day_offs_of_year",
    summary="List days off in a year",
)
async def list_of_year(days: DaysOff, period: InYear) -> Response:
    """Everybody's days off that touch a year; artists and supervisors see their own."""
    return json_response(await days.list_json(period))


@router.get(
    "/day-offs/{year}/{month}",
    response_model=list[DayOffRead],
    operation_id="list_day_offs_of_month",
    summary="List days off in a month",
)
async def list_of_month(days: DaysOff, period: InMonth) -> Response:
    """Everybody's days off that touch a month; artists and supervisors see their own."""
    return json_response(await days.list_json(period))


@router.get(
    "/{person_id}/day-offs",
    response_model=list[DayOffRead],
    responses=MISSING,
    operation_id="list_day_offs_of_person",
    summary="List days off of a person",
)
async def list_of_person(person_id: KeptPerson, days: DaysOff) -> Response:
    """All days off of a person."""
    return json_response(await days.list_json(person_id=person_id))


@router.get(
    "/{person_id}/day-offs/week/{year}/{week}",
    response_model=list[DayOffRead],
    responses=MISSING,
    operation_id="list_week_day_offs_of_person",
    summary="List days off of a person in a week",
)
async def list_week(person_id: KeptPerson, days: DaysOff, period: InWeek) -> Response:
    """A person's days off that touch a week."""
    return json_response(await days.list_json(period, person_id))


@router.get(
    "/{person_id}/day-offs/month/{year}/{month}",
    response_model=list[DayOffRead],
    responses=MISSING,
    operation_id="list_month_day_offs_of_person",
    summary="List days off of a person in a month",
)
async def list_month(person_id: KeptPerson, days: DaysOff, period: InMonth) -> Response:
    """A person's days off that touch a month."""
    return json_response(await days.list_json(period, person_id))


@router.get(
    "/{person_id}/day-offs/year/{year}",
    response_model=list[DayOffRead],
    responses=MISSING,
    operation_id="list_year_day_offs_of_person",
    summary="List days off of a person in a year",
)
async def list_year(person_id: KeptPerson, days: DaysOff, period: InYear) -> Response:
    """A person's days off that touch a year."""
    return json_response(await days.list_json(period, person_id))


@router.get(
    "/{person_id}/day-offs/{date}",
    response_model=DayOffOrNone,
    responses=MISSING,
    operation_id="get_day_off_of_person",
    summary="Get a day off of a person",
)
async def get_one(person_id: KeptPerson, day: OneDay, session: Session) -> Response:
    """The day off of a person that this day lies in; an empty object when they work."""
    return json_response(await UserWork(session, person_id).day_off_json(day) or b"{}")
