"""Instances of assets: how they are placed in scenes and assets, and shown in shots."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kitsu_api.db.models import AssetInstance, Entity
from kitsu_api.db.repositories.asset_instances import AssetInstances
from kitsu_api.db.repositories.casting_changes import CastingChanges
from kitsu_api.db.repositories.locks import lock
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import Event
from kitsu_api.permissions.places import Place
from kitsu_api.unit_of_work import UnitOfWork

NAME_LENGTH = 80


def _event(action: str, place: Place, **ids: UUID) -> Event:
    """Instances are told of without a production in the log; its people alone hear of them."""
    data = {name: str(id) for name, id in ids.items()}
    return Event(f"asset_instance:{action}", data, audience=place.project_id)


async def _add(uow: UnitOfWork, place: Place, asset_id: UUID, values: dict[str, Any]) -> UUID:
    """Add the next instance of an asset in a place; instances are numbered from 1 in each."""
    assets = await CastingChanges(uow.session).castable([asset_id], place.project_id)
    asset = await Records(uow.session, Entity).find(asset_id) if assets else None
    if asset is None:
        raise BadRequest("There is no such asset in this production.")
    await lock(uow.session, "asset-instances", place.id)
    column = AssetInstance.scene_id if "scene_id" in values else AssetInstance.target_asset_id
    number = await AssetInstances(uow.session).last_number(asset_id, column == place.id) + 1
    suffix = f"_{number:04}"
    name = asset.name.replace(" ", "_")[: NAME_LENGTH - len(suffix)] + suffix
    instance = await Records(uow.session, AssetInstance).add(
        {"asset_id": asset_id, "name": name, "number": number, **values}
    )
    return instance.id


async def add_to_scene(uow: UnitOfWork, place: Place, asset_id: UUID, description: str | None) -> UUID:
    """Place an asset in a scene once more; the id of the instance.

    Raises:
        BadRequest: there is no such asset for the production.
    """
    values = {"scene_id": place.id, "description": description}
    instance_id = await _add(uow, place, asset_id, values)
    uow.emit(_event("new", place, scene_id=place.id, asset_id=asset_id, asset_instance_id=instance_id))
    return instance_id


async def add_to_asset(uow: UnitOfWork, place: Place, asset_id: UUID, description: str | None) -> UUID:
    """Place an asset in another once more; the id of the instance.

    Raises:
        BadRequest: there is no such asset for the production, or it would stand in itself.
    """
    if asset_id == place.id:
        raise BadRequest("asset_to_instantiate_id: an asset can't stand in itself.")
    values = {"target_asset_id": place.id, "description": description}
    instance_id = await _add(uow, place, asset_id, values)
    ids = {"asset_id": place.id, "asset_instantiated": asset_id, "asset_instance_id": instance_id}
    uow.emit(_event("new", place, **ids))
    return instance_id


async def _touch(uow: UnitOfWork, shot_id: UUID) -> None:
    entities = Records(uow.session, Entity)
    shot = await entities.find(shot_id)
    if shot is None:
        raise NotFound
    await entities.change(shot, {})


async def show_in_shot(uow: UnitOfWork, place: Place, instance_id: UUID) -> None:
    """Show an instance in a shot; that it is shown already is no fault.

    Raises:
        NotFound: there is no such instance of an asset for the production.
    """
    instance = await Records(uow.session, AssetInstance).find(instance_id)
    if instance is None:
        raise NotFound
    if not await CastingChanges(uow.session).castable([instance.asset_id], place.project_id):
        raise NotFound
    await AssetInstances(uow.session).show_in(place.id, instance_id)
    await _touch(uow, place.id)
    uow.emit(_event("add-to-shot", place, shot_id=place.id, asset_instance_id=instance_id))


async def take_out_of_shot(uow: UnitOfWork, place: Place, instance_id: UUID) -> None:
    """Take an instance out of a shot.

    Raises:
        NotFound: the shot does not show it.
    """
    if not await AssetInstances(uow.session).take_out(place.id, instance_id):
        raise NotFound
    await _touch(uow, place.id)
    uow.emit(_event("remove-from-shot", place, shot_id=place.id, asset_instance_id=instance_id))
