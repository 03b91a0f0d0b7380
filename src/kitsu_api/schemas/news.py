"""News of a production, notifications and subscriptions of people."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import model_validator

from kitsu_api.schemas.base import OptionalId, Payload, RecordRead


class NewsRead(RecordRead):
    """A news."""

    change: bool
    author_id: UUID
    comment_id: UUID | None = None
    task_id: UUID
    preview_file_id: UUID | None = None


class NewsCreate(Payload):
    """A news to make."""

    change: bool | None = None
    author_id: UUID
    comment_id: OptionalId = None
    task_id: UUID
    preview_file_id: OptionalId = None


class NewsUpdate(Payload):
    """What may change of a news; what is absent stays."""

    change: bool | None = None
    author_id: OptionalId = None
    comment_id: OptionalId = None
    task_id: OptionalId = None
    preview_file_id: OptionalId = None


class NotificationRead(RecordRead):
    """A notification."""

    read: bool
    change: bool
    notification_type: Literal[
        "comment", "mention", "assignation", "reply", "reply-mention", "playlist-ready"
    ]
    person_id: UUID
    author_id: UUID
    comment_id: UUID | None = None
    task_id: UUID | None = None
    playlist_id: UUID | None = None
    reply_id: UUID | None = None


def without_model_name(payload: Any) -> Any:
    """A row that is sent back whole: its `type` is the model's name there, not the kind."""
    if isinstance(payload, dict) and payload.get("type") == "Notification":
        return {name: value for name, value in payload.items() if name != "type"}
    return payload


class NotificationCreate(Payload):
    """A notification to make."""

    read: bool | None = None
    change: bool | None = None
    type: Literal["comment", "mention", "assignation", "reply", "reply-mention", "playlist-ready"]
    person_id: UUID
    author_id: UUID
    comment_id: OptionalId = None
    task_id: OptionalId = None
    playlist_id: OptionalId = None
    reply_id: OptionalId = None


class NotificationUpdate(Payload):
    """What may change of a notification; what is absent stays."""

    _whole_row = model_validator(mode="before")(without_model_name)

    read: bool | None = None
    change: bool | None = None
    type: Literal["comment", "mention", "assignation", "reply", "reply-mention", "playlist-ready"] | None = (
        None
    )
    person_id: OptionalId = None
    author_id: OptionalId = None
    comment_id: OptionalId = None
    task_id: OptionalId = None
    playlist_id: OptionalId = None
    reply_id: OptionalId = None


class SubscriptionRead(RecordRead):
    """A subscription."""

    person_id: UUID
    task_id: UUID | None = None
    entity_id: UUID | None = None
    task_type_id: UUID | None = None


class SubscriptionCreate(Payload):
    """A subscription to make."""

    person_id: UUID
    task_id: OptionalId = None
    entity_id: OptionalId = None
    task_type_id: OptionalId = None


class SubscriptionUpdate(Payload):
    """What may change of a subscription; what is absent stays."""

    person_id: OptionalId = None
    task_id: OptionalId = None
    entity_id: OptionalId = None
    task_type_id: OptionalId = None
