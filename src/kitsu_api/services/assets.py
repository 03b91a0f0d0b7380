"""Assets: how they are added to a production, and offered to others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from kitsu_api.db.models import Entity, EntityType
from kitsu_api.db.repositories.entities import EntityReads
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS, EntityLists
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.assets import NewAsset
from kitsu_api.services import standing_rows
from kitsu_api.unit_of_work import UnitOfWork


async def check_parent(
    uow: UnitOfWork, project_id: UUID, parent_id: UUID | None, kind: str, field: str
) -> None:
    """What an entity is put under lies in its production and is of the right kind.

    Raises:
        BadRequest: it is not; `field` is what the client calls it.
    """
    if parent_id is None:
        return
    if await EntityLists(uow.session).place(parent_id) != (project_id, kind):
        raise BadRequest(f"{field}: there is no such {kind.lower()} in this production.")


async def refuse_double(uow: UnitOfWork, values: Mapping[str, object]) -> None:
    """Two entities of one kind and place have different names, also when they are made at one time.

    Raises:
        BadRequest: there is one already.
    """
    keys = ("name", "project_id", "entity_type_id", "parent_id", "source_id")
    place = {key: values.get(key) for key in keys}
    entities = EntityLists(uow.session)
    await entities.reserve_name(*place.values(), project_id=place["project_id"])
    found = await entities.namesake(**place)
    if found is not None:
        raise BadRequest(name_taken(str(values["name"]), canceled=found))


def name_taken(name: str, *, canceled: bool) -> str:
    """Why a name is refused, and what helps."""
    if canceled:
        return f"{name} exists already, canceled: restore it, or delete it for good."
    return f"{name} exists already."


async def _entity_type(uow: UnitOfWork, id: UUID) -> str:
    await standing_rows.entity_types(uow.session)
    kind = await Records(uow.session, EntityType).find(id)
    if kind is None:
        raise NotFound
    return kind.name


async def check_asset_type(uow: UnitOfWork, asset_type_id: UUID) -> None:
    """An entity type is one of assets.

    Raises:
        NotFound: it is not, or does not exist.
    """
    if await _entity_type(uow, asset_type_id) in OTHER_KINDS:
        raise NotFound


async def create(
    uow: UnitOfWork, actor: Actor, project_id: UUID, asset_type_id: UUID, wish: NewAsset
) -> UUID:
    """Add an asset to a production; its id.

    Raises:
        NotFound: there is no such asset type.
        BadRequest: the type is one of shots or the like, the episode lies elsewhere, or the name is taken.
    """
    kind = await _entity_type(uow, asset_type_id)
    if kind in OTHER_KINDS:
        raise BadRequest(f"{kind} is not an asset type.")
    episode_id = wish.episode_id or wish.source_id
    await check_parent(uow, project_id, episode_id, "Episode", "episode_id")
    values = {
        "name": wish.name,
        "description": wish.description,
        "data": wish.data or {},
        "is_shared": wish.is_shared,
        "project_id": project_id,
        "entity_type_id": asset_type_id,
        "source_id": episode_id,
        "created_by": actor.id,
    }
    await refuse_double(uow, values)
    asset = await Records(uow.session, Entity).add(values)
    uow.emit(record_event("asset", "new", asset.id, project_id, asset_type=asset_type_id))
    return asset.id


async def share(uow: UnitOfWork, actor: Actor, asset_ids: Sequence[UUID], shared: bool) -> list[UUID]:
    """Offer assets to other productions, or take them back; the ids of those that there are.

    Raises:
        Forbidden: the caller does not run the production of one of them.
    """
    entities = EntityReads(uow.session)
    if not all(actor.manages(id) for id in await entities.projects_of_assets(asset_ids)):
        raise Forbidden
    return await entities.share(shared, Entity.id.in_(list(asset_ids)))
