"""Chats beside entities, and who takes part in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.entity_names import full_name
from kitsu_api.db.projection import TIMESTAMP_FORMAT, json_array
from kitsu_api.db.projections import CHAT_MESSAGE
from kitsu_api.db.repositories.locks import lock
from kitsu_api.db.scopes import in_projects


class ChatRepository:
    """Rows of `chat` and `chat_participant`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_entity(self, entity_id: UUID) -> m.Chat:
        """The chat of an entity, made when there is none; two that ask at a time get the same."""
        query = select(m.Chat).where(m.Chat.object_id == entity_id, m.Chat.object_type == "entity")
        found = (await self.session.scalars(query.order_by(m.Chat.created_at).limit(1))).first()
        if found is not None:
            return found
        await lock(self.session, "chat", entity_id)
        found = (await self.session.scalars(query.order_by(m.Chat.created_at).limit(1))).first()
        if found is None:
            found = m.Chat(object_id=entity_id, object_type="entity")
            self.session.add(found)
            await self.session.flush()
        return found

    async def add_participant(self, chat_id: UUID, person_id: UUID) -> bool:
        """Let somebody take part; False when they did already."""
        statement = insert(m.ChatParticipant).values(chat_id=chat_id, person_id=person_id)
        done = await self.session.execute(
            statement.on_conflict_do_nothing().returning(m.ChatParticipant.chat_id)
        )
        joined = done.scalar() is not None
        if joined:
            await self._touch(chat_id)
        return joined

    async def remove_participant(self, chat_id: UUID, person_id: UUID) -> bool:
        """Let somebody take part no more; False when they did not."""
        own = m.ChatParticipant
        done = await self.session.execute(
            delete(own).where(own.chat_id == chat_id, own.person_id == person_id).returning(own.chat_id)
        )
        left = done.scalar() is not None
        if left:
            await self._touch(chat_id)
        return left

    async def _touch(self, chat_id: UUID) -> None:
        await self.session.execute(update(m.Chat).where(m.Chat.id == chat_id).values(updated_at=now()))

    async def takes_part(self, chat_id: UUID, person_id: UUID) -> bool:
        """Whether somebody takes part in a chat."""
        own = m.ChatParticipant
        query = select(own.chat_id).where(own.chat_id == chat_id, own.person_id == person_id)
        return await self.session.scalar(query) is not None

    async def note_message(self, chat_id: UUID, moment: datetime) -> None:
        """Note when the newest message of a chat came."""
        await self.session.execute(
            update(m.Chat).where(m.Chat.id == chat_id).values(last_message=moment, updated_at=now())
        )

    async def find_message(self, entity_id: UUID, message_id: UUID) -> m.ChatMessage | None:
        """A message of the chat of an entity; None when it is of another, or not there."""
        query = (
            select(m.ChatMessage)
            .join(m.Chat, m.Chat.id == m.ChatMessage.chat_id)
            .where(m.Chat.object_id == entity_id, m.ChatMessage.id == message_id)
        )
        return (await self.session.scalars(query)).one_or_none()

    async def messages_json(self, entity_id: UUID, message_id: UUID | None = None) -> bytes:
        """The messages of the chat of an entity, oldest first, with their files; or one of them."""
        file = aliased(m.AttachmentFile)
        card = func.json_build_object(
            *("id", file.id, "name", file.name, "extension", file.extension, "size", file.size)
        )
        files = select(func.json_agg(card)).where(file.chat_message_id == m.ChatMessage.id)
        attached = func.coalesce(files.scalar_subquery(), func.json_build_array())
        query = (
            select(*CHAT_MESSAGE.columns().values(), attached.label("attachment_files"))
            .join(m.Chat, m.Chat.id == m.ChatMessage.chat_id)
            .where(m.Chat.object_id == entity_id)
        )
        if message_id is not None:
            query = query.where(m.ChatMessage.id == message_id)
        return await json_array(self.session, query.order_by(m.ChatMessage.created_at, m.ChatMessage.id))

    async def of_person_json(self, person_id: UUID, within: Collection[UUID] | None = None) -> bytes:
        """The chats that somebody takes part in, those with the newest messages first; of some productions,
        or of all."""
        query = (
            select(
                m.Chat.id,
                m.Chat.object_id,
                func.to_char(m.Chat.last_message, TIMESTAMP_FORMAT).label("last_message"),
                full_name(m.Chat.object_id).label("entity_name"),
                m.Entity.project_id,
                m.Entity.preview_file_id,
            )
            .join(m.ChatParticipant, m.ChatParticipant.chat_id == m.Chat.id)
            .join(m.Entity, m.Entity.id == m.Chat.object_id)
            .where(m.ChatParticipant.person_id == person_id, in_projects(m.Entity.project_id, within))
        )
        return await json_array(
            self.session, query.order_by(m.Chat.last_message.desc().nulls_last(), m.Chat.id)
        )
