"""What a path names after its production, and whether the caller may read or change its casting."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.breakdown import Breakdown
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.capabilities import granted
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.places import (
    Place,
    asset_place,
    enters,
    enters_production,
    existing_project,
    place_of,
)
from kitsu_api.permissions.policies.entities import casts, casts_in
from kitsu_api.schemas.access_groups import Capability


async def _in_project(session: Session, actor: CurrentActor, id: UUID, project_id: UUID) -> Place:
    place = await place_of(session, actor, id)
    if place.project_id != project_id:
        raise NotFound
    return place


async def entity_in_project(
    project_id: UUID, entity_id: UUID, session: Session, actor: CurrentActor
) -> Place:
    """Where an entity of a production is.

    Raises:
        NotFound: there is no such entity in this production.
    """
    return await _in_project(session, actor, entity_id, project_id)


async def sequence_in_project(
    project_id: UUID, sequence_id: UUID, session: Session, actor: CurrentActor
) -> Place:
    """Where a sequence of a production is.

    Raises:
        NotFound: there is no such sequence in this production.
    """
    place = await _in_project(session, actor, sequence_id, project_id)
    if place.kind != "Sequence":
        raise NotFound
    return place


async def episode_in_project(
    project_id: UUID, episode_id: UUID, session: Session, actor: CurrentActor
) -> Place:
    """Where an episode of a production is.

    Raises:
        NotFound: there is no such episode in this production.
    """
    place = await _in_project(session, actor, episode_id, project_id)
    if place.kind != "Episode":
        raise NotFound
    return place


async def link_in_project(
    project_id: UUID, entity_link_id: UUID, session: Session, actor: CurrentActor
) -> Place:
    """The entity of a production whose casting a link is part of.

    Raises:
        NotFound: there is no such link in this production.
    """
    caster_id = await Breakdown(session).caster_of_link(entity_link_id)
    if caster_id is None:
        raise NotFound
    return await _in_project(session, actor, caster_id, project_id)


def sees_casting(actor: Actor, place: Place) -> bool:
    """Whether the caller reads the casting of an entity: who sees it, and whom a group shows castings."""
    return enters(actor, place) or granted(actor, Capability.CASTING_VIEW, place.project_id)


EntityOfProject = Annotated[Place, guard(entity_in_project, sees_casting)]
AssetOfCasting = Annotated[Place, guard(asset_place, sees_casting)]
CastEntity = Annotated[Place, guard(entity_in_project, casts)]
CastedAsset = Annotated[Place, guard(asset_place, casts)]
CastingProject = Annotated[UUID, guard(existing_project, casts_in)]
SequenceOfProject = Annotated[Place, guard(sequence_in_project, enters_production)]
CastingEpisode = Annotated[Place, guard(episode_in_project, enters_production)]
CasterOfLink = Annotated[Place, guard(link_in_project, casts)]
