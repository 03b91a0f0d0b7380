"""Groups of people who may do more than their role, and why somebody may or may not do something."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import OptionalId, Payload, Schema, Text, Timestamp


class Capability(StrEnum):
    """What a group may add to a role in a production. Each one is for the roles that lack it; nothing here
    gives what is an admin's, shows money or secrets, or reaches another production."""

    CASTING_VIEW = "casting.view"
    """Vendors: the castings of the whole production, not only of what they work on."""
    CASTING_EDIT = "casting.edit"
    """Artists and supervisors: change castings, as managers do."""
    COMMENTS_POST = "comments.post"
    """Artists and supervisors: comment on every task, not only on theirs or their departments'."""
    CONCEPTS_EDIT = "concepts.edit"
    """Artists: make, change and delete concepts and their folders, as supervisors do."""
    PLAYLISTS_VIEW = "playlists.view"
    """Vendors: the playlists of the production."""
    PLAYLISTS_EDIT = "playlists.edit"
    """Artists: make playlists, and change their own and nobody's, as supervisors do. Not: share them."""
    SCHEDULE_VIEW = "schedule.view"
    """Vendors: the schedule of the production."""
    STATS_VIEW = "stats.view"
    """Clients: how far the production is, where it is not shown to all of its clients."""
    TASKS_ASSIGN = "tasks.assign"
    """Artists and supervisors: hand out every task, as managers do."""


Name = Annotated[Text, Field(min_length=1, max_length=80)]
Description = Annotated[Text, Field(max_length=2000)]
Capabilities = Annotated[list[Capability], Field(min_length=1, max_length=len(Capability))]
Members = Annotated[list[UUID], Field(max_length=1000)]
ABOUT_PROJECT = "The production that it is for; null: all that a member is in the team of, for admins to say."


class AccessGroupCreate(Payload):
    """A group to make."""

    name: Name
    description: Description | None = None
    project_id: OptionalId = Field(default=None, description=ABOUT_PROJECT)
    capabilities: Capabilities
    person_ids: Members = Field(default_factory=list, description="Its members.")


class AccessGroupUpdate(Payload):
    """What may change of a group; what is absent stays. It stays a group of its production."""

    name: Name | None = None
    description: Description | None = None
    capabilities: Capabilities | None = None
    person_ids: Members | None = Field(default=None, description="Its members: exactly these.")


class AccessGroupRead(Schema):
    """A group with its members."""

    id: UUID
    name: str
    description: str | None = None
    project_id: UUID | None = Field(default=None, description=ABOUT_PROJECT)
    capabilities: list[Capability]
    person_ids: list[UUID]
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None


class AccessCheck(Schema):
    """A rule that the route has, and what it said."""

    rule: str = Field(description="Its name in the program, such as `projects.runs_project`.")
    meaning: str = Field(description="What it asks for.")
    outcome: Literal["passed", "refused", "not found", "not asked"] = Field(
        description="`not found`: what the path names is not there, or not for this person."
        " `not asked`: it looks at what is sent."
    )


class GrantingGroup(Schema):
    """A group of the person, where their role alone would be answered otherwise."""

    id: UUID
    name: str
    capabilities: list[Capability]


class AccessExplanation(Schema):
    """Whether somebody may call a route, and what says so."""

    person_id: UUID
    role: str = Field(description="Their general role.")
    method: str
    route: str = Field(description="The path as the document has it.")
    allowed: bool = Field(description="No rule refuses it, as far as the path tells.")
    status: Literal[200, 401, 403, 404] = Field(description="How a refusal is answered; 200 where none is.")
    decided_by: str | None = Field(default=None, description="The rule that refused.")
    conditional: bool = Field(
        description="The service may still refuse what is sent, such as a status that is not for artists."
    )
    checks: list[AccessCheck]
    granted_by: list[GrantingGroup]
