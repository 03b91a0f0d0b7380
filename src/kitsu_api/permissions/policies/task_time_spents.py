"""Who notes whose time on a task."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.permissions.actor import Actor, Role


def notes_time_of(actor: Actor, project_id: UUID | None, person_id: UUID) -> bool:
    """Managers of the production everybody's; the others in it, clients excepted, their own."""
    if actor.manages(project_id):
        return True
    return person_id == actor.id and actor.role_on(project_id) not in (None, Role.CLIENT)
