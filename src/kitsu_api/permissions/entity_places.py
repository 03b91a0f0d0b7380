"""Edits, concepts and entities of any kind that a path names, and whether the caller may use them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.errors import NotFound
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.places import (
    Place,
    asset_place,
    enters,
    enters_production,
    entity_place,
    existing_project,
    place_of,
)
from kitsu_api.permissions.policies.entities import (
    keeps_concepts,
    keeps_concepts_of,
    manages,
    sees_folders,
    sees_work,
)


async def _of_kind(session: Session, actor: CurrentActor, id: UUID, kind: str) -> Place:
    place = await place_of(session, actor, id)
    if place.kind != kind:
        raise NotFound
    return place


async def edit_place(edit_id: UUID, session: Session, actor: CurrentActor) -> Place:
    """Where an edit is.

    Raises:
        NotFound: there is no such edit.
    """
    return await _of_kind(session, actor, edit_id, "Edit")


async def concept_place(concept_id: UUID, session: Session, actor: CurrentActor) -> Place:
    """Where a concept is.

    Raises:
        NotFound: there is no such concept.
    """
    return await _of_kind(session, actor, concept_id, "Concept")


async def folder_place(concept_folder_id: UUID, session: Session, actor: CurrentActor) -> Place:
    """Where a folder of concepts is.

    Raises:
        NotFound: there is no such folder.
    """
    return await _of_kind(session, actor, concept_folder_id, "ConceptFolder")


async def holding_episode(episode_id: UUID, session: Session, actor: CurrentActor) -> Place:
    """The episode whose edits are asked for.

    Raises:
        NotFound: there is no such episode.
    """
    return await _of_kind(session, actor, episode_id, "Episode")


async def episode_of_project(
    project_id: UUID, episode_id: UUID, session: Session, actor: CurrentActor
) -> Place:
    """An episode that a path names after its production.

    Raises:
        NotFound: there is no such episode in this production.
    """
    place = await _of_kind(session, actor, episode_id, "Episode")
    if place.project_id != project_id:
        raise NotFound
    return place


WorkedEntity = Annotated[Place, guard(entity_place, sees_work)]
ManagedEntity = Annotated[Place, guard(entity_place, manages)]
ManagedAsset = Annotated[Place, guard(asset_place, manages)]
OpenEdit = Annotated[Place, guard(edit_place, enters)]
ManagedEdit = Annotated[Place, guard(edit_place, manages)]
OpenConcept = Annotated[Place, guard(concept_place, enters)]
KeptConcept = Annotated[Place, guard(concept_place, keeps_concepts)]
KeptFolder = Annotated[Place, guard(folder_place, keeps_concepts)]
FolderProject = Annotated[UUID, guard(existing_project, sees_folders)]
ConceptProject = Annotated[UUID, guard(existing_project, keeps_concepts_of)]
EpisodeOfEdits = Annotated[Place, guard(holding_episode, enters_production)]
EpisodeOfProject = Annotated[Place, guard(episode_of_project, enters_production)]
