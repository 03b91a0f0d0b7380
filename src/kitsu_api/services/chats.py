"""Chats beside entities: who takes part."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.models import Chat
from kitsu_api.db.repositories.chats import ChatRepository
from kitsu_api.events import Event
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.places import Place
from kitsu_api.unit_of_work import UnitOfWork


def _told(name: str, chat: Chat, actor: Actor, place: Place) -> Event:
    """News of a chat, for the people of the production; the log keeps none of it."""
    ids = {"chat_id": chat.id, "person_id": actor.id, "project_id": place.project_id}
    data = {key: str(value) for key, value in ids.items()}
    return Event(name, data, place.project_id, persist=False)


async def join(uow: UnitOfWork, actor: Actor, place: Place) -> UUID:
    """Let the caller take part in the chat of an entity; the chat's id."""
    chats = ChatRepository(uow.session)
    chat = await chats.of_entity(place.id)
    if await chats.add_participant(chat.id, actor.id):
        uow.emit(_told("chat:joined", chat, actor, place))
    return chat.id


async def leave(uow: UnitOfWork, actor: Actor, place: Place) -> None:
    """Let the caller take part in the chat of an entity no more."""
    chats = ChatRepository(uow.session)
    chat = await chats.of_entity(place.id)
    if await chats.remove_participant(chat.id, actor.id):
        uow.emit(_told("chat:left", chat, actor, place))
