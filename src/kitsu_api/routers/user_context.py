"""What a client asks for first, once somebody is signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.user_context import context_json
from kitsu_api.errors import Forbidden, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.viewers import viewer_of
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.user_context import UserContext

router = APIRouter(tags=["User"], responses=errors(Unauthorized, Forbidden))


@router.get(
    "/data/user/context",
    response_model=UserContext,
    operation_id="get_user_context",
    summary="Get the context of the user",
)
async def get_context(
    session: Session, settings: AppSettings, actor: Annotated[Actor, allow(anyone)]
) -> Response:
    """Types, statuses, people, running projects and saved searches, as far as the caller may see them."""
    return json_response(await context_json(session, viewer_of(actor), settings.user_limit))
