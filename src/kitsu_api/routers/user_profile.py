"""The signed-in person's own picture, desk and chats."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Chat, DesktopLoginLog, Person
from kitsu_api.db.projections import CHAT, DESKTOP_LOGIN_LOG
from kitsu_api.db.repositories.chats import ChatRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.user_work import UserWork
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.places import OpenEntity
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.scopes import projects_of
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import user_work as s
from kitsu_api.services import chats, user_profile
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["User"], responses=errors(Unauthorized, Forbidden))
Caller = Annotated[Actor, allow(anyone)]


async def _self(session: Session, actor: Caller) -> Person:
    person = await Records(session, Person).find(actor.id)
    if person is None:
        raise Unauthorized
    return person


Self = Annotated[Person, Depends(_self, scope="function")]


@router.delete(
    "/actions/user/clear-avatar",
    status_code=204,
    operation_id="clear_avatar_of_user",
    summary="Remove the picture of the user",
)
async def clear_avatar(person: Self, uow: Uow) -> Response:
    """Take the caller's picture away."""
    await user_profile.clear_avatar(uow, person)
    return Response(status_code=204)


@router.get(
    "/data/user/desktop-login-logs",
    response_model=list[s.DesktopLoginLogRead],
    operation_id="list_desktop_login_logs_of_user",
    summary="List desktop sign-ins of the user",
)
async def list_desktop_login_logs(session: Session, actor: Caller) -> Response:
    """When the caller began to work at their desk, newest first."""
    return json_response(await UserWork(session, actor.id).desktop_login_logs_json())


@router.post(
    "/data/user/desktop-login-logs",
    status_code=201,
    response_model=s.DesktopLoginLogRead,
    responses=errors(BadRequest),
    operation_id="create_desktop_login_log_of_user",
    summary="Note a desktop sign-in of the user",
)
async def create_desktop_login_log(payload: s.NewDesktopLoginLog, person: Self, uow: Uow) -> Response:
    """Note that the caller began to work at their desk."""
    id = await user_profile.note_desktop_login(uow, person, payload.date)
    row = await Records(uow.session, DesktopLoginLog).one_json(DESKTOP_LOGIN_LOG, id)
    assert row is not None
    return json_response(row, 201)


@router.get(
    "/data/user/chats",
    response_model=list[s.ChatOfUser],
    operation_id="list_chats_of_user",
    summary="List chats of the user",
)
async def list_chats(session: Session, actor: Caller) -> Response:
    """The chats that the caller takes part in, those with the newest messages first."""
    return json_response(await ChatRepository(session).of_person_json(actor.id, projects_of(actor)))


@router.post(
    "/actions/user/chats/{entity_id}/join",
    response_model=s.JoinedChat,
    responses=errors(NotFound),
    operation_id="join_chat",
    summary="Join the chat of an entity",
)
async def join_chat(place: OpenEntity, uow: Uow, actor: Caller) -> Response:
    """Let the caller take part in the chat of an entity."""
    id = await chats.join(uow, actor, place)
    row = await Records(uow.session, Chat).one_json(CHAT, id, relations=False)
    assert row is not None
    return json_response(row)


@router.delete(
    "/actions/user/chats/{entity_id}/join",
    status_code=204,
    responses=errors(NotFound),
    operation_id="leave_chat",
    summary="Leave the chat of an entity",
)
async def leave_chat(place: OpenEntity, uow: Uow, actor: Caller) -> Response:
    """Let the caller take part in the chat of an entity no more."""
    await chats.leave(uow, actor, place)
    return Response(status_code=204)
