"""Chats on entities."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Moment, OptionalId, Payload, RecordRead, Text, Timestamp
from kitsu_api.schemas.task_comments import Attachment, FileContent


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


class ChatWithMessages(ChatRead):
    """A chat of an entity, with who takes part."""

    messages: list[UUID] = Field(description="Always empty: messages have a list of their own.")


class EntityChatMessage(RecordRead):
    """A message of a chat, with its files."""

    chat_id: UUID
    person_id: UUID
    text: str | None = None
    attachment_files: list[Attachment] = Field(default_factory=list)


class NewChatMessage(Payload):
    """Something to say in a chat."""

    message: Annotated[Text, Field(max_length=100_000)] = ""


class NewChatMessageForm(NewChatMessage):
    """Something to say in a chat, with files."""

    file: FileContent = Field(default=b"", description="A file; several may come, under any names.")
