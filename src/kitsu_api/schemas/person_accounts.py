"""What admins do to accounts."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.auth import Password
from kitsu_api.schemas.base import Payload, Schema


class NewDepartment(Payload):
    """A department that a person joins."""

    department_id: UUID


class GivenPassword(Payload):
    """A password that an admin gives somebody."""

    password: Password
    password_2: Password = Field(description="The new password again.")


class ResetLinkRead(Schema):
    """A link that lets its holder choose somebody's password: hand it to nobody else."""

    reset_password_link: str = Field(description="Good for one hour, and once.")


class InvitationRead(Schema):
    """A mail is on its way."""

    success: bool = True
    message: str = "Email sent"
