"""What people are told outside of the web client: mails and chats. Our own table."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Record, now


class Channel(StrEnum):
    """How somebody is told."""

    EMAIL = "email"
    SLACK = "slack"
    MATTERMOST = "mattermost"
    DISCORD = "discord"


class MessageStatus(StrEnum):
    """How far a message is."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DROPPED = "dropped"
    """There was nothing to tell any more, or nobody who may know."""
    FAILED = "failed"
    LOST = "lost"
    """Its worker died over it. Nobody knows whether it was sent, so it is not sent again."""


class Message(Record):
    """Something that one person is told on one channel. Its words are found when it is sent."""

    __tablename__ = "kitsu_api_message"
    __table_args__ = (
        Index(
            "ix_kitsu_api_message_open",
            "next_attempt_at",
            postgresql_where=sql("status IN ('waiting', 'sending')"),
        ),
        Index("ix_kitsu_api_message_created_at", "created_at"),
    )

    key: Mapped[str] = mapped_column(String(255), unique=True)
    """What makes two messages the same one."""
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(40))
    notification_id: Mapped[UUID | None]
    about: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    status: Mapped[str] = mapped_column(String(20), default=MessageStatus.WAITING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=now)
    error: Mapped[str | None]
