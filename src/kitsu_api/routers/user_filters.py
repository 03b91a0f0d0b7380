"""Searches that people save, alone or for their team."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import SearchFilter, SearchFilterGroup
from kitsu_api.db.projection import Projection
from kitsu_api.db.projections import SEARCH_FILTER, SEARCH_FILTER_GROUP
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.user_filters import UserFilters, filters_json
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.viewers import viewer_of
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.crud_values import given, without_nulls
from kitsu_api.schemas import user_filters as s
from kitsu_api.services import user_filters as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Search filters"], responses=errors(Unauthorized, Forbidden))
Caller = Annotated[Actor, allow(anyone)]


def _reached(actor: Actor) -> UUID | None:
    """Whose searches somebody changes: their own; admins everybody's (None)."""
    return None if actor.is_admin else actor.id


async def _own_filter(filter_id: UUID, session: Session, actor: Caller) -> SearchFilter:
    found = await UserFilters(session, _reached(actor)).find_filter(filter_id)
    if found is None:
        raise NotFound
    return found


async def _own_group(filter_group_id: UUID, session: Session, actor: Caller) -> SearchFilterGroup:
    found = await UserFilters(session, _reached(actor)).find_group(filter_group_id)
    if found is None:
        raise NotFound
    return found


OwnFilter = Annotated[SearchFilter, Depends(_own_filter, scope="function")]
OwnGroup = Annotated[SearchFilterGroup, Depends(_own_group, scope="function")]


async def _row(session: Session, model: Any, projection: Projection, id: UUID, status: int) -> Response:
    row = await Records[Any](session, model).one_json(projection, id)
    assert row is not None
    return json_response(row, status)


@router.get(
    "/data/user/filters",
    response_model=s.FiltersByList,
    operation_id="list_filters_of_user",
    summary="List searches of the user",
)
async def list_filters(session: Session, actor: Caller) -> Response:
    """Saved searches by list and production: the caller's own, and those shared with their teams."""
    return json_response(await filters_json(session, SEARCH_FILTER, viewer_of(actor)))


@router.post(
    "/data/user/filters",
    status_code=201,
    response_model=s.SearchFilterRead,
    responses=errors(BadRequest),
    operation_id="create_filter_of_user",
    summary="Save a search",
)
async def create_filter(payload: s.NewUserFilter, uow: Uow, actor: Caller) -> Response:
    """Save a search of the caller; managers may share it with their team."""
    values = without_nulls(SearchFilter, given(payload))
    values["search_query"] = values.pop("query")
    id = await service.save(uow, actor, SearchFilter, values)
    return await _row(uow.session, SearchFilter, SEARCH_FILTER, id, 201)


@router.put(
    "/data/user/filters/{filter_id}",
    response_model=s.SearchFilterRead,
    responses=errors(BadRequest, NotFound),
    operation_id="update_filter_of_user",
    summary="Change a saved search",
)
async def update_filter(search: OwnFilter, payload: s.UserFilterChange, uow: Uow, actor: Caller) -> Response:
    """Change a search that the caller saved."""
    await service.change(uow, actor, search, without_nulls(SearchFilter, given(payload)))
    return await _row(uow.session, SearchFilter, SEARCH_FILTER, search.id, 200)


@router.delete(
    "/data/user/filters/{filter_id}",
    status_code=204,
    responses=errors(NotFound),
    operation_id="delete_filter_of_user",
    summary="Delete a saved search",
)
async def delete_filter(search: OwnFilter, uow: Uow) -> Response:
    """Delete a search that the caller saved."""
    await Records(uow.session, SearchFilter).delete(search)
    return Response(status_code=204)


@router.get(
    "/data/user/filter-groups",
    response_model=s.FilterGroupsByList,
    operation_id="list_filter_groups_of_user",
    summary="List groups of searches of the user",
)
async def list_groups(session: Session, actor: Caller) -> Response:
    """Groups of searches by list and production: the caller's own, and those shared with their teams."""
    return json_response(await filters_json(session, SEARCH_FILTER_GROUP, viewer_of(actor)))


@router.post(
    "/data/user/filter-groups",
    status_code=201,
    response_model=s.SearchFilterGroupRead,
    responses=errors(BadRequest),
    operation_id="create_filter_group_of_user",
    summary="Make a group of searches",
)
async def create_group(payload: s.NewUserFilterGroup, uow: Uow, actor: Caller) -> Response:
    """Make a group of searches of the caller; managers may share it with their team."""
    values = without_nulls(SearchFilterGroup, given(payload))
    id = await service.save(uow, actor, SearchFilterGroup, values)
    return await _row(uow.session, SearchFilterGroup, SEARCH_FILTER_GROUP, id, 201)


@router.get(
    "/data/user/filter-groups/{filter_group_id}",
    response_model=s.SearchFilterGroupRead,
    responses=errors(NotFound),
    operation_id="get_filter_group_of_user",
    summary="Get a group of searches",
)
async def get_group(group: OwnGroup, session: Session) -> Response:
    """A group of searches that the caller made."""
    return await _row(session, SearchFilterGroup, SEARCH_FILTER_GROUP, group.id, 200)


@router.put(
    "/data/user/filter-groups/{filter_group_id}",
    response_model=s.SearchFilterGroupRead,
    responses=errors(BadRequest, NotFound),
    operation_id="update_filter_group_of_user",
    summary="Change a group of searches",
)
async def update_group(
    group: OwnGroup, payload: s.UserFilterGroupChange, uow: Uow, actor: Caller
) -> Response:
    """Change a group of searches that the caller made; its searches are shared with it."""
    await service.change(uow, actor, group, without_nulls(SearchFilterGroup, given(payload)))
    return await _row(uow.session, SearchFilterGroup, SEARCH_FILTER_GROUP, group.id, 200)


@router.delete(
    "/data/user/filter-groups/{filter_group_id}",
    status_code=204,
    responses=errors(NotFound),
    operation_id="delete_filter_group_of_user",
    summary="Delete a group of searches",
)
async def delete_group(group: OwnGroup, uow: Uow) -> Response:
    """Delete a group of searches that the caller made, with the searches in it."""
    await service.remove_group(uow, group)
    return Response(status_code=204)
