"""Who may do what with entities, by the role held in their production."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.capabilities import granted
from kitsu_api.schemas.access_groups import Capability

KEEPERS = (Role.ADMIN, Role.MANAGER, Role.SUPERVISOR)


class Located(Protocol):
    """Something that is in a production."""

    @property
    def project_id(self) -> UUID:
        """The production."""
        ...

    @property
    def assigned(self) -> bool:
        """Whether the caller, a vendor, has a task on it."""
        ...


def manages(actor: Actor, place: Located) -> bool:
    """Whether the caller runs the production of an entity."""
    return actor.manages(place.project_id)


def keeps_concepts_of(actor: Actor, project_id: UUID) -> bool:
    """Concepts and their folders are kept by supervisors and those above them, and by whom a group lets."""
    return actor.role_on(project_id) in KEEPERS or granted(actor, Capability.CONCEPTS_EDIT, project_id)


def keeps_concepts(actor: Actor, place: Located) -> bool:
    """Whether the caller keeps the concepts of the production."""
    return keeps_concepts_of(actor, place.project_id)


def casts_in(actor: Actor, project_id: UUID) -> bool:
    """Castings are made by those who run the production, and by whom a group lets."""
    return actor.manages(project_id) or granted(actor, Capability.CASTING_EDIT, project_id)


def casts(actor: Actor, place: Located) -> bool:
    """Whether the caller makes the castings of the production of an entity."""
    return casts_in(actor, place.project_id)


def sees_folders(actor: Actor, project_id: UUID) -> bool:
    """Folders of concepts are for people of the studio: neither clients nor vendors."""
    return actor.role_on(project_id) in (*KEEPERS, Role.ARTIST)


def sees_work(actor: Actor, place: Located) -> bool:
    """Time spent on an entity is no business of clients; vendors see what is spent on their tasks."""
    role = actor.role_on(place.project_id)
    return role in (*KEEPERS, Role.ARTIST) or (role is Role.VENDOR and place.assigned)
