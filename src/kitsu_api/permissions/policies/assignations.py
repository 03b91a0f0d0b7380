"""Who hands out work."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.capabilities import granted
from kitsu_api.schemas.access_groups import Capability


def hands_out(actor: Actor, project_id: UUID | None, department_id: UUID | None) -> bool:
    """Managers of the production; its supervisors, within their departments if they have any; whom a group
    lets hand out work there."""
    if actor.manages(project_id) or granted(actor, Capability.TASKS_ASSIGN, project_id):
        return True
    if actor.role_on(project_id) is not Role.SUPERVISOR:
        return False
    return not actor.departments or department_id in actor.departments
