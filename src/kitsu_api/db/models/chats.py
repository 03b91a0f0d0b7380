"""Chats on entities."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kitsu_api.db.base import Base, Record

if TYPE_CHECKING:
    from kitsu_api.db.models.comments import AttachmentFile
    from kitsu_api.db.models.persons import Person


class Chat(Record):
    """Rows of `chat`."""

    __tablename__ = "chat"

    object_id: Mapped[UUID] = mapped_column(index=True)
    object_type: Mapped[str] = mapped_column(String(80), index=True, default="entity")
    last_message: Mapped[datetime | None]

    participants: Mapped[list[Person]] = relationship(
        secondary="chat_participant",
        primaryjoin="Chat.id == ChatParticipant.chat_id",
        secondaryjoin="Person.id == ChatParticipant.person_id",
        viewonly=True,
        lazy="raise",
    )


class ChatMessage(Record):
    """Rows of `chat_message`."""

    __tablename__ = "chat_message"

    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chat.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    text: Mapped[str | None]

    attachment_files: Mapped[list[AttachmentFile]] = relationship(
        primaryjoin="ChatMessage.id == AttachmentFile.chat_message_id",
        foreign_keys="AttachmentFile.chat_message_id",
        viewonly=True,
        lazy="raise",
    )


class ChatParticipant(Base):
    """Rows of `chat_participant`."""

    __tablename__ = "chat_participant"

    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chat.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
