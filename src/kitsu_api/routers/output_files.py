"""Output files: what is made from working files, for entities and for instances of assets."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Response

from kitsu_api.db import scopes
from kitsu_api.db.engine import Session
from kitsu_api.db.models import OutputFile
from kitsu_api.db.projections import OUTPUT_FILE
from kitsu_api.db.repositories.production_files import OutputFiles, filtered, of_project
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.file_places import (
    OpenInstance,
    PublishedEntity,
    PublishedInstance,
)
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.in_loop import in_loop
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import OpenEntity, OpenProject
from kitsu_api.permissions.policies.projects import in_team
from kitsu_api.permissions.scopes import visible
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import production_files as s
from kitsu_api.schemas.base import Text
from kitsu_api.schemas.files import OutputFileRead, OutputTypeRead
from kitsu_api.services import production_files as service
from kitsu_api.services.path_guessing import guess
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Files"], responses=errors(BadRequest, Unauthorized, Forbidden, NotFound))

ENTITY = "/data/entities/{entity_id}"
INSTANCE = "/data/asset-instances/{asset_instance_id}/entities/{temporal_entity_id}"
Filters = Annotated[s.OutputFilters, Depends(in_loop(s.OutputFilters))]
Representation = Annotated[Text | None, Query(description="Only those of this representation.")]


async def _listed(session: Session, target: service.Target, **values: Any) -> Response:
    where = [*service.of_target(target), *filtered(values)]
    return json_response(await OutputFiles(session).list_json(*where))


async def _made(uow: Uow, actor: CurrentActor, target: service.Target, wish: s.NewOutputFile) -> Response:
    file, path = await service.add_output_file(uow, actor, target, wish)
    row = await Records(uow.session, OutputFile).one_json(OUTPUT_FILE, file.id)
    assert row is not None
    where = {"folder_path": path.folder, "file_name": path.name}
    return json_response(row[:-1] + b"," + orjson.dumps(where)[1:], 201)


async def _path(uow: Uow, target: service.Target, request: s.OutputPathRequest) -> s.OutputPath:
    path = await service.output_path(uow, target, request)
    return s.OutputPath(folder_path=path.folder, file_name=path.name)


@router.post(
    ENTITY + "/output-file-path",
    operation_id="get_output_file_path_of_entity",
    summary="Tell where an output file of an entity goes",
)
async def get_path_of_entity(place: PublishedEntity, request: s.OutputPathRequest, uow: Uow) -> s.OutputPath:
    """Folder and name by the production's file tree; the extension is the caller's."""
    return await _path(uow, place, request)


@router.post(
    INSTANCE + "/output-file-path",
    operation_id="get_output_file_path_of_asset_instance",
    summary="Tell where an output file of an asset instance goes",
)
async def get_path_of_instance(
    place: PublishedInstance, request: s.OutputPathRequest, uow: Uow
) -> s.OutputPath:
    """Folder and name by the production's file tree; the extension is the caller's."""
    return await _path(uow, place, request)


@router.post(
    ENTITY + "/output-files/new",
    status_code=201,
    response_model=s.NewOutputRead,
    operation_id="create_output_file_of_entity",
    summary="Create the next revision of an output file of an entity",
)
async def create_of_entity(
    place: PublishedEntity, wish: s.NewOutputFile, uow: Uow, actor: CurrentActor
) -> Response:
    """Make the next revision, or the one named."""
    return await _made(uow, actor, place, wish)


@router.post(
    INSTANCE + "/output-files/new",
    status_code=201,
    response_model=s.NewOutputRead,
    operation_id="create_output_file_of_asset_instance",
    summary="Create the next revision of an output file of an asset instance",
)
async def create_of_instance(
    place: PublishedInstance, wish: s.NewOutputFile, uow: Uow, actor: CurrentActor
) -> Response:
    """Make the next revision, or the one named."""
    return await _made(uow, actor, place, wish)


@router.post(
    ENTITY + "/output-files/next-revision",
    operation_id="get_next_output_revision_of_entity",
    summary="Tell the next revision of an output file of an entity",
)
async def get_next_of_entity(place: OpenEntity, wish: s.OutputTarget, uow: Uow) -> s.NextRevision:
    """The revision after the last one; it isn't kept for the caller."""
    return s.NextRevision(next_revision=await service.next_revision(uow, place, wish))


@router.post(
    INSTANCE + "/output-files/next-revision",
    operation_id="get_next_output_revision_of_asset_instance",
    summary="Tell the next revision of an output file of an asset instance",
)
async def get_next_of_instance(place: OpenInstance, wish: s.OutputTarget, uow: Uow) -> s.NextRevision:
    """The revision after the last one; it isn't kept for the caller."""
    return s.NextRevision(next_revision=await service.next_revision(uow, place, wish))


