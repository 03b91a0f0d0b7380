"""Who is asking: read once a request, in one statement, and passed explicitly ever after."""

from __future__ import annotations

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
class Actor:
    """The caller of a request."""

    id: UUID
    role: Role
    email: str | None = None
    departments: frozenset[UUID] = frozenset()
    project_roles: dict[UUID, Role] = field(default_factory=dict)
    """Productions whose team the caller is in, and the role held there."""
    is_bot: bool = False
    is_guest: bool = False
    restricted: bool = False
    """Signed in, but has yet to set up a second factor: only the routes for that are open."""

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
