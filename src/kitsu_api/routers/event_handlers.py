"""The log of the operator's own event handlers."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.event_handlers import EventHandlerRuns
from kitsu_api.errors import BadRequest, Forbidden, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import admins
from kitsu_api.schemas.event_handlers import EventHandlerRunRead

router = APIRouter(tags=["Events"], responses=errors(BadRequest, Unauthorized, Forbidden))


@router.get(
    "/data/events/handler-runs", operation_id="list_event_handler_runs", summary="List runs of event handlers"
)
async def list_runs(
    actor: Annotated[Actor, allow(admins)],
    session: Session,
    status: Annotated[
        Literal["waiting", "succeeded", "failed"] | None, Query(description="Only those that came so far.")
    ] = None,
    handler: Annotated[str | None, Query(description="Only those of this handler.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 100,
) -> list[EventHandlerRunRead]:
    """What the handlers in EVENT_HANDLERS_FOLDER were given, and why some failed; the newest events first."""
    found = await EventHandlerRuns(session).newest(status, handler, limit)
    return [EventHandlerRunRead.model_validate(run) for run in found]