@router.get(
    ENTITY + "/output-files",
    response_model=list[OutputFileRead],
    operation_id="list_output_files_of_entity",
    summary="List output files of an entity",
)
async def list_of_entity(place: OpenEntity, filters: Filters, session: Listing) -> Response:
    """The output files of an entity, the last revision first."""
    where = [OutputFile.entity_id == place.id, *filtered(filters.values)]
    return json_response(await OutputFiles(session).list_json(*where))


@router.get(
    ENTITY + "/output-files/last-revisions",
    response_model=list[OutputFileRead],
    operation_id="list_last_output_files_of_entity",
    summary="List the last revisions of the output files of an entity",
)
async def list_last_of_entity(place: OpenEntity, filters: Filters, session: Listing) -> Response:
    """The last revision of each type and name."""
    where = [OutputFile.entity_id == place.id, *filtered(filters.values)]
    return json_response(await OutputFiles(session).last_json(*where))


@router.get(
    INSTANCE + "/output-files/last-revisions",
    response_model=list[OutputFileRead],
    operation_id="list_last_output_files_of_asset_instance",
    summary="List the last revisions of the output files of an asset instance",
)
async def list_last_of_instance(place: OpenInstance, filters: Filters, session: Listing) -> Response:
    """The last revision of each type and name, where the instance stands."""
    where = [*service.of_target(place), *filtered(filters.values)]
    return json_response(await OutputFiles(session).last_json(*where))


@router.get(
    ENTITY + "/output-types",
    response_model=list[OutputTypeRead],
    operation_id="list_output_types_of_entity",
    summary="List output types of an entity",
)
async def list_types_of_entity(place: OpenEntity, session: Listing) -> Response:
    """The types that there are output files of, by name."""
    return json_response(await OutputFiles(session).types_json(OutputFile.entity_id == place.id))


@router.get(
    INSTANCE + "/output-types",
    response_model=list[OutputTypeRead],
    operation_id="list_output_types_of_asset_instance",
    summary="List output types of an asset instance",
)
async def list_types_of_instance(place: OpenInstance, session: Listing) -> Response:
    """The types that there are output files of, where the instance stands, by name."""
    return json_response(await OutputFiles(session).types_json(*service.of_target(place)))


@router.get(
    ENTITY + "/output-types/{output_type_id}/output-files",
    response_model=list[OutputFileRead],
    operation_id="list_output_files_of_entity_and_type",
    summary="List output files of a type of an entity",
)
async def list_of_entity_and_type(
    place: OpenEntity, output_type_id: UUID, session: Listing, representation: Representation = None
) -> Response:
    """The output files of one type, the last revision first."""
    return await _listed(session, place, output_type_id=output_type_id, representation=representation)


@router.get(
    INSTANCE + "/output-types/{output_type_id}/output-files",
    response_model=list[OutputFileRead],
    operation_id="list_output_files_of_asset_instance_and_type",
    summary="List output files of a type of an asset instance",
)
async def list_of_instance_and_type(
    place: OpenInstance, output_type_id: UUID, session: Listing, representation: Representation = None
) -> Response:
    """The output files of one type, where the instance stands, the last revision first."""
    return await _listed(session, place, output_type_id=output_type_id, representation=representation)


@router.get(
    "/data/projects/{project_id}/output-files",
    response_model=list[OutputFileRead],
    operation_id="list_output_files_of_project",
    summary="List output files of a project",
)
async def list_of_project(
    project_id: OpenProject, filters: Filters, actor: CurrentActor, session: Listing
) -> Response:
    """The output files of a production that the caller sees, the last revision first."""
    seen = visible(scopes.output_files)(actor)
    where = [of_project(project_id), seen, *filtered(filters.values)]
    return json_response(await OutputFiles(session).list_json(*where))


async def named_by_body(request: s.GuessRequest) -> UUID:
    """The production that a body names."""
    return request.project_id


NamedByBody = Annotated[UUID, guard(named_by_body, in_team)]


def add_guess(path: str, operation: str) -> None:
    """Add the route that reads a path, under one of its names."""

    async def guess_from_path(project_id: NamedByBody, request: s.GuessRequest, uow: Uow) -> list[s.Guess]:
        found = await guess(uow, project_id, request.file_path, request.separator)
        return [s.Guess.model_validate(one) for one in found]

    guess_from_path.__annotations__ = {
        "project_id": NamedByBody,
        "request": s.GuessRequest,
        "uow": Uow,
        "return": list[s.Guess],
    }
    router.add_api_route(
        path,
        guess_from_path,
        methods=["POST"],
        response_model=list[s.Guess],
        response_model_exclude_none=True,
        operation_id=operation,
        summary="Tell what a path stands for",
        description="Read a path by the templates of the production's file tree; empty when it fits none.",
    )


add_guess("/data/entities/guess-from-path", "guess_from_path")
add_guess("/data/entities/guess_from_path", "guess_from_path_legacy")
