"""Calls to other programs when something happens. Our own tables: other servers never look at them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Record, now


class DeliveryStatus(StrEnum):
    """How far a delivery is."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Webhook(Record):
    """An address that is called when something happens."""

    __tablename__ = "kitsu_api_webhook"

    name: Mapped[str] = mapped_column(String(80))
    url: Mapped[str]
    event_names: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """Names that it is called for, `task:*` for all of a thing; none: all."""
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    """Who made or last changed it: it is told what they may see."""
    secret: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str | None]
    failing_since: Mapped[datetime | None]
    since_sequence: Mapped[int] = mapped_column(BigInteger)
    """The end of the log when it was made: it is told what came after."""


class WebhookDelivery(Record):
    """A call that is to be made, or was. Its id is the `webhook-id`, the same at each attempt."""

    __tablename__ = "kitsu_api_webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "sequence", name="kitsu_api_webhook_delivery_once"),
        Index(
            "ix_kitsu_api_webhook_delivery_due",
            "next_attempt_at",
            postgresql_where=sql("status = 'waiting'"),
        ),
        Index("ix_kitsu_api_webhook_delivery_created_at", "created_at"),
    )

    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("kitsu_api_webhook.id", ondelete="CASCADE"))
    sequence: Mapped[int] = mapped_column(BigInteger)
    """The number of the event."""
    event_name: Mapped[str] = mapped_column(String(80))
    audience_id: Mapped[UUID | None]
    for_managers: Mapped[bool]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(String(20), default=DeliveryStatus.WAITING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=now)
    """When it is tried next; while somebody tries, when others may think that they have died."""
    last_attempt_at: Mapped[datetime | None]
    response_status: Mapped[int | None]
    error: Mapped[str | None]
    duration_ms: Mapped[int | None]
