"""When people began to work at their desks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import DesktopLoginLog, Person
from kitsu_api.db.projections import DESKTOP_LOGIN_LOG
from kitsu_api.db.repositories.presence import presence
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.user_work import UserWork
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import managers
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.person_day_offs import KeptPerson
from kitsu_api.routers.person_periods import month_of
from kitsu_api.schemas.user_work import DesktopLoginLogRead, NewDesktopLoginLog
from kitsu_api.services import user_profile
from kitsu_api.services.presence import presence_sheet
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/data/persons", tags=["Persons"], responses=errors(BadRequest, Unauthorized, Forbidden)
)


async def _found(uow: Uow, person_id: UUID) -> Person:
    person = await Records(uow.session, Person).find(person_id)
    if person is None:
        raise NotFound
    return person


@router.get(
    "/presence-logs/{month_date}",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    operation_id="get_presence_logs",
    summary="Get presence in a month as CSV",
)
async def get_presence_logs(
    month_date: Annotated[str, Path(description="`2026-03`.")],
    session: Session,
    actor: Annotated[Actor, allow(managers)],
) -> Response:
    """Who began to work at their desk on which days of a month: a row a person, a column a day."""
    year, _, month = month_date.partition("-")
    period = month_of(year, month)
    sheet = presence_sheet(period, await presence(session, period))
    name = f"presence-logs-{period.first:%Y-%m}.csv"
    return Response(
        sheet, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.get(
    "/{person_id}/desktop-login-logs",
    response_model=list[DesktopLoginLogRead],
    responses=errors(NotFound),
    operation_id="list_desktop_login_logs_of_person",
    summary="List desktop sign-ins of a person",
)
async def list_desktop_login_logs(person_id: KeptPerson, session: Session) -> Response:
    """When a person began to work at their desk, newest first."""
    return json_response(await UserWork(session, person_id).desktop_login_logs_json())


@router.post(
    "/{person_id}/desktop-login-logs",
    status_code=201,
    response_model=DesktopLoginLogRead,
    responses=errors(NotFound),
    operation_id="create_desktop_login_log_of_person",
    summary="Note a desktop sign-in of a person",
)
async def create_desktop_login_log(person_id: KeptPerson, payload: NewDesktopLoginLog, uow: Uow) -> Response:
    """Note that a person began to work at their desk."""
    id = await user_profile.note_desktop_login(uow, await _found(uow, person_id), payload.date)
    row = await Records(uow.session, DesktopLoginLog).one_json(DESKTOP_LOGIN_LOG, id)
    assert row is not None
    return json_response(row, 201)
