"""Chats on entities."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Moment, OptionalId, Payload, RecordRead, Text, Timestamp


class ChatMessageRead(RecordRead):
    """A chat message."""

    chat_id: UUID
    person_id: UUID
    text: str | None = None
    attachment_files: list[UUID] | None = None


class ChatMessageCreate(Payload):
    """A chat message to make."""

    chat_id: UUID
    person_id: UUID
    text: Text | None = None


class ChatMessageUpdate(Payload):
    """What may change of a chat message; what is absent stays."""

    chat_id: OptionalId = None
    person_id: OptionalId = None
    text: Text | None = None


class ChatRead(RecordRead):
    """A chat."""

    object_id: UUID
    object_type: str
    last_message: Timestamp | None = None
    participants: list[UUID] | None = None


class ChatCreate(Payload):
    """A chat to make."""

    object_id: UUID
    object_type: Annotated[Text, Field(max_length=80)] | None = None
    last_message: Moment | None = None
    participants: list[UUID] | None = None


class ChatUpdate(Payload):
    """What may change of a chat; what is absent stays."""

    object_id: OptionalId = None
    object_type: Annotated[Text, Field(max_length=80)] | None = None
    last_message: Moment | None = None
    participants: list[UUID] | None = None
