"""The people of a production and the roles they hold there."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Payload, Schema
from kitsu_api.schemas.persons import PersonRead

TeamRole = Literal["user", "supervisor", "manager", "client", "vendor"]


class TeamMemberRead(PersonRead):
    """A person in the team of a production."""

    project_role: str | None = Field(
        default=None, description="The role held in this production; null: the person's general one."
    )


class NewTeamMember(Payload):
    """Somebody who joins a team."""

    person_id: UUID
    role: TeamRole | None = Field(default=None, description="The role held in this production.")


class TeamMemberRole(Payload):
    """The role that somebody holds in a production."""

    role: TeamRole | None = Field(default=None, description="Null: the person's general role.")


class TeamMemberLink(Schema):
    """That somebody is in a team, and as what."""

    project_id: UUID
    person_id: UUID
    role: str | None = None
