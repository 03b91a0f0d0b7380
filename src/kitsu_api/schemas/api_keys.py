"""Keys with which scripts sign in."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Instant, Moment, OptionalId, Payload, Schema, Text

Access = Literal["read", "write"]
Name = Annotated[Text, Field(min_length=1, max_length=80)]
Resources = Annotated[list[Annotated[Text, Field(min_length=1, max_length=80)]], Field(max_length=100)]
Projects = Annotated[list[UUID], Field(max_length=1000)]
ABOUT_RESOURCES = "Names in paths (`tasks` for `/data/tasks/…`, `pictures`); null: all."
ABOUT_PROJECTS = "Productions that it is good for; null: all of its owner's."


class ApiKeyCreate(Payload):
    """A key to make."""

    name: Name
    person_id: OptionalId = Field(default=None, description="A bot, for admins; absent: the caller.")
    access: Access = "read"
    resources: Resources | None = Field(default=None, description=ABOUT_RESOURCES)
    project_ids: Projects | None = Field(default=None, description=ABOUT_PROJECTS)
    expires_at: Moment | None = Field(default=None, description="UTC; null: never.")


class ApiKeyUpdate(Payload):
    """What may change of a key; what is absent stays."""

    name: Name | None = None
    access: Access | None = None
    resources: Resources | None = Field(default=None, description=ABOUT_RESOURCES)
    project_ids: Projects | None = Field(default=None, description=ABOUT_PROJECTS)
    expires_at: Moment | None = Field(default=None, description="UTC; null: never.")


class ApiKeyRead(Schema):
    """A key, without its secret."""

    id: UUID
    name: str
    person_id: UUID
    prefix: str = Field(description="How the key begins, to know it again.")
    access: Access
    resources: list[str] | None = Field(default=None, description=ABOUT_RESOURCES)
    project_ids: list[UUID] | None = Field(default=None, description=ABOUT_PROJECTS)
    expires_at: Instant | None = None
    last_used_at: Instant | None = Field(default=None, description="UTC, to the minute.")
    created_at: Instant


class ApiKeyWithSecret(ApiKeyRead):
    """A key as it is shown once."""

    key: str = Field(repr=False, description="Send it as `Authorization: Bearer …`. It is not shown again.")
