"""Who sees how far a production is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.capabilities import granted
from kitsu_api.schemas.access_groups import Capability


@dataclass(frozen=True)
class MeasuredProject:
    """A production, and whether it lets its clients see how far it is."""

    id: UUID
    shown_to_clients: bool


def sees_stats(actor: Actor, project: MeasuredProject) -> bool:
    """Everybody in the production; clients if it, or a group, lets them."""
    role = actor.role_on(project.id)
    shown = project.shown_to_clients or granted(actor, Capability.STATS_VIEW, project.id)
    return role is not None and (role is not Role.CLIENT or shown)
