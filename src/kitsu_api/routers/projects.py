"""Productions that run, and all of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from kitsu_api.db.repositories.user_context import all_projects_json, open_projects_json
from kitsu_api.errors import BadRequest, Forbidden, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.viewers import viewer_of
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.base import Text
from kitsu_api.schemas.projects import ProjectRead
from kitsu_api.schemas.user_context import OpenProjectRead

router = APIRouter(tags=["Projects"], responses=errors(Unauthorized, Forbidden, BadRequest))
Reader = Annotated[Actor, allow(anyone)]
Name = Annotated[Text | None, Query(description="Only those of this name, in any case.")]


@router.get(
    "/data/projects/open",
    response_model=list[OpenProjectRead],
    operation_id="list_open_projects",
    summary="List running projects",
)
async def list_open_projects(actor: Reader, session: Listing, name: Name = None) -> Response:
    """The running projects that are open to the caller, with their settings and metadata columns."""
    return json_response(await open_projects_json(session, viewer_of(actor), name))


@router.get(
    "/data/projects/all",
    response_model=list[ProjectRead],
    operation_id="list_all_projects",
    summary="List all projects",
)
async def list_all_projects(actor: Reader, session: Listing, name: Name = None) -> Response:
    """All projects that are open to the caller, those that are over as well."""
    return json_response(await all_projects_json(session, viewer_of(actor), name))
