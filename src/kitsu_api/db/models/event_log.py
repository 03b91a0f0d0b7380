"""The order in which events became true. Our own tables, filled by a trigger on `api_event`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Base


class EventLogEntry(Base):
    """An event's place in the log: a row of `api_event`, or a message that is told and not kept there."""

    __tablename__ = "kitsu_api_event_log"
    __table_args__ = (
        Index(
            "ix_kitsu_api_event_log_unnumbered",
            "transaction",
            "id",
            postgresql_where=text("sequence IS NULL"),
        ),
        Index("ix_kitsu_api_event_log_told", "created_at", postgresql_where=text("event_id IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_event.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str | None] = mapped_column(String(80))
    """With `data` and `user_id`: what is told, when no row of `api_event` says it."""
    data: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    user_id: Mapped[UUID | None]
    audience_id: Mapped[UUID | None]
    """The production whose people may hear of it, or the person who alone may; none: everybody. No foreign
    key: it may be gone."""
    for_managers: Mapped[bool] = mapped_column(server_default=text("false"))
    transaction: Mapped[int] = mapped_column(
        BigInteger, server_default=text("(pg_current_xact_id()::text::bigint)")
    )
    sequence: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    """Its number, given after its transaction has committed."""
    created_at: Mapped[datetime] = mapped_column(server_default=text("(now() AT TIME ZONE 'UTC')"))


class EventCursor(Base):
    """How far somebody has come in the log: `last` is the last number given, `forgotten` the last deleted."""

    __tablename__ = "kitsu_api_event_cursor"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
