"""Webhooks and their deliveries."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, PlainSerializer

from kitsu_api.schemas.base import OptionalId, Payload, Schema, Text

NAME = re.compile(r"[a-z0-9_-]+:(\*|[a-z0-9_-]+)")


def _checked_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError("expected the name of an event such as task:update, or task:* for all of a thing")
    return name


Moment = Annotated[
    dt.datetime, PlainSerializer(lambda moment: moment.isoformat(timespec="seconds"), return_type=str)
]
EventName = Annotated[Text, Field(max_length=80), AfterValidator(_checked_name)]
EventNames = Annotated[list[EventName], Field(max_length=100)]
NAMES_ABOUT = "Events that it is called for: `task:update`, or `task:*` for all of a thing; none: all."


class WebhookCreate(Payload):
    """A webhook to make."""

    name: Annotated[Text, Field(min_length=1, max_length=80)]
    url: Annotated[Text, Field(max_length=2_000)]
    event_names: EventNames = Field(default=[], description=NAMES_ABOUT)
    project_id: OptionalId = Field(default=None, description="Only events of this production; admins: none.")
    secret: Text | None = Field(
        default=None, description="`whsec_` and 24 to 64 bytes in base64; absent: one is made.", repr=False
    )


class WebhookUpdate(Payload):
    """What may change of a webhook; what is absent stays."""

    name: Annotated[Text, Field(min_length=1, max_length=80)] | None = None
    url: Annotated[Text, Field(max_length=2_000)] | None = None
    event_names: EventNames | None = Field(default=None, description=NAMES_ABOUT)
    active: bool | None = Field(default=None, description="True switches it on again.")


class WebhookSecretChange(Payload):
    """Another secret."""

    secret: Text | None = Field(default=None, description="Absent: one is made.", repr=False)


class WebhookRead(Schema):
    """A webhook. Its secret is shown once, when it is made."""

    id: UUID
    name: str
    url: str
    event_names: list[str]
    project_id: UUID | None = None
    owner_id: UUID = Field(description="Who made or last changed it: it is told what they may see.")
    active: bool
    disabled_reason: str | None = Field(default=None, description="Why it was switched off.")
    failing_since: Moment | None = Field(default=None, description="UTC; null while it works.")
    created_at: Moment
    updated_at: Moment


class WebhookWithSecret(WebhookRead):
    """A webhook with its secret, which is shown this once."""

    secret: str = Field(repr=False)


class WebhookDeliveryRead(Schema):
    """A call that is to be made, or was."""

    id: UUID = Field(description="The `webhook-id` header, the same at each attempt.")
    webhook_id: UUID
    sequence: int = Field(description="The number of the event.")
    event_name: str
    payload: dict[str, Any]
    status: Literal["waiting", "sent", "failed"]
    attempts: int
    next_attempt_at: Moment | None = Field(default=None, description="UTC; null when there is none.")
    last_attempt_at: Moment | None = None
    response_status: int | None = None
    error: str | None = None
    duration_ms: int | None = Field(default=None, description="Of the last attempt, in milliseconds.")
    created_at: Moment
