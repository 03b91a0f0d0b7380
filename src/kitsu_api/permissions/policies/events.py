"""Who may read the log of events."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from kitsu_api.permissions.actor import Actor, Role


@dataclass(frozen=True)
class EventPlace:
    """The production whose events are asked for; None for all that the caller may read."""

    project_id: UUID | None


def reads_events(actor: Actor, place: EventPlace) -> bool:
    """Managers read the events of their productions, admins all. Who manages one production while being
    something else in general has to name it."""
    if place.project_id is not None:
        return actor.manages(place.project_id)
    return actor.has(Role.ADMIN, Role.MANAGER)


def open_projects(actor: Actor) -> Collection[UUID] | None:
    """The productions whose events the caller reads when they name none; None for all, and the studio's."""
    if actor.is_admin:
        return None
    return [id for id in actor.project_roles if actor.manages(id)]
