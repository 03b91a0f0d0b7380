"""Runs of event handlers."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Schema
from kitsu_api.schemas.webhooks import Moment


class EventHandlerRunRead(Schema):
    """One event, handed to one handler."""

    id: UUID
    handler: str = Field(description="Name of the handler's file, without `.py`, or of its entry point.")
    sequence: int = Field(description="The number of the event.")
    event_name: str
    event: dict[str, Any] = Field(description="What the handler was given.")
    status: Literal["waiting", "succeeded", "failed"]
    attempts: int
    error: str | None = Field(default=None, description="The end of what a failed handler printed.")
    duration_ms: int | None = None
    created_at: Moment
