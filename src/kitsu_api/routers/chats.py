"""Conversations beside an entity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Chat, ChatMessage
from kitsu_api.db.projections import CHAT, CHAT_MESSAGE
from kitsu_api.db.repositories.chats import ChatRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings, CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.places import OpenEntity, Place
from kitsu_api.routers.comment_bodies import body_of, check_size, read_body, uploads, validated
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.storage import Storage
from kitsu_api.schemas import chats as s
from kitsu_api.services import chats as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Chats"], responses=errors(Unauthorized, Forbidden, NotFound))


async def _message(place: OpenEntity, chat_message_id: UUID, session: Session) -> tuple[Place, ChatMessage]:
    message = await ChatRepository(session).find_message(place.id, chat_message_id)
    if message is None:
        raise NotFound
    return place, message


def _own(actor: Actor, found: tuple[Place, ChatMessage]) -> bool:
    """Whether the caller wrote the message, or runs the production."""
    place, message = found
    return message.person_id == actor.id or actor.manages(place.project_id)


Message = Annotated[tuple[Place, ChatMessage], Depends(_message, scope="function")]
OwnMessage = Annotated[tuple[Place, ChatMessage], guard(_message, _own)]


@router.get(
    "/data/entities/{entity_id}/chat",
    response_model=s.ChatWithMessages,
    operation_id="get_chat_of_entity",
    summary="Get the chat of an entity",
)
async def get_chat(place: OpenEntity, uow: Uow) -> Response:
    """The chat of an entity, made when there is none, with who takes part."""
    chat = await ChatRepository(uow.session).of_entity(place.id)
    row = await Records(uow.session, Chat).one_json(CHAT, chat.id, relations=True)
    assert row is not None
    return json_response(row[:-1] + b',"messages":[]}')


@router.get(
    "/data/entities/{entity_id}/chat/messages",
    response_model=list[s.EntityChatMessage],
    operation_id="list_chat_messages_of_entity",
    summary="List messages of the chat of an entity",
)
async def list_messages(place: OpenEntity, session: Session) -> Response:
    """The messages of the chat of an entity, oldest first."""
    return json_response(await ChatRepository(session).messages_json(place.id))


@router.post(
    "/data/entities/{entity_id}/chat/messages",
    status_code=201,
    response_model=s.EntityChatMessage,
    responses=errors(BadRequest),
    openapi_extra=body_of(s.NewChatMessage, s.NewChatMessageForm),
    operation_id="send_chat_message",
    summary="Write in the chat of an entity",
)
async def send_message(
    place: OpenEntity,
    request: Request,
    uow: Uow,
    actor: CurrentActor,
    settings: AppSettings,
    storage: Storage,
) -> Response:
    """Write in a chat that the caller has joined; files may come with it in a form."""
    check_size(request, settings)
    values, files = await read_body(request)
    wish = validated(s.NewChatMessage, values)
    id = await service.send(uow, storage, actor, place, wish.message, uploads(files))
    if files:
        rows = await ChatRepository(uow.session).messages_json(place.id, id)
        return json_response(rows[1:-1], 201)
    row = await Records(uow.session, ChatMessage).one_json(CHAT_MESSAGE, id, relations=False)
    assert row is not None
    return json_response(row, 201)


@router.get(
    "/data/entities/{entity_id}/chat/messages/{chat_message_id}",
    response_model=s.EntityChatMessage,
    operation_id="get_chat_message_of_entity",
    summary="Get a message of the chat of an entity",
)
async def get_message(found: Message, session: Session) -> Response:
    """One message."""
    place, message = found
    rows = await ChatRepository(session).messages_json(place.id, message.id)
    return json_response(rows[1:-1])


@router.delete(
    "/data/entities/{entity_id}/chat/messages/{chat_message_id}",
    status_code=204,
    operation_id="delete_chat_message_of_entity",
    summary="Delete a message of the chat of an entity",
)
async def delete_message(found: OwnMessage, uow: Uow, actor: CurrentActor) -> Response:
    """Delete a message: one's own, or any for those who run the production."""
    place, message = found
    await service.remove(uow, actor, place, message)
    return Response(status_code=204)
