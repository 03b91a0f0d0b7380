"""Folders of concepts."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from kitsu_api.db.models import Entity
from kitsu_api.db.repositories.concepts import ConceptRepository
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_places import ConceptProject, FolderProject, KeptFolder
from kitsu_api.permissions.listings import Listing
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.concepts import ConceptFolderName, ConceptMove
from kitsu_api.schemas.entities import EntityIds, EntityRead
from kitsu_api.services import concepts as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden))


async def _folder(uow: Uow, id: UUID, status: int = 200) -> Response:
    row = await ConceptRepository(uow.session).folder_json(id)
    assert row is not None
    return json_response(row, status)


@router.get(
    "/data/projects/{project_id}/concept-folders",
    response_model=list[EntityRead],
    responses=errors(NotFound),
    operation_id="list_concept_folders_of_project",
    summary="List concept folders of a project",
)
async def list_concept_folders_of_project(project_id: FolderProject, session: Listing) -> Response:
    """The folders for concepts of a production, by name; they are for people of the studio."""
    return json_response(await ConceptRepository(session).folders_json(Entity.project_id == project_id))


@router.post(
    "/data/projects/{project_id}/concept-folders",
    status_code=201,
    response_model=EntityRead,
    responses=errors(BadRequest, NotFound),
    operation_id="create_concept_folder",
    summary="Create a concept folder",
)
async def create_concept_folder(
    project_id: ConceptProject, payload: ConceptFolderName, uow: Uow, actor: CurrentActor
) -> Response:
    """Add a folder for concepts to a production."""
    return await _folder(uow, await service.create_folder(uow, actor, project_id, payload), 201)


@router.put(
    "/data/concept-folders/{concept_folder_id}",
    response_model=EntityRead,
    responses=errors(BadRequest, NotFound),
    operation_id="rename_concept_folder",
    summary="Rename a concept folder",
)
async def rename_concept_folder(place: KeptFolder, payload: ConceptFolderName, uow: Uow) -> Response:
    """Give a folder for concepts another name."""
    await service.rename_folder(uow, place.id, payload)
    return await _folder(uow, place.id)


@router.delete(
    "/data/concept-folders/{concept_folder_id}",
    status_code=204,
    responses=errors(NotFound),
    operation_id="delete_concept_folder",
    summary="Delete a concept folder",
)
async def delete_concept_folder(place: KeptFolder, uow: Uow, actor: CurrentActor) -> Response:
    """Delete a folder; the concepts in it stay, in no folder."""
    await service.delete_folder(uow, actor, place.project_id, place.id)
    return Response(status_code=204)


@router.post(
    "/actions/projects/{project_id}/move-concepts",
    response_model=EntityIds,
    responses=errors(BadRequest, NotFound),
    operation_id="move_concepts",
    summary="Move concepts",
)
async def move_concepts(project_id: ConceptProject, payload: ConceptMove, uow: Uow) -> list[UUID]:
    """Put concepts of a production into a folder, or out of all; the answer holds those that there are."""
    return await service.move(uow, project_id, payload)
