"""Shots, scenes, sequences and episodes that a path names, and whether the caller may use them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import Query

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity, Project, TaskType
from kitsu_api.db.repositories.entity_lists import EntityLists, holding_assigned_to
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.places import (
    Place,
    enters,
    enters_production,
    place_of,
    sequence_place,
    shot_place,
)
from kitsu_api.permissions.policies.entities import manages
from kitsu_api.permissions.policies.projects import in_team


async def episode_place(episode_id: UUID, session: Session, actor: CurrentActor) -> Place:
    """Where an episode is.

    Raises:
        NotFound: there is no such episode.
    """
    place = await place_of(session, actor, episode_id)
    if place.kind != "Episode":
        raise NotFound
    return place


async def scene_place(scene_id: UUID, session: Session, actor: CurrentActor) -> Place:
    """Where a scene is.

    Raises:
        NotFound: there is no such scene.
    """
    place = await place_of(session, actor, scene_id)
    if place.kind != "Scene":
        raise NotFound
    return place


async def _with_work_below(session: Session, actor: Actor, place: Place) -> Place:
    held = Entity.id == place.id, holding_assigned_to(actor.id)
    return replace(place, assigned=place.assigned or await Records(session, Entity).exists(*held))


async def worked_episode(episode_id: UUID, session: Session, actor: CurrentActor) -> Place:
    """Where an episode is; `assigned` also when the caller has a task on what is in it.

    Raises:
        NotFound: there is no such episode.
    """
    return await _with_work_below(session, actor, await episode_place(episode_id, session, actor))


async def worked_sequence(sequence_id: UUID, session: Session, actor: CurrentActor) -> Place:
    """Where a sequence is; `assigned` also when the caller has a task on what is in it.

    Raises:
        NotFound: there is no such sequence.
    """
    return await _with_work_below(session, actor, await sequence_place(sequence_id, session, actor))


async def named_sequence(
    session: Session,
    sequence_id: Annotated[str | None, Query(description="Only those of this sequence.")] = None,
) -> UUID | None:
    """The production of the sequence that a list is narrowed to, if any."""
    try:
        found = await EntityLists(session).place(UUID(sequence_id)) if sequence_id else None
    except ValueError:
        return None  # The filters of the list say what is wrong with it.
    return None if found is None else found[0]


@dataclass(frozen=True)
class Framed:
    """Shots whose frames follow from the movies on their tasks of a type."""

    project_id: UUID
    task_type_id: UUID
    episode_id: UUID | None
    """Only shots of this episode."""


def _ids(message: str, *texts: str) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        raise BadRequest(message) from error


async def framed_shots(
    session: Session,
    project_id: str,
    task_type_id: str,
    episode_id: Annotated[str | None, Query(description="Only shots of this episode.")] = None,
) -> Framed:
    """The shots that a path and a query name.

    Raises:
        BadRequest: an id is none, or names no production, task type, or episode of the production.
    """
    project, task_type = _ids("Invalid project or task type id", project_id, task_type_id)
    episode = _ids("Invalid episode id", episode_id)[0] if episode_id else None
    if not await Records(session, Project).exists(Project.id == project):
        raise BadRequest("Invalid project or task type id")
    if not await Records(session, TaskType).exists(TaskType.id == task_type):
        raise BadRequest("Invalid project or task type id")
    if episode is not None and await EntityLists(session).place(episode) != (project, "Episode"):
        raise BadRequest("Invalid episode id")
    return Framed(project, task_type, episode)


def runs_project_of_shots(actor: Actor, shots: Framed) -> bool:
    """Whether the caller runs the production of the shots."""
    return actor.manages(shots.project_id)


FramedShots = Annotated[Framed, guard(framed_shots, runs_project_of_shots)]
ManagedShot = Annotated[Place, guard(shot_place, manages)]
ManagedSequence = Annotated[Place, guard(sequence_place, manages)]
ManagedEpisode = Annotated[Place, guard(episode_place, manages)]
ManagedScene = Annotated[Place, guard(scene_place, manages)]
OpenScene = Annotated[Place, guard(scene_place, enters)]
OpenEpisode = Annotated[Place, guard(episode_place, enters_production)]
WorkedEpisode = Annotated[Place, guard(worked_episode, enters)]
WorkedSequence = Annotated[Place, guard(worked_sequence, enters)]
NamedSequence = Annotated[UUID | None, guard(named_sequence, in_team)]
