"""Who is asking: read once a request, in one statement, and passed explicitly ever after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What somebody does in the studio, or in one production."""

    ADMIN = "admin"
    MANAGER = "manager"
    SUPERVISOR = "supervisor"
    ARTIST = "user"
    CLIENT = "client"
    VENDOR = "vendor"


@dataclass(frozen=True)
class KeyLimits:
    """What an API key takes away from what its owner may do. None takes nothing."""

    writes: bool
    resources: frozenset[str] | None = None
    """Names in paths: `tasks`, `entities`, `pictures`."""
    projects: frozenset[UUID] | None = None

    def reaches(self, resource: str) -> bool:
        """Whether the key is good for a resource."""
        return self.resources is None or resource in self.resources


@dataclass(frozen=True)
class Actor:
    """The caller of a request."""

    id: UUID
    role: Role
    email: str | None = None
    departments: frozenset[UUID] = frozenset()
    project_roles: dict[UUID, Role] = field(default_factory=dict)
    """Productions whose team the caller is in, and the role held there."""
    grants: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    """What groups add to these roles, by production; `capabilities.granted` says whether it counts."""
    is_bot: bool = False
    is_guest: bool = False
    restricted: bool = False
    """Signed in, but has yet to set up a second factor: only the routes for that are open."""
    key: KeyLimits | None = None
    """The limits of the API key that was shown; None for somebody who signed in."""

    def reaches(self, resource: str) -> bool:
        """Whether the caller's key, if that is how they came, is good for a resource."""
        return self.key is None or self.key.reaches(resource)

    @property
    def confined_to(self) -> frozenset[UUID] | None:
        """The productions that the caller's key is for, also for what is the caller's own; None: no limit."""
        return None if self.key is None else self.key.projects

    def within(self, project_id: UUID | None) -> bool:
        """Whether the caller's key, if that is how they came, is good for what belongs to a production."""
        return self.confined_to is None or project_id in self.confined_to

    def has(self, *roles: Role) -> bool:
        """Whether the general role is one of these."""
        return self.role in roles

    @property
    def is_admin(self) -> bool:
        """Whether the caller runs the studio."""
        return self.role is Role.ADMIN

    def role_on(self, project_id: UUID | None) -> Role | None:
        """The role held on a production; None when the caller has no business there."""
        if self.role is Role.ADMIN:
            return self.role
        return None if project_id is None else self.project_roles.get(project_id)

    def sees(self, project_id: UUID | None) -> bool:
        """Whether the production is open to the caller at all."""
        return self.role_on(project_id) is not None

    def manages(self, project_id: UUID | None) -> bool:
        """Whether the caller runs the production: an admin, or a manager of its team."""
        return self.role_on(project_id) in (Role.ADMIN, Role.MANAGER)
