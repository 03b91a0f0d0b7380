"""What admins do to accounts: invitations, passwords, departments, pictures."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from kitsu_api.db.models import Person
from kitsu_api.db.projections import PERSON
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, TooManyRequests, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import allow, guard
from kitsu_api.permissions.policies.person_accounts import own_or_admin
from kitsu_api.permissions.policies.persons import masked_of_people
from kitsu_api.permissions.policies.roles import admins
from kitsu_api.permissions.rate_limits import MAIL_OF_ACCOUNT, Limits
from kitsu_api.routers.auth import Desk
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.person_day_offs import existing_person
from kitsu_api.schemas import person_accounts as s
from kitsu_api.schemas.auth import Success
from kitsu_api.schemas.persons import PersonRead
from kitsu_api.services import person_accounts
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/actions/persons/{person_id}",
    tags=["Persons"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
)
Admin = Annotated[Actor, allow(admins)]
OwnPicture = Annotated[UUID, guard(existing_person, own_or_admin)]


@router.get(
    "/invite",
    responses=errors(TooManyRequests),
    operation_id="invite_person",
    summary="Invite a person by mail",
)
async def invite(person_id: UUID, actor: Admin, uow: Uow, limits: Limits) -> s.InvitationRead:
    """Mail somebody where to sign in; who has no password yet gets a link to choose one. Admins only."""
    await limits.by_account(MAIL_OF_ACCOUNT, f"invitation {person_id}")
    await person_accounts.invite(uow, person_id)
    return s.InvitationRead()


@router.post(
    "/change-password",
    operation_id="change_password_of_person",
    summary="Change the password of a person",
)
async def change_password(person_id: UUID, actor: Admin, desk: Desk, payload: s.GivenPassword) -> Success:
    """Set somebody's password and end their sessions. Admins only, and not that of another admin."""
    await person_accounts.give_password(
        desk, actor, person_id, payload.password.get_secret_value(), payload.password_2.get_secret_value()
    )
    return Success()


@router.post(
    "/reset-password-link",
    operation_id="create_reset_password_link",
    summary="Make a link to choose a password",
)
async def create_reset_password_link(
    person_id: UUID, actor: Admin, desk: Desk, response: Response
) -> s.ResetLinkRead:
    """A link with which somebody chooses a password, where mails don't arrive. Asking again gives the same
    link until it is used. Admins only, and not for another admin."""
    response.headers["Cache-Control"] = "no-store"
    return s.ResetLinkRead(reset_password_link=await person_accounts.make_reset_link(desk, actor, person_id))


@router.delete(
    "/clear-avatar",
    status_code=204,
    operation_id="clear_avatar_of_person",
    summary="Remove the picture of a person",
)
async def clear_avatar(person_id: OwnPicture, actor: CurrentActor, uow: Uow) -> Response:
    """Take a person's picture away: one's own, or, for admins, anybody's."""
    await person_accounts.clear_avatar(uow, actor, person_id)
    return Response(status_code=204)


@router.post(
    "/departments/add",
    status_code=201,
    response_model=PersonRead,
    operation_id="add_department_to_person",
    summary="Add a person to a department",
)
async def add_department(person_id: UUID, actor: Admin, uow: Uow, payload: s.NewDepartment) -> Response:
    """Let a person join a department; who is in it already stays. Admins only."""
    await person_accounts.add_department(uow, actor, person_id, payload.department_id)
    row = await Records(uow.session, Person).one_json(
        PERSON, person_id, relations=True, masked=masked_of_people(actor)
    )
    assert row is not None
    return json_response(row, 201)


@router.delete(
    "/departments/{department_id}",
    status_code=204,
    operation_id="remove_department_from_person",
    summary="Take a person out of a department",
)
async def remove_department(person_id: UUID, department_id: UUID, actor: Admin, uow: Uow) -> Response:
    """Take a person out of a department. Admins only."""
    await person_accounts.remove_department(uow, actor, person_id, department_id)
    return Response(status_code=204)
