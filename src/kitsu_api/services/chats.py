"""Chats beside entities: who takes part."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.models import ChatMessage
from kitsu_api.db.repositories.chats import ChatRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.events import Event
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.places import Place
from kitsu_api.services.attachments import Upload, attach, attachments_of_message, detach
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork


def _told(name: str, chat_id: UUID, actor: Actor, place: Place, **more: UUID) -> Event:
    """News of a chat, for the people of the production; the log keeps none of it."""
    ids = {"chat_id": chat_id, "person_id": actor.id, "project_id": place.project_id, **more}
    data = {key: str(value) for key, value in ids.items()}
    return Event(name, data, place.project_id, persist=False)


async def join(uow: UnitOfWork, actor: Actor, place: Place) -> UUID:
    """Let the caller take part in the chat of an entity; the chat's id."""
    chats = ChatRepository(uow.session)
    chat = await chats.of_entity(place.id)
    if await chats.add_participant(chat.id, actor.id):
        uow.emit(_told("chat:joined", chat.id, actor, place))
    return chat.id


async def leave(uow: UnitOfWork, actor: Actor, place: Place) -> None:
    """Let the caller take part in the chat of an entity no more."""
    chats = ChatRepository(uow.session)
    chat = await chats.of_entity(place.id)
    if await chats.remove_participant(chat.id, actor.id):
        uow.emit(_told("chat:left", chat.id, actor, place))


async def send(
    uow: UnitOfWork,
    storage: FileStorage,
    actor: Actor,
    place: Place,
    text: str,
    uploads: Sequence[Upload] = (),
) -> UUID:
    """Say something in the chat of an entity; the message's id.

    Raises:
        BadRequest: it says nothing.
        Forbidden: the caller does not take part.
    """
    if not text.strip() and not uploads:
        raise BadRequest("message: a message needs a text or a file.")
    chats = ChatRepository(uow.session)
    chat = await chats.of_entity(place.id)
    if not await chats.takes_part(chat.id, actor.id):
        raise Forbidden("Join the chat before you write in it.")
    moment = now()
    values = {"chat_id": chat.id, "person_id": actor.id, "text": text, "created_at": moment}
    message = await Records(uow.session, ChatMessage).add(values)
    await attach(uow, storage, None, uploads, chat_message_id=message.id)
    await chats.note_message(chat.id, moment)
    uow.emit(_told("chat:new-message", chat.id, actor, place, chat_message_id=message.id))
    return message.id


async def remove(uow: UnitOfWork, actor: Actor, place: Place, message: ChatMessage) -> None:
    """Delete a message with its files."""
    for file in await attachments_of_message(uow, message.id):
        await detach(uow, file)
    uow.emit(_told("chat:deleted-message", message.chat_id, actor, place, chat_message_id=message.id))
    await Records(uow.session, ChatMessage).delete(message)
