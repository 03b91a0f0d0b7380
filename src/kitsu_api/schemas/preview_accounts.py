"""The account with which those who run a production see it as its client does."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Payload, Schema


class PreviewAccountRead(Schema):
    """The preview account of a production."""

    id: UUID
    email: str | None = None
    full_name: str
    preview_open_until: str | None = Field(
        default=None, description="Until when the account is open, UTC; null while it is closed."
    )


class PreviewAccountCreated(PreviewAccountRead):
    """A preview account with its password, which is shown this once."""

    password: str


class PreviewAccountState(Payload):
    """Whether the account is open."""

    is_open: bool
