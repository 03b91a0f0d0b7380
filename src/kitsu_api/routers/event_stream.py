"""The log of events as it grows."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from kitsu_api.errors import BadRequest, Forbidden, Gone, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor, ShownClaims
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.policies.events import EventPlace, hears_of_place
from kitsu_api.realtime.stream import EventStream, Wanted
from kitsu_api.services.event_log import check_position, end_of_log, read_sequence
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Events"], responses=errors(BadRequest, Unauthorized, Forbidden))

EXAMPLE = (
    'id: 42\nevent: task:update\ndata: {"sequence": 42, "name": "task:update", "data": {"task_id": "…"}}\n\n'
)


async def _place(
    project_id: Annotated[UUID | None, Query(description="Only those of this production.")] = None,
) -> EventPlace:
    return EventPlace(project_id)


@router.get(
    "/data/events/stream",
    response_class=StreamingResponse,
    responses={
        **errors(Gone),
        200: {
            "description": "Server-sent events, for as long as the connection lasts.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
        },
    },
    operation_id="stream_events",
    summary="Follow the events",
)
async def stream_events(
    request: Request,
    uow: Uow,
    place: Annotated[EventPlace, guard(_place, hears_of_place)],
    actor: CurrentActor,
    claims: ShownClaims,
    name: Annotated[list[str] | None, Query(description="Only events of these names.")] = None,
    after: Annotated[
        str | None,
        Query(description="Number of the last event that the caller has; default: the last of all."),
    ] = None,
    last_event_id: Annotated[
        str | None, Header(description="Sent by browsers that come back; goes before `after`.")
    ] = None,
) -> StreamingResponse:
    """The events that the caller may hear of, in the order in which they were committed, each once: those of
    the caller's productions and of the studio. A client that was cut off comes back with the `id` of the
    last event as `Last-Event-ID` and misses nothing. What the caller may hear is looked at again all the
    time. In silence a comment comes every 15 seconds.
    """
    state = request.app.state
    given = last_event_id or after
    wanted = Wanted([part for text in name or () for part in text.split(",") if part], place.project_id)
    if given:
        position = read_sequence("Last-Event-ID", given)
        await check_position(uow, position)
    else:
        position = await end_of_log(uow)
    stream = EventStream(state.sessions, state.valkey, state.feed, claims, actor, wanted, position)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(stream.frames(), media_type="text/event-stream", headers=headers)
