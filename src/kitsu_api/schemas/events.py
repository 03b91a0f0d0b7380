"""The event log, and errors of imports."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import JsonDocument, OptionalId, Payload, RecordRead, Text


class ApiEventRead(RecordRead):
    """An event."""

    name: str
    user_id: UUID | None = None
    project_id: UUID | None = None
    data: JsonDocument = None


class ApiEventCreate(Payload):
    """An event to make."""

    name: Annotated[Text, Field(max_length=80)]
    user_id: OptionalId = None
    project_id: OptionalId = None
    data: JsonDocument = None


class ApiEventUpdate(Payload):
    """What may change of an event; what is absent stays."""

    name: Annotated[Text, Field(max_length=80)] | None = None
    user_id: OptionalId = None
    project_id: OptionalId = None
    data: JsonDocument = None
