"""Chats on entities."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Base, Record


class Chat(Record):
    """Rows of `chat`."""

    __tablename__ = "chat"

    object_id: Mapped[UUID] = mapped_column(index=True)
    object_type: Mapped[str] = mapped_column(String(80), index=True, default="entity")
    last_message: Mapped[datetime | None]


class ChatMessage(Record):
    """Rows of `chat_message`."""

    __tablename__ = "chat_message"

    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chat.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    text: Mapped[str | None]


class ChatParticipant(Base):
    """Rows of `chat_participant`."""

    __tablename__ = "chat_participant"

    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chat.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
