"""Links that show a playlist to people without an account."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import EmailStr, Field, SecretStr, TypeAdapter, ValidationError, field_validator

from kitsu_api.schemas.base import Moment, Payload, RecordRead, Schema, Text, Timestamp

MOST_REVIEWERS = 100
"""People who can be invited at a time."""

LONGEST_MESSAGE = 4_000

_EMAIL = TypeAdapter(EmailStr)


class ShareLinkRead(RecordRead):
    """A share link. Its password is never shown."""

    token: str = Field(description="Names the link in `/shared/playlists/{token}`: who has it, has the link.")
    playlist_id: UUID
    created_by: UUID
    expiration_date: Timestamp | None = None
    is_active: bool
    can_comment: bool
    has_password: bool


class ShareLinkCreate(Payload):
    """A share link to make."""

    expiration_date: Moment | None = Field(default=None, description="When the link closes; null for never.")
    can_comment: bool = Field(default=True, description="Whether guests comment and draw.")
    password: SecretStr | None = Field(default=None, description="What guests must know besides the link.")


class ShareInvitation(Payload):
    """Whom to send a share link to."""

    emails: Annotated[list[Text], Field(default_factory=list, max_length=MOST_REVIEWERS)]
    person_ids: Annotated[list[UUID], Field(default_factory=list, max_length=MOST_REVIEWERS)]
    message: Annotated[Text, Field(max_length=LONGEST_MESSAGE)] | None = None

    @field_validator("emails")
    @classmethod
    def _addresses(cls, emails: list[str]) -> list[str]:
        try:
            return [_EMAIL.validate_python(email.strip()).lower() for email in emails]
        except ValidationError as error:
            raise ValueError("one of them is no e-mail address") from error


class SentInvitations(Schema):
    """The addresses that the link was sent to, once each."""

    sent: list[str]
