"""Assets and their types."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import ColumnElement, Text, literal

from kitsu_api.db import projections
from kitsu_api.db.engine import Session
from kitsu_api.db.filters import conditions
from kitsu_api.db.models import Entity, EntityType, Task
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories.entities import EntityReads, cast_types
from kitsu_api.db.repositories.entity_columns import Shape
from kitsu_api.db.repositories.entity_lists import EntityLists, asset_types, assets
from kitsu_api.db.repositories.records import Page, Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, PreconditionFailed, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings, CurrentActor
from kitsu_api.permissions.entity_places import ManagedAsset
from kitsu_api.permissions.entity_scopes import masked_entities, open_departments, seen_entities, seen_tasks
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import ManagedProject, NamedProject, OpenAsset, OpenProject, OpenShot
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.entity_filters import FILTERS, asset_filters
from kitsu_api.routers.entity_pages import page_response
from kitsu_api.routers.held_lists import whole_list
from kitsu_api.routers.list_queries import Listed
from kitsu_api.routers.named_answers import NAMED
from kitsu_api.routers.row_versions import IfMatch, check_row
from kitsu_api.schemas.assets import AssetTypeRead, AssetWithTasks, NamedTask, NewAsset, ProjectAssetType
from kitsu_api.schemas.base import page_schema
from kitsu_api.schemas.entities import EntityRead
from kitsu_api.schemas.tasks import TaskTypeRead
from kitsu_api.services import assets as service
from kitsu_api.services import standing_rows
from kitsu_api.services.entity_removal import remove_entity
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden))
Reader = Annotated[Actor, allow(anyone)]


def _shape(actor: Actor) -> Shape:
    return {
        "masked_where": masked_entities(actor),
        "departments": actor.departments,
        "type_name": literal("Asset", Text),
    }


async def _list(
    request: Request,
    session: Session,
    actor: Actor,
    project_id: UUID | None,
    where: list[ColumnElement[bool]],
    page: Page | None = None,
) -> Response:
    where, shape = [assets(), seen_entities(actor), *where], _shape(actor)
    if page is None:
        return await whole_list(request, session, actor, project_id, where, shape)
    return await _page(session, where, page, shape)


async def _page(session: Session, where: list[ColumnElement[bool]], page: Page, shape: Shape) -> Response:
    rows = await EntityLists(session).list_json(where, page=page, **shape)
    return page_response(rows, await EntityLists(session).count(where), page)


@router.get(
    "/data/assets",
    response_model=list[EntityRead] | page_schema(EntityRead),
    responses=NAMED | errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_assets",
    summary="List assets",
)
async def list_assets(
    request: Request,
    actor: Reader,
    project_id: NamedProject,
    settings: AppSettings,
    query: Listed,
    session: Listing,
) -> Response:
    """The assets that the caller sees, of one production or of all; `episode_id`: those that it casts."""
    return await _list(request, session, actor, project_id, asset_filters(request), query.page(settings))


@router.get(
    "/data/assets/all",
    response_model=list[EntityRead] | page_schema(EntityRead),
    responses=NAMED | errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_all_assets",
    summary="List all assets",
)
async def list_all_assets(
    request: Request,
    actor: Reader,
    project_id: NamedProject,
    settings: AppSettings,
    query: Listed,
    session: Listing,
) -> Response:
    """The same as `/data/assets`."""
    return await _list(request, session, actor, project_id, asset_filters(request), query.page(settings))


@router.get(
    "/data/projects/{project_id}/assets",
    response_model=list[EntityRead] | page_schema(EntityRead),
    responses=NAMED | errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_assets_of_project",
    summary="List assets of a project",
)
async def list_assets_of_project(
    project_id: OpenProject,
    request: Request,
    actor: CurrentActor,
    settings: AppSettings,
    query: Listed,
    session: Listing,
) -> Response:
    """The assets of a production that the caller sees."""
    where = [Entity.project_id == project_id, *asset_filters(request)]
    return await _list(request, session, actor, project_id, where, query.page(settings))


@router.get(
    "/data/projects/{project_id}/asset-types/{asset_type_id}/assets",
    response_model=list[EntityRead] | page_schema(EntityRead),
    responses=errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_assets_of_type",
    summary="List assets of a type",
)
async def list_assets_of_type(
    project_id: OpenProject,
    asset_type_id: UUID,
    request: Request,
    uow: Uow,
    actor: CurrentActor,
    settings: AppSettings,
    query: Listed,
) -> Response:
    """The assets of a type in a production that the caller sees."""
    await service.check_asset_type(uow, asset_type_id)
    place = [Entity.project_id == project_id, Entity.entity_type_id == asset_type_id]
    where = [assets(), seen_entities(actor), *place, *asset_filters(request)]
    page = query.page(settings)
    if page is not None:
        return await _page(uow.session, where, page, _shape(actor))
    return json_response(await EntityLists(uow.session).list_json(where, **_shape(actor)))


@router.post(
    "/data/projects/{project_id}/asset-types/{asset_type_id}/assets/new",
    status_code=201,
    response_model=EntityRead,
    responses=errors(BadRequest, NotFound),
    operation_id="create_asset",
    summary="Create an asset",
)
async def create_asset(
    project_id: ManagedProject, asset_type_id: UUID, payload: NewAsset, uow: Uow, actor: CurrentActor
) -> Response:
    """Add an asset of a type to a production."""
    asset_id = await service.create(uow, actor, project_id, asset_type_id, payload)
    row = await Records(uow.session, Entity).one_json(ENTITY, asset_id)
    assert row is not None
    return json_response(row, 201)


@router.get(
    "/data/assets/{asset_id}",
    response_model=AssetWithTasks,
    responses=errors(NotFound),
    operation_id="get_asset",
    summary="Get an asset",
)
async def get_asset(place: OpenAsset, session: Session, actor: CurrentActor) -> Response:
    """An asset with its tasks; vendors see those that they are assigned to."""
    row = await EntityLists(session).asset_json(
        place.id, actor.id, seen_tasks(actor, place.project_id), open_departments(actor, place.project_id)
    )
    if row is None:
        raise NotFound
    return json_response(row)


@router.delete(
    "/data/assets/{asset_id}",
    status_code=204,
    responses=errors(BadRequest, NotFound, PreconditionFailed),
    operation_id="delete_asset",
    summary="Delete an asset",
)
async def delete_asset(
    place: ManagedAsset,
    uow: Uow,
    actor: CurrentActor,
    force: Annotated[bool, Query(description="Delete it also when it has tasks.")] = False,
    if_match: IfMatch = None,
) -> Response:
    """Cancel an asset that has tasks; delete it when it has none, is canceled already, or by `force`."""
    await check_row(uow.session, Entity, place.id, if_match)
    await remove_entity(uow, actor, place.id, "Asset", force=force)
    return Response(status_code=204)


@router.get(
    "/data/assets/{asset_id}/task-types",
    response_model=list[TaskTypeRead],
    responses=errors(NotFound),
    operation_id="list_task_types_of_asset",
    summary="List task types of an asset",
)
async def list_task_types_of_asset(place: OpenAsset, actor: CurrentActor, session: Listing) -> Response:
    """The types of the tasks on an asset; vendors see those of the tasks that they are assigned to."""
    seen = seen_tasks(actor, place.project_id)
    return json_response(await EntityReads(session).task_types_json(place.id, seen))


@router.get(
    "/data/assets/{asset_id}/tasks",
    response_model=list[NamedTask],
    responses=errors(BadRequest, NotFound),
    operation_id="list_tasks_of_asset",
    summary="List tasks of an asset",
)
async def list_tasks_of_asset(
    place: OpenAsset,
    actor: CurrentActor,
    session: Listing,
    task_type_id: Annotated[UUID | None, Query(description="Only those of this type.")] = None,
    task_status_id: Annotated[UUID | None, Query(description="Only those of this status.")] = None,
) -> Response:
    """The tasks on an asset; vendors see those that they are assigned to."""
    where = [Task.entity_id == place.id, seen_tasks(actor, place.project_id)]
    if task_type_id is not None:
        where.append(Task.task_type_id == task_type_id)
    if task_status_id is not None:
        where.append(Task.task_status_id == task_status_id)
    return json_response(await EntityLists(session).named_tasks_json(*where))


@router.get(
    "/data/asset-types",
    response_model=list[AssetTypeRead],
    responses=errors(BadRequest),
    operation_id="list_asset_types",
    summary="List asset types",
)
async def list_asset_types(request: Request, uow: Uow, actor: Reader, project_id: NamedProject) -> Response:
    """The entity types that are for assets; of one production those that it works with."""
    await standing_rows.entity_types(uow.session)
    filters = conditions(projections.ENTITY_TYPE, request.query_params.multi_items(), ())
    rows = await Records(uow.session, EntityType).list_json(
        projections.ASSET_TYPE, [asset_types(project_id), *filters], relations=True
    )
    return json_response(rows)


@router.get(
    "/data/asset-types/{asset_type_id}",
    response_model=AssetTypeRead,
    responses=errors(NotFound),
    operation_id="get_asset_type",
    summary="Get an asset type",
)
async def get_asset_type(asset_type_id: UUID, uow: Uow, actor: Reader) -> Response:
    """An entity type that is for assets."""
    await standing_rows.entity_types(uow.session)
    types = Records(uow.session, EntityType)
    if not await types.exists(EntityType.id == asset_type_id, asset_types()):
        raise NotFound
    row = await types.one_json(projections.ASSET_TYPE, asset_type_id, relations=True)
    assert row is not None
    return json_response(row)


@router.get(
    "/data/projects/{project_id}/asset-types",
    response_model=list[ProjectAssetType],
    responses=errors(BadRequest, NotFound),
    operation_id="list_asset_types_of_project",
    summary="List asset types of a project",
)
async def list_asset_types_of_project(project_id: OpenProject, uow: Uow) -> Response:
    """The asset types that a production works with, or has assets of."""
    await standing_rows.entity_types(uow.session)
    types = Records(uow.session, EntityType)
    return json_response(await types.list_json(projections.ASSET_TYPE, [asset_types(project_id)]))


@router.get(
    "/data/shots/{shot_id}/asset-types",
    response_model=list[ProjectAssetType],
    responses=errors(NotFound),
    operation_id="list_asset_types_of_shot",
    summary="List asset types of a shot",
)
async def list_asset_types_of_shot(place: OpenShot, session: Listing) -> Response:
    """The types of the assets that a shot casts."""
    types = Records(session, EntityType)
    return json_response(await types.list_json(projections.ASSET_TYPE, [asset_types(), cast_types(place.id)]))
