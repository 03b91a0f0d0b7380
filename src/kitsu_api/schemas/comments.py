"""Comments on tasks and what hangs on them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from kitsu_api.schemas.base import (
    BigInteger,
    Integer,
    JsonDocument,
    OptionalId,
    Payload,
    RecordRead,
    Schema,
    Text,
)


def _objects(value: Any) -> Any:
    if value is not None and not (isinstance(value, list) and all(isinstance(one, dict) for one in value)):
        raise ValueError("expected a list of objects")
    return value


JsonObjects = Annotated[JsonDocument, AfterValidator(_objects)]
"""Lines of a checklist, or replies: a list of JSON objects."""


class AttachmentFileRead(RecordRead):
    """An attachment file."""

    name: str | None = None
    size: int | None = None
    extension: str | None = None
    mimetype: str | None = None
    comment_id: UUID | None = None
    reply_id: UUID | None = None
    chat_message_id: UUID | None = None
    comment: dict[str, Any] | None = None
    chat_message: dict[str, Any] | None = None


class AttachmentFileCreate(Payload):
    """An attachment file to make."""

    name: Annotated[Text, Field(max_length=250)] | None = None
    size: BigInteger | None = None
    extension: Annotated[Text, Field(max_length=6)] | None = None
    mimetype: Annotated[Text, Field(max_length=255)] | None = None
    comment_id: OptionalId = None
    reply_id: OptionalId = None
    chat_message_id: OptionalId = None


class AttachmentFileUpdate(Payload):
    """What may change of an attachment file; what is absent stays."""

    name: Annotated[Text, Field(max_length=250)] | None = None
    size: BigInteger | None = None
    extension: Annotated[Text, Field(max_length=6)] | None = None
    mimetype: Annotated[Text, Field(max_length=255)] | None = None
    comment_id: OptionalId = None
    reply_id: OptionalId = None
    chat_message_id: OptionalId = None


class Author(Schema):
    """Who somebody is, as far as everybody may know."""

    id: UUID
    first_name: str
    last_name: str
    full_name: str
    has_avatar: bool | None = None
    role: str


class CommentRead(RecordRead):
    """A comment."""

    shotgun_id: int | None = None
    object_id: UUID
    object_type: str
    text: str | None = None
    data: JsonDocument = None
    replies: JsonDocument = None
    checklist: JsonDocument = None
    pinned: bool | None = None
    links: list[str] | None = None
    task_status_id: UUID | None = None
    person_id: UUID
    editor_id: UUID | None = None
    preview_file_id: UUID | None = None
    for_client: bool | None = None
    previews: list[UUID] | None = None
    mentions: list[UUID] | None = None
    department_mentions: list[UUID] | None = None
    acknowledgements: list[UUID] | None = None
    attachment_files: list[UUID] | None = None
    person: Author | None = Field(default=None, description="Who wrote it; of a single comment only.")


class CommentCreate(Payload):
    """A comment to make."""

    shotgun_id: Integer | None = None
    object_id: UUID
    object_type: Annotated[Text, Field(max_length=80)]
    text: Text | None = None
    data: JsonDocument = None
    replies: JsonObjects = None
    checklist: JsonObjects = None
    pinned: bool | None = None
    links: list[Text] | None = None
    task_status_id: OptionalId = None
    person_id: UUID
    editor_id: OptionalId = None
    preview_file_id: OptionalId = None
    for_client: bool | None = None
    mentions: list[UUID] | None = None
    department_mentions: list[UUID] | None = None


class CommentUpdate(Payload):
    """What may change of a comment; what is absent stays."""

    shotgun_id: Integer | None = None
    object_id: OptionalId = None
    object_type: Annotated[Text, Field(max_length=80)] | None = None
    text: Text | None = None
    data: JsonDocument = None
    replies: JsonDocument = None
    checklist: JsonObjects = None
    pinned: bool | None = None
    links: list[Text] | None = None
    task_status_id: OptionalId = None
    person_id: OptionalId = None
    editor_id: OptionalId = None
    preview_file_id: OptionalId = None
    for_client: bool | None = None
    mentions: list[UUID] | None = None
    department_mentions: list[UUID] | None = None
