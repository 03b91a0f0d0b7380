"""Who hears what: an event of a production goes to the people who may see it."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.permissions.actor import Actor

NAMESPACE = "/events"
EVERYBODY = "everybody"
ADMINS = "admins"


def room_of_project(project_id: UUID | str) -> str:
    """The room of the people of a production; of a person, their own one."""
    return f"project:{project_id}"


def room_of_managers(project_id: UUID | str) -> str:
    """The room of those who run a production."""
    return f"managers:{project_id}"


def rooms_of(actor: Actor) -> set[str]:
    """The rooms of somebody: what they hear there is what `permissions.policies.events.hears` lets them."""
    if actor.is_admin:
        return {EVERYBODY, ADMINS}
    rooms = {EVERYBODY, room_of_project(actor.id)}
    for project_id in actor.project_roles:
        rooms.add(room_of_project(project_id))
        if actor.manages(project_id):
            rooms.add(room_of_managers(project_id))
    return rooms


def rooms_told(audience_id: UUID | None, for_managers: bool) -> list[str]:
    """The rooms that hear of an event; nobody is in two of them."""
    if for_managers:
        return [ADMINS] if audience_id is None else [room_of_managers(audience_id), ADMINS]
    return [EVERYBODY] if audience_id is None else [room_of_project(audience_id), ADMINS]
