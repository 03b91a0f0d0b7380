"""Who sees how much people finish."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kitsu_api.permissions.actor import Actor, Role


@dataclass(frozen=True)
class PersonInProject:
    """Somebody, as far as one production is concerned."""

    project_id: UUID
    person_id: UUID


def oversees_project(actor: Actor, project_id: UUID) -> bool:
    """Supervisors and managers of the production, and admins."""
    return actor.role_on(project_id) in (Role.ADMIN, Role.MANAGER, Role.SUPERVISOR)


def sees_quotas_of(actor: Actor, place: PersonInProject) -> bool:
    """One's own quotas in one's own productions; those of others for who oversees the production."""
    own = place.person_id == actor.id and actor.sees(place.project_id)
    return own or oversees_project(actor, place.project_id)
