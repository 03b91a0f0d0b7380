"""Runs of the operator's own programs on events. Our own table."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Record, now


class RunStatus(StrEnum):
    """How far a run is."""

    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class EventHandlerRun(Record):
    """One event, handed to one handler."""

    __tablename__ = "kitsu_api_event_handler_run"
    __table_args__ = (
        UniqueConstraint("handler", "sequence", name="kitsu_api_event_handler_run_once"),
        Index(
            "ix_kitsu_api_event_handler_run_due",
            "next_attempt_at",
            postgresql_where=sql("status = 'waiting'"),
        ),
        Index("ix_kitsu_api_event_handler_run_created_at", "created_at"),
    )

    handler: Mapped[str] = mapped_column(String(120))
    sequence: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[UUID | None]
    event_name: Mapped[str] = mapped_column(String(80))
    event: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What the handler is given."""
    status: Mapped[str] = mapped_column(String(20), default=RunStatus.WAITING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=now)
    error: Mapped[str | None]
    duration_ms: Mapped[int | None]
