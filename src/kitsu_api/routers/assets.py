"""Assets and their types."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import ColumnElement

from kitsu_api.db import projections
from kitsu_api.db.engine import Session
from kitsu_api.db.filters import conditions
from kitsu_api.db.models import Entity, EntityType
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories.entity_lists import EntityLists, asset_types, assets
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_scopes import masked_entities, open_departments, seen_entities, seen_tasks
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.places import ManagedProject, NamedProject, OpenAsset, OpenProject
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.entity_filters import FILTERS, asset_filters
from kitsu_api.schemas.assets import AssetTypeRead, AssetWithTasks, NamedTask, NewAsset
from kitsu_api.schemas.entities import EntityRead
from kitsu_api.services import assets as service
from kitsu_api.services import standing_rows
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden))
Reader = Annotated[Actor, allow(anyone)]


async def _list(session: Session, actor: Actor, where: list[ColumnElement[bool]]) -> Response:
    rows = await EntityLists(session).list_json(
        [assets(), seen_entities(actor), *where],
        masked_where=masked_entities(actor),
        departments=actor.departments,
    )
    return json_response(rows)


@router.get(
    "/data/assets/all",
    response_model=list[EntityRead],
    responses=errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_all_assets",
    summary="List assets",
)
async def list_all_assets(
    request: Request, session: Session, actor: Reader, project_id: NamedProject
) -> Response:
    """The assets that the caller sees, of one production or of all; `episode_id`: those that it casts."""
    return await _list(session, actor, asset_filters(request))


@router.get(
    "/data/projects/{project_id}/assets",
    response_model=list[EntityRead],
    responses=errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_assets_of_project",
    summary="List assets of a project",
)
async def list_assets_of_project(
    project_id: OpenProject, request: Request, session: Session, actor: CurrentActor
) -> Response:
    """The assets of a production that the caller sees."""
    return await _list(session, actor, [Entity.project_id == project_id, *asset_filters(request)])


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


@router.get(
    "/data/assets/{asset_id}/tasks",
    response_model=list[NamedTask],
    responses=errors(NotFound),
    operation_id="list_tasks_of_asset",
    summary="List tasks of an asset",
)
async def list_tasks_of_asset(place: OpenAsset, session: Session, actor: CurrentActor) -> Response:
    """The tasks on an asset; vendors see those that they are assigned to."""
    return json_response(await EntityLists(session).tasks_json(place.id, seen_tasks(actor, place.project_id)))


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
