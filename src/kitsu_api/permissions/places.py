"""Productions and entities that a path names, and whether the caller may enter them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Project
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS, EntityLists
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.policies.projects import in_team, runs_project


async def existing_project(project_id: UUID, session: Session) -> UUID:
    """The id of a production.

    Raises:
        NotFound: there is none.
    """
    if not await Records(session, Project).exists(Project.id == project_id):
        raise NotFound
    return project_id


async def named_project(
    project_id: Annotated[UUID | None, Query(description="Only those of this production.")] = None,
) -> UUID | None:
    """The production that a list is narrowed to, if any."""
    return project_id


@dataclass(frozen=True)
class Place:
    """Where an entity is, and what."""

    id: UUID
    project_id: UUID
    kind: str
    assigned: bool
    """Whether the caller has a task on it."""

    @property
    def is_asset(self) -> bool:
        """Whether it is an asset."""
        return self.kind not in OTHER_KINDS


async def place_of(session: Session, actor: Actor, id: UUID) -> Place:
    """Where an entity of any kind is.

    Raises:
        NotFound: there is no such entity.
    """
    entities = EntityLists(session)
    found = await entities.place(id)
    if found is None:
        raise NotFound
    limited = actor.role_on(found[0]) is Role.VENDOR
    return Place(id, *found, assigned=limited and await entities.is_assigned(id, actor.id))


async def entity_place(entity_id: UUID, session: Session, actor: CurrentActor) -> Place:
    """Where an entity of any kind is.

    Raises:
        NotFound: there is none.
    """
    return await place_of(session, actor, entity_id)


async def asset_place(asset_id: UUID, session: Session, actor: CurrentActor) -> Place:
    """Where an asset is.

    Raises:
        NotFound: there is no such asset.
    """
    place = await place_of(session, actor, asset_id)
    if not place.is_asset:
        raise NotFound
    return place


async def shot_place(shot_id: UUID, session: Session, actor: CurrentActor) -> Place:
    """Where a shot is.

    Raises:
        NotFound: there is no such shot.
    """
    place = await place_of(session, actor, shot_id)
    if place.kind != "Shot":
        raise NotFound
    return place


async def sequence_place(sequence_id: UUID, session: Session, actor: CurrentActor) -> Place:
    """Where a sequence is.

    Raises:
        NotFound: there is no such sequence.
    """
    place = await place_of(session, actor, sequence_id)
    if place.kind != "Sequence":
        raise NotFound
    return place


def enters(actor: Actor, place: Place) -> bool:
    """Whether the caller sees the entity: vendors those that they have a task on."""
    role = actor.role_on(place.project_id)
    return role is not None and (role is not Role.VENDOR or place.assigned)


def enters_production(actor: Actor, place: Place) -> bool:
    """Whether the production of the entity is open to the caller."""
    return actor.sees(place.project_id)


OpenProject = Annotated[UUID, guard(existing_project, in_team)]
ManagedProject = Annotated[UUID, guard(existing_project, runs_project)]
NamedProject = Annotated[UUID | None, guard(named_project, in_team)]
OpenEntity = Annotated[Place, guard(entity_place, enters)]
OpenAsset = Annotated[Place, guard(asset_place, enters)]
OpenShot = Annotated[Place, guard(shot_place, enters)]
OpenSequence = Annotated[Place, guard(sequence_place, enters_production)]
