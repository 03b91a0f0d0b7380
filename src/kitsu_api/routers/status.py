"""Whether the server is well: for monitors, load balancers and people who look."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from kitsu_api import __version__
from kitsu_api.errors import Unavailable, errors
from kitsu_api.permissions.authentication import Valkey
from kitsu_api.schemas.auth import Success
from kitsu_api.schemas.status import ApiVersion, ResourceUse, ServerStatus, StatusMeasures
from kitsu_api.services.status import NAME, look_around, resources, send_test_event
from kitsu_api.unit_of_work import Uow
from kitsu_api.workers.register import QUEUES

router = APIRouter(tags=["Status"])

AWAY = 503
REASON = "A part that the server needs does not answer."
DOWN: dict[int | str, dict[str, Any]] = {AWAY: {"model": ServerStatus, "description": REASON}}
DOWN_TEXT: dict[int | str, dict[str, Any]] = {
    AWAY: {"description": REASON, "content": {"text/plain": {"schema": {"type": "string"}}}}
}


async def _look_around(request: Request, valkey: Valkey) -> ServerStatus:
    state = request.app.state
    return await look_around(state.sessions, valkey, QUEUES, jobs_inline=state.settings.jobs_inline)


async def _status(request: Request, response: Response, valkey: Valkey) -> ServerStatus:
    status = await _look_around(request, valkey)
    response.headers["cache-control"] = "no-store"
    if not status.is_up:
        response.status_code = AWAY
    return status


@router.get("/", summary="Get name and version")
async def get_version() -> ApiVersion:
    """Which server answers, and its release."""
    return ApiVersion(api=NAME, version=__version__)


@router.get("/status", summary="Get the status", responses=DOWN)
async def get_status(request: Request, response: Response, valkey: Valkey) -> ServerStatus:
    """Whether PostgreSQL and Valkey answer within two seconds: 200 when both do, else 503. Without a worker
    requests are answered, and jobs wait: `job_queue_up` says so."""
    return await _status(request, response, valkey)


@router.get(
    "/status.txt",
    summary="Get the status as text",
    response_class=PlainTextResponse,
    responses={
        AWAY: {
            "description": DOWN[AWAY]["description"],
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
)
async def get_status_text(request: Request, response: Response, valkey: Valkey) -> PlainTextResponse:
    """The same as `/status`, one `name: value` a line."""
    status = await _status(request, response, valkey)
    lines = (f"{name}: {str(value).lower()}" for name, value in status.model_dump().items())
    return PlainTextResponse("\n".join(lines) + "\n", AWAY if not status.is_up else 200)


@router.get("/status/influx", summary="Get the status as numbers")
async def get_status_measures(request: Request, response: Response, valkey: Valkey) -> StatusMeasures:
    """1 for a part that answers, 0 for one that does not; always 200, so that outages are recorded too."""
    status = await _look_around(request, valkey)
    response.headers["cache-control"] = "no-store"
    return StatusMeasures.model_validate(status)


@router.get("/status/resources", summary="Get the machine's load")
async def get_resources() -> ResourceUse:
    """Processor and memory of the machine that answered."""
    return resources()


@router.get("/status/test-event", summary="Send a test event", responses=errors(Unavailable))
async def send_event(uow: Uow) -> Success:
    """Sends `main:test` to every listener, to see whether events arrive. It is not logged."""
    send_test_event(uow)
    return Success()
