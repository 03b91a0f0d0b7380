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


CHANGES_OF_RIGHTS = frozenset(
    {
        "person:delete",
        "person:update",
        "project:delete",
        "project:new",
        "project:update",
        "task:assign",
    }
)
"""Events after which somebody may see more or less than before: teams, roles and accounts."""


def hears(actor: Actor, audience_id: UUID | None, *, for_managers: bool) -> bool:
    """Whether somebody hears of an event, on the socket or in the stream: those of a production are for its
    people, those about money for who runs it, and those of a person for nobody else. Payloads hold ids and
    no content. Guests of share links hear nothing."""
    if actor.is_guest:
        return False
    if actor.is_admin:
        return True
    if for_managers:
        return audience_id is not None and actor.manages(audience_id)
    return audience_id is None or audience_id == actor.id or actor.sees(audience_id)


def hears_of_place(actor: Actor, place: EventPlace) -> bool:
    """Whether somebody may follow the events of a production, or of all that is theirs."""
    return not actor.is_guest and (place.project_id is None or actor.sees(place.project_id))
