"""The event log, and errors of imports."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, RootModel

from kitsu_api.schemas.base import (
    JsonDocument,
    OptionalId,
    Payload,
    RecordRead,
    Schema,
    Text,
    Timestamp,
)


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


class LastEvent(Schema):
    """Something that happened."""

    id: UUID
    created_at: Timestamp
    name: str = Field(description="`<thing>:<what was done>`, such as `task:update`.")
    user_id: UUID | None = None
    project_id: UUID | None = None
    data: JsonDocument = Field(default=None, description="Ids of what it is about.")
    sequence: int | None = Field(
        default=None, description="Its number; there when the events after a number were asked for."
    )


class EventNames(RootModel[list[str]]):
    """Names of events, `<thing>:<what was done>`, in alphabetical order."""
