"""Who signed in, when and from where."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.login_logs import last_json
from kitsu_api.errors import BadRequest, Forbidden, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import admins
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.base import Moment
from kitsu_api.schemas.user_context import LoginLogRead

router = APIRouter(tags=["Events"], responses=errors(Unauthorized, Forbidden, BadRequest))


def _ids(name: str, texts: list[str]) -> list[UUID]:
    try:
        return [UUID(part.strip()) for text in texts for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise BadRequest(f"The {name} parameter contains an invalid id") from error


@router.get(
    "/data/events/login-logs/last",
    response_model=list[LoginLogRead],
    operation_id="list_last_login_logs",
    summary="List the last sign-ins",
)
async def list_last(
    session: Session,
    settings: AppSettings,
    actor: Annotated[Actor, allow(admins)],
    limit: Annotated[int, Query(ge=1, description="How many at most.")] = 100,
    after: Annotated[Moment | None, Query(description="Only later ones, UTC.")] = None,
    before: Annotated[Moment | None, Query(description="Only earlier ones, UTC.")] = None,
    cursor_login_log_id: Annotated[UUID | None, Query(description="Only what is older than this.")] = None,
    person_ids: Annotated[list[str] | None, Query(description="Only of these people.")] = None,
) -> Response:
    """Sign-ins of everybody, newest first; go on with the id of the last one as cursor."""
    rows = await last_json(
        session,
        limit=min(limit, settings.max_records_per_page),
        after=after,
        before=before,
        older_than=cursor_login_log_id,
        person_ids=_ids("person_ids", person_ids or []),
    )
    return json_response(rows)
