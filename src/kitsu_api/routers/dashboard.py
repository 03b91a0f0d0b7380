"""A page for admins that shows how the server does, as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Annotated

import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from kitsu_api import __version__
from kitsu_api.db.repositories.actors import find_actor
from kitsu_api.errors import Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import ShownClaims, actor_from
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import admins
from kitsu_api.permissions.revocation import is_revoked
from kitsu_api.permissions.tokens import Claims
from kitsu_api.services.health import read_health
from kitsu_api.services.status import resources
from kitsu_api.workers.register import QUEUES

router = APIRouter(prefix="/status/dashboard", tags=["Status"])

EVERY = 3.0
"""Seconds between two looks at the server."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
PRIVATE = {"cache-control": "no-store", "content-security-policy": POLICY}
ASSETS = {"dashboard.css": "text/css", "dashboard.js": "text/javascript"}


def _bytes(number: float) -> str:
    """1536 as 1.5 KB."""
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1024:
            return f"{number:.0f} B" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} TB"


def _age(seconds: float) -> str:
    """90 as 1 min."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("kitsu_api", "templates/dashboard"),
        autoescape=True,  # names and errors of jobs come from strangers
        undefined=StrictUndefined,
    )
    environment.filters.update(bytes=_bytes, age=_age)
    return environment


async def _draw(app: FastAPI, template: str) -> str:
    state = app.state
    health = await read_health(state.sessions, state.valkey, state.settings, QUEUES)
    server = state.sockets.engineio_server
    namespace = server.namespace_handlers.get("/events")
    load = resources()
    return (
        _environment()
        .get_template(template)
        .render(
            version=__version__,
            health=health,
            inline=state.settings.jobs_inline,
            listeners=0 if namespace is None else namespace.listeners.count,
            load=load.load_average[0],
            memory=load.memory.percent,
        )
    )


@router.get(
    "",
    response_class=HTMLResponse,
    responses=errors(Unauthorized, Forbidden),
    operation_id="show_dashboard",
    summary="Show the dashboard",
)
async def show_dashboard(request: Request, actor: Annotated[Actor, allow(admins)]) -> Response:
    """A page that shows, as it happens, the health of each part, queues, jobs with buttons to cancel them and
    try them again, slow statements, storage, clients and versions. For admins, signed in by cookie."""
    if request.scope.get("trailing_slash"):
        # its parts lie beside it
        return RedirectResponse("../dashboard")
    return HTMLResponse(await _draw(request.app, "page.html"), headers=PRIVATE)


async def _still_admin(app: FastAPI, claims: Claims) -> bool:
    """Whether who watches may go on: accounts and tokens end while a page is open."""
    if claims.expires_at <= datetime.now(UTC) or await is_revoked(app.state.valkey, claims):
        return False
    async with app.state.sessions() as session:
        row = await find_actor(session, claims.person_id)
    try:
        return row is not None and admins(actor_from(row, claims))
    except Unauthorized:
        return False


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={
        **errors(Unauthorized, Forbidden),
        200: {
            "description": "Server-sent events.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
    },
    operation_id="stream_dashboard",
    summary="Follow the dashboard",
)
async def stream_dashboard(
    request: Request, actor: Annotated[Actor, allow(admins)], claims: ShownClaims
) -> StreamingResponse:
    """What the dashboard shows, every three seconds as an event `parts` with HTML in a JSON string, for as
    long as the caller is an admin."""

    async def frames() -> AsyncIterator[bytes]:
        while await _still_admin(request.app, claims):
            drawn = await _draw(request.app, "parts.html")
            yield b"event: parts\ndata: " + orjson.dumps(drawn) + b"\n\n"
            await asyncio.sleep(EVERY)

    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(frames(), media_type="text/event-stream", headers=headers)


@router.get("/{name}", include_in_schema=False)
async def dashboard_asset(name: str, actor: Annotated[Actor, allow(admins)]) -> Response:
    """The script and the style of the page."""
    if name not in ASSETS:
        raise NotFound
    body = files("kitsu_api").joinpath("static", "dashboard", name).read_bytes()
    return Response(body, media_type=ASSETS[name], headers={"cache-control": "private, no-cache"})
