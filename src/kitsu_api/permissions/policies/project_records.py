"""Who may look at what the team of a production does with its time."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.permissions.actor import Actor, Role


def supervises_project(actor: Actor, project_id: UUID) -> bool:
    """Whether the caller plans the work of a production: its supervisors, its managers and admins."""
    return actor.role_on(project_id) in (Role.ADMIN, Role.MANAGER, Role.SUPERVISOR)
