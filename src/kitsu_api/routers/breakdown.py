"""Castings of a production: which assets its shots, episodes and assets show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import ColumnElement

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity
from kitsu_api.db.replica import Opener
from kitsu_api.db.repositories.board_versions import links_version
from kitsu_api.db.repositories.breakdown import Breakdown, cast_by
from kitsu_api.db.repositories.entity_lists import EntityLists, assets, in_episode, of_kind
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.board_scopes import is_limited
from kitsu_api.permissions.breakdown_places import (
    AssetOfCasting,
    CastedAsset,
    CastEntity,
    CasterOfLink,
    CastingEpisode,
    CastingProject,
    EntityOfProject,
    SequenceOfProject,
)
from kitsu_api.permissions.entity_scopes import masked_entities, seen_casters
from kitsu_api.permissions.listings import Listing, opener_of
from kitsu_api.permissions.places import OpenAsset, OpenProject, OpenShot
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.named_answers import NAMED, WORTH_KEEPING, by_state, small_list
from kitsu_api.schemas.base import Moment
from kitsu_api.schemas.breakdown import (
    AssetCasting,
    CastAsset,
    CastIn,
    CastingRead,
    Castings,
    CastingsWish,
    CastingWish,
    CastItem,
    CastItems,
    EpisodeCastings,
    ProjectEntityLink,
    ProjectEntityLinkPage,
    ShotCastings,
    TypeCastings,
)
from kitsu_api.schemas.entities import EntityLinkRead, EntityRead
from kitsu_api.services import breakdown as service
from kitsu_api.services.assets import check_asset_type
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Breakdown"], responses=errors(Unauthorized, Forbidden))
DEFAULT_PAGE = 100
MAXIMUM_PAGE = 10_000


def _as_set(items: Sequence[CastAsset]) -> list[CastItem]:
    return [CastItem.model_validate(item.model_dump(exclude_unset=True)) for item in items]


@router.get(
    "/data/projects/{project_id}/entities/{entity_id}/casting",
    response_model=list[CastingRead],
    responses=errors(NotFound),
    operation_id="get_casting",
    summary="Get the casting of an entity",
)
async def get_casting(place: EntityOfProject, session: Session) -> Response:
    """The assets that an entity casts, by type and name."""
    return json_response(await Breakdown(session).casting_json(place.id))


@router.put(
    "/data/projects/{project_id}/entities/{entity_id}/casting",
    response_model=list[CastItem],
    response_model_exclude_unset=True,
    responses=errors(BadRequest, NotFound),
    operation_id="set_casting",
    summary="Set the casting of an entity",
)
async def set_casting(place: CastEntity, payload: CastingWish, uow: Uow) -> list[CastItem]:
    """Make the casting of an entity exactly this; what was cast before and is absent here goes."""
    await service.set_castings(uow, place.project_id, {place.id: payload.root})
    return _as_set(payload.root)


@router.put(
    "/data/projects/{project_id}/entities/casting",
    response_model=CastItems,
    response_model_exclude_unset=True,
    responses=errors(BadRequest, NotFound),
    operation_id="set_castings",
    summary="Set the castings of entities",
)
async def set_castings(project_id: CastingProject, payload: CastingsWish, uow: Uow) -> CastItems:
    """Make the castings of many entities exactly these, all or none."""
    await service.set_castings(uow, project_id, payload.root)
    return CastItems({id: _as_set(items) for id, items in payload.root.items()})


@router.put(
    "/data/projects/{project_id}/entities/casting/assets/{asset_id}",
    response_model=Castings,
    responses=errors(BadRequest, NotFound),
    operation_id="cast_asset_in_entities",
    summary="Cast an asset in many entities",
)
async def cast_asset_in_entities(
    project_id: CastingProject, asset_id: UUID, payload: AssetCasting, uow: Uow
) -> Response:
    """Cast an asset in entities beside what they cast; their castings."""
    item = CastAsset(asset_id=asset_id, nb_occurences=payload.nb_occurences, label=payload.label)
    await service.cast_in_many(uow, project_id, payload.entity_ids, item)
    return json_response(await Breakdown(uow.session).castings_json(Entity.id.in_(payload.entity_ids)))


@router.get(
    "/data/projects/{project_id}/asset-types/{asset_type_id}/casting",
    response_model=TypeCastings,
    responses=errors(NotFound),
    operation_id="get_castings_of_asset_type",
    summary="Get the castings of the assets of a type",
)
async def get_castings_of_asset_type(
    project_id: OpenProject, asset_type_id: UUID, uow: Uow, actor: CurrentActor
) -> Response:
    """The assets that the assets of a type cast, by the id of these."""
    await check_asset_type(uow, asset_type_id)
    where = (Entity.project_id == project_id, Entity.entity_type_id == asset_type_id, seen_casters(actor))
    return json_response(await Breakdown(uow.session).listed_castings_json(*where, origin=False))


@router.get(
    "/data/projects/{project_id}/episodes/casting",
    response_model=EpisodeCastings,
    responses=errors(NotFound),
    operation_id="get_castings_of_episodes",
    summary="Get the castings of a project",
)
async def get_castings_of_episodes(
    project_id: OpenProject, session: Session, actor: CurrentActor
) -> Response:
    """The assets that a production casts, by the id of what casts them: episodes, and all that is in them."""
    where = (Entity.project_id == project_id, seen_casters(actor))
    return json_response(await Breakdown(session).listed_castings_json(*where))


@router.get(
    "/data/projects/{project_id}/episodes/{episode_id}/sequences/all/casting",
    response_model=ShotCastings,
    responses=errors(NotFound),
    operation_id="get_castings_of_episode",
    summary="Get the castings of the shots of an episode",
)
async def get_castings_of_episode(place: CastingEpisode, session: Session, actor: CurrentActor) -> Response:
    """The assets that the shots of an episode cast, by the id of the shot."""
    where = (in_episode(place.id), of_kind("Shot"), seen_casters(actor))
    return json_response(await Breakdown(session).listed_castings_json(*where, sequences=True))


@router.get(
    "/data/projects/{project_id}/sequences/all/casting",
    response_model=ShotCastings,
    responses=errors(NotFound),
    operation_id="get_castings_of_shots",
    summary="Get the castings of all shots",
)
async def get_castings_of_shots(project_id: OpenProject, session: Session, actor: CurrentActor) -> Response:
    """The assets that the shots of a production cast, by the id of the shot."""
    where = (Entity.project_id == project_id, of_kind("Shot"), seen_casters(actor))
    return json_response(await Breakdown(session).listed_castings_json(*where, sequences=True))


@router.get(
    "/data/projects/{project_id}/sequences/{sequence_id}/casting",
    response_model=ShotCastings,
    responses=errors(NotFound),
    operation_id="get_castings_of_sequence",
    summary="Get the castings of the shots of a sequence",
)
async def get_castings_of_sequence(
    place: SequenceOfProject, session: Session, actor: CurrentActor
) -> Response:
    """The assets that the shots of a sequence cast, by the id of the shot."""
    return json_response(await Breakdown(session).sequence_castings_json(place.id, seen_casters(actor)))


@router.get(
    "/data/projects/{project_id}/entity-links",
    response_model=list[ProjectEntityLink] | ProjectEntityLinkPage,
    responses=NAMED | errors(BadRequest, NotFound),
    operation_id="list_entity_links_of_project",
    summary="List entity links of a project",
)
async def list_entity_links_of_project(
    project_id: OpenProject,
    request: Request,
    actor: CurrentActor,
    session: Listing,
    limit: Annotated[int | None, Query(ge=1, description="Links of a page; absent: all.")] = None,
    cursor_created_at: Annotated[
        Moment | None, Query(description="Only links made after this moment, as a page.")
    ] = None,
) -> Response:
    """What the entities of a production cast, oldest first. Pages go on from the moment of the last link
    of the page before; links of one moment stay on one page."""
    breakdown, seen = Breakdown(session), seen_casters(actor)
    most = None if limit is None else min(limit, MAXIMUM_PAGE)

    async def make() -> bytes:
        if cursor_created_at is None:
            return await breakdown.links_json(project_id, seen, most)
        return await breakdown.links_after_json(project_id, seen, cursor_created_at, most or DEFAULT_PAGE)

    if request.query_params or is_limited(actor, project_id):
        return await small_list(request, session, actor, make)
    state = {"links": str(project_id), "version": await links_version(session, project_id)}
    parts = _links(opener_of(request, session), project_id, seen)
    return by_state(request, state, parts, worth_keeping=WORTH_KEEPING)


async def _links(opened: Opener, project_id: UUID, seen: ColumnElement[bool]) -> AsyncIterator[bytes]:
    """The links of a production piece by piece, on a session of its own."""
    async with opened() as session:
        async for part in Breakdown(session).links_parts(project_id, seen):
            yield part


@router.delete(
    "/data/projects/{project_id}/entity-links/{entity_link_id}",
    response_model=EntityLinkRead,
    responses=errors(NotFound),
    operation_id="delete_entity_link_of_project",
    summary="Delete an entity link of a project",
)
async def delete_entity_link_of_project(place: CasterOfLink, entity_link_id: UUID, uow: Uow) -> Response:
    """Take an asset out of a casting; the link as it was."""
    return json_response(await service.delete_link(uow, entity_link_id, place.project_id))


@router.get(
    "/data/assets/{asset_id}/casting",
    response_model=list[CastingRead],
    responses=errors(NotFound),
    operation_id="get_casting_of_asset",
    summary="Get the casting of an asset",
)
async def get_casting_of_asset(place: AssetOfCasting, session: Session) -> Response:
    """The assets that an asset is made of."""
    return json_response(await Breakdown(session).casting_json(place.id))


@router.put(
    "/data/assets/{asset_id}/casting",
    response_model=list[CastItem],
    responses=errors(BadRequest, NotFound),
    operation_id="set_casting_of_asset",
    summary="Set the casting of an asset",
)
async def set_casting_of_asset(place: CastedAsset, payload: CastingWish, uow: Uow) -> list[CastItem]:
    """Make the casting of an asset exactly this."""
    await service.set_castings(uow, place.project_id, {place.id: payload.root})
    return [
        CastItem(asset_id=item.asset_id, nb_occurences=item.nb_occurences, label=item.label or "")
        for item in payload.root
    ]


@router.get(
    "/data/assets/{asset_id}/cast-in",
    response_model=list[CastIn],
    responses=errors(NotFound),
    operation_id="list_castings_with_asset",
    summary="List where an asset is cast",
)
async def list_castings_with_asset(place: AssetOfCasting, actor: CurrentActor, session: Listing) -> Response:
    """The shots that cast an asset, then the assets that do."""
    return json_response(await Breakdown(session).cast_in_json(place.id, seen_casters(actor)))


@router.get(
    "/data/assets/{asset_id}/assets",
    response_model=list[EntityRead],
    responses=errors(NotFound),
    operation_id="list_assets_of_asset",
    summary="List assets that an asset casts",
)
async def list_assets_of_asset(place: OpenAsset, actor: CurrentActor, session: Listing) -> Response:
    """The assets that an asset is made of, whole."""
    return json_response(await _cast_assets(session, actor, place.id))


@router.get(
    "/data/shots/{shot_id}/assets",
    response_model=list[EntityRead],
    responses=errors(NotFound),
    operation_id="list_assets_of_shot",
    summary="List assets that a shot casts",
)
async def list_assets_of_shot(place: OpenShot, actor: CurrentActor, session: Listing) -> Response:
    """The assets that a shot casts, whole."""
    return json_response(await _cast_assets(session, actor, place.id))


async def _cast_assets(session: Session, actor: CurrentActor, entity_id: UUID) -> bytes:
    return await EntityLists(session).list_json(
        [assets(), cast_by(entity_id)],
        masked_where=masked_entities(actor),
        departments=actor.departments,
    )
