"""Assets that productions offer to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import true

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories.entities import EntityReads, shared_used
from kitsu_api.db.repositories.entity_lists import EntityLists, assigned_to
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_places import EpisodeOfProject
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.places import ManagedProject, OpenProject
from kitsu_api.permissions.policies.projects import runs_a_production
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.assets import AssetsShare, ProjectShare, TypeShare
from kitsu_api.schemas.entities import EntityRead
from kitsu_api.services import assets as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden))
Sharer = Annotated[Actor, allow(runs_a_production)]


async def _answer(uow: Uow, ids: Sequence[UUID]) -> Response:
    return json_response(await Records(uow.session, Entity).list_json(ENTITY, [Entity.id.in_(ids)]))


@router.post(
    "/actions/assets/share",
    response_model=list[EntityRead],
    responses=errors(BadRequest),
    operation_id="share_assets",
    summary="Share assets",
)
async def share_assets(payload: AssetsShare, uow: Uow, actor: Sharer) -> Response:
    """Offer assets to other productions, or take them back. The caller runs the productions of all of them;
    ids of what is no asset are ignored."""
    return await _answer(uow, await service.share(uow, actor, payload.asset_ids, payload.is_shared))


@router.post(
    "/actions/projects/{project_id}/assets/share",
    response_model=list[EntityRead],
    responses=errors(BadRequest, NotFound),
    operation_id="share_assets_of_project",
    summary="Share assets of a project",
)
async def share_assets_of_project(project_id: ManagedProject, payload: ProjectShare, uow: Uow) -> Response:
    """Offer all assets of a production to the others, or those of them that are named, or take them back."""
    where = [Entity.project_id == project_id]
    if payload.asset_ids is not None:
        where.append(Entity.id.in_(payload.asset_ids))
    return await _answer(uow, await EntityReads(uow.session).share(payload.is_shared, *where))


@router.post(
    "/actions/projects/{project_id}/asset-types/{asset_type_id}/assets/share",
    response_model=list[EntityRead],
    responses=errors(BadRequest, NotFound),
    operation_id="share_assets_of_type",
    summary="Share assets of a type",
)
async def share_assets_of_type(
    project_id: ManagedProject, asset_type_id: UUID, payload: TypeShare, uow: Uow
) -> Response:
    """Offer all assets of a type in a production to the others, or take them back."""
    await service.check_asset_type(uow, asset_type_id)
    where = (Entity.project_id == project_id, Entity.entity_type_id == asset_type_id)
    return await _answer(uow, await EntityReads(uow.session).share(payload.is_shared, *where))


async def _list_used(
    session: Session, actor: Actor, project_id: UUID, episode_id: UUID | None = None
) -> Response:
    where, vendor = [shared_used(project_id, episode_id)], actor.role_on(project_id) is Role.VENDOR
    if vendor:
        where.append(assigned_to(actor.id))
    rows = await EntityLists(session).list_json(
        where, masked_where=true() if vendor else None, departments=actor.departments
    )
    return json_response(rows)


@router.get(
    "/data/projects/{project_id}/assets/shared-used",
    response_model=list[EntityRead],
    responses=errors(NotFound),
    operation_id="list_shared_assets_used_in_project",
    summary="List shared assets used in a project",
)
async def list_shared_assets_used_in_project(
    project_id: OpenProject, session: Session, actor: CurrentActor
) -> Response:
    """The assets that other productions share and that this one casts."""
    return await _list_used(session, actor, project_id)


@router.get(
    "/data/projects/{project_id}/episodes/{episode_id}/assets/shared-used",
    response_model=list[EntityRead],
    responses=errors(NotFound),
    operation_id="list_shared_assets_used_in_episode",
    summary="List shared assets used in an episode",
)
async def list_shared_assets_used_in_episode(
    episode: EpisodeOfProject, session: Session, actor: CurrentActor
) -> Response:
    """The assets that other productions share and that an episode casts, itself or in its shots."""
    return await _list_used(session, actor, episode.project_id, episode.id)
