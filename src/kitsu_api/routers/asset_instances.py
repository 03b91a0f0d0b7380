"""Instances of assets: where they stand, which shots show them, and what belongs to them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from kitsu_api.db import projections, scopes
from kitsu_api.db.engine import Session
from kitsu_api.db.models import AssetInstance, OutputFile
from kitsu_api.db.repositories.asset_instances import AssetInstances
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.shot_lists import bare_json
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_places import ManagedAsset
from kitsu_api.permissions.entity_scopes import seen_entities
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import OpenAsset, OpenShot
from kitsu_api.permissions.scopes import visible
from kitsu_api.permissions.shot_places import ManagedScene, ManagedShot, OpenScene
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.asset_instances import (
    GroupedInstances,
    InstanceOfShot,
    NewAssetInstance,
    NewSceneInstance,
)
from kitsu_api.schemas.entities import AssetInstanceRead, EntityRead
from kitsu_api.schemas.files import OutputFileRead
from kitsu_api.services import asset_instances as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Files"], responses=errors(Unauthorized, Forbidden))


async def load_instance(asset_instance_id: UUID, session: Session, actor: CurrentActor) -> tuple[UUID, bool]:
    """The instance's id, and whether it lies in the caller's scope.

    Raises:
        NotFound: there is no such instance.
    """
    scope = visible(scopes.asset_instances)(actor)
    seen = await Records(session, AssetInstance).visible(asset_instance_id, scope)
    if seen is None:
        raise NotFound
    return asset_instance_id, seen


def is_seen(actor: Actor, instance: tuple[UUID, bool]) -> bool:
    """Whether the instance lies in the caller's scope."""
    return instance[1]


SeenInstance = Annotated[tuple[UUID, bool], guard(load_instance, is_seen)]


@router.get(
    "/data/asset-instances/{asset_instance_id}/output-files",
    response_model=list[OutputFileRead],
    responses=errors(NotFound),
    operation_id="list_output_files_of_asset_instance",
    summary="List output files of an asset instance",
)
async def list_output_files(instance: SeenInstance, session: Listing) -> Response:
    """All output files of an instance of an asset, whatever scene it stands in."""
    where = [OutputFile.asset_instance_id == instance[0]]
    return json_response(await Records(session, OutputFile).list_json(projections.OUTPUT_FILE, where))


@router.get(
    "/data/scenes/{scene_id}/asset-instances",
    response_model=GroupedInstances,
    responses=errors(NotFound),
    operation_id="list_asset_instances_of_scene",
    summary="List asset instances of a scene",
)
async def list_asset_instances_of_scene(place: OpenScene, session: Listing) -> Response:
    """The instances that stand in a scene, by the id of their asset."""
    return json_response(await AssetInstances(session).in_scene_json(place.id))


@router.get(
    "/data/scenes/{scene_id}/camera-instances",
    response_model=GroupedInstances,
    responses=errors(NotFound),
    operation_id="list_camera_instances_of_scene",
    summary="List camera instances of a scene",
)
async def list_camera_instances_of_scene(place: OpenScene, session: Listing) -> Response:
    """The instances of cameras that stand in a scene, by the id of their asset."""
    return json_response(await AssetInstances(session).in_scene_json(place.id, cameras=True))


@router.get(
    "/data/shots/{shot_id}/asset-instances",
    response_model=GroupedInstances,
    responses=errors(NotFound),
    operation_id="list_asset_instances_of_shot",
    summary="List asset instances of a shot",
)
async def list_asset_instances_of_shot(place: OpenShot, session: Listing) -> Response:
    """The instances that a shot shows, by the id of their asset."""
    return json_response(await AssetInstances(session).in_shot_json(place.id))


@router.get(
    "/data/assets/{asset_id}/asset-asset-instances",
    response_model=GroupedInstances,
    responses=errors(NotFound),
    operation_id="list_asset_instances_of_asset",
    summary="List asset instances of an asset",
)
async def list_asset_instances_of_asset(place: OpenAsset, session: Listing) -> Response:
    """The instances that an asset is made of, by the id of their asset."""
    return json_response(await AssetInstances(session).in_asset_json(place.id))


@router.get(
    "/data/assets/{asset_id}/scene-asset-instances",
    response_model=GroupedInstances,
    responses=errors(NotFound),
    operation_id="list_scene_instances_of_asset",
    summary="List instances of an asset in scenes",
)
async def list_scene_instances_of_asset(place: OpenAsset, actor: CurrentActor, session: Listing) -> Response:
    """The instances of an asset by the id of the scene that they stand in."""
    return json_response(await AssetInstances(session).of_asset_by_scene_json(place.id, seen_entities(actor)))


@router.get(
    "/data/assets/{asset_id}/shot-asset-instances",
    response_model=GroupedInstances,
    responses=errors(NotFound),
    operation_id="list_shot_instances_of_asset",
    summary="List instances of an asset in shots",
)
async def list_shot_instances_of_asset(place: OpenAsset, actor: CurrentActor, session: Listing) -> Response:
    """The instances of an asset by the id of the shots that show them."""
    return json_response(await AssetInstances(session).of_asset_by_shot_json(place.id, seen_entities(actor)))


async def _created(uow: Uow, instance_id: UUID) -> Response:
    row = await Records(uow.session, AssetInstance).one_json(projections.ASSET_INSTANCE, instance_id)
    assert row is not None
    return json_response(row, 201)


@router.post(
    "/data/scenes/{scene_id}/asset-instances",
    status_code=201,
    response_model=AssetInstanceRead,
    responses=errors(BadRequest, NotFound),
    operation_id="add_asset_instance_to_scene",
    summary="Add an asset instance to a scene",
)
async def add_asset_instance_to_scene(place: ManagedScene, payload: NewSceneInstance, uow: Uow) -> Response:
    """Place an asset in a scene once more."""
    instance_id = await service.add_to_scene(uow, place, payload.asset_id, payload.description)
    return await _created(uow, instance_id)


@router.post(
    "/data/assets/{asset_id}/asset-asset-instances",
    status_code=201,
    response_model=AssetInstanceRead,
    responses=errors(BadRequest, NotFound),
    operation_id="add_asset_instance_to_asset",
    summary="Add an asset instance to an asset",
)
async def add_asset_instance_to_asset(place: ManagedAsset, payload: NewAssetInstance, uow: Uow) -> Response:
    """Place an asset in another once more."""
    wish = payload.asset_to_instantiate_id, payload.description
    return await _created(uow, await service.add_to_asset(uow, place, *wish))


@router.post(
    "/data/shots/{shot_id}/asset-instances",
    status_code=201,
    response_model=EntityRead,
    responses=errors(BadRequest, NotFound),
    operation_id="add_asset_instance_to_shot",
    summary="Add an asset instance to a shot",
)
async def add_asset_instance_to_shot(place: ManagedShot, payload: InstanceOfShot, uow: Uow) -> Response:
    """Show an instance of an asset in a shot; the shot."""
    await service.show_in_shot(uow, place, payload.asset_instance_id)
    row = await bare_json(uow.session, place.id)
    assert row is not None
    return json_response(row, 201)


@router.delete(
    "/data/shots/{shot_id}/asset-instances/{asset_instance_id}",
    status_code=204,
    responses=errors(NotFound),
    operation_id="remove_asset_instance_from_shot",
    summary="Remove an asset instance from a shot",
)
async def remove_asset_instance_from_shot(place: ManagedShot, asset_instance_id: UUID, uow: Uow) -> Response:
    """Take an instance out of a shot; it stays in its scene."""
    await service.take_out_of_shot(uow, place, asset_instance_id)
    return Response(status_code=204)
