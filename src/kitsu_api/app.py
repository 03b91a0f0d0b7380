"""The application: what it is made of, and what it opens and closes."""

from __future__ import annotations

import kitsu_api.libraries  # noqa: F401  # first: what is loaded before it brings more along

# isort: split
import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import socketio
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from kitsu_api import __version__, rendering
from kitsu_api.admission import Admission
from kitsu_api.body_limits import limit_bodies
from kitsu_api.db.engine import Sessions, make_engine, make_sessions
from kitsu_api.db.positions import Positions
from kitsu_api.db.replica import Replica
from kitsu_api.db.straight import watch
from kitsu_api.middleware import (
    SOCKET_PATH,
    AfterwardsMiddleware,
    HeadersMiddleware,
    HeadMiddleware,
    OnceMiddleware,
    PathMiddleware,
    SecondTryMiddleware,
)
from kitsu_api.observability import logs
from kitsu_api.observability.reporting import Traces, start_sentry
from kitsu_api.observability.requests import Observer, ObservingMiddleware, SlowRequests
from kitsu_api.observability.statements import log_slow_statements, note_slow
from kitsu_api.observability.tracing import TracingMiddleware
from kitsu_api.openapi import describe
from kitsu_api.outbox import DatabaseOutbox
from kitsu_api.permissions import idempotency
from kitsu_api.permissions.callers import Callers
from kitsu_api.planned_reads import mark_reads, plan_reads
from kitsu_api.realtime.bell import ValkeyBell
from kitsu_api.realtime.server import count_listeners, serving_sockets
from kitsu_api.request_rates import RequestRates
from kitsu_api.route_register import find_units
from kitsu_api.routing import RouteIndex, index_routes
from kitsu_api.settings import Settings, get_settings
from kitsu_api.web_client import WebClientMiddleware, WebFolder
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.queue import ArqQueue, InlineQueue
from kitsu_api.workers.reaper import Reaper

if TYPE_CHECKING:
    from kitsu_api.observability.metrics import Metrics

EXPOSED_HEADERS = [
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
    *("Location", "Retry-After", "Tus-Checksum-Algorithm", "Tus-Extension", "Tus-Max-Size", "Tus-Resumable"),
    *("Tus-Version", "Upload-Expires", "Upload-Length", "Upload-Metadata", "Upload-Offset"),
]
"""What scripts of other origins may read of answers, beside what browsers always let them."""


def make_valkey(url: str) -> Redis:
    """A Valkey client with a short patience: a request must not hang on it."""
    client: Redis = Redis.from_url(url, socket_connect_timeout=3, socket_timeout=10, decode_responses=True)
    return client


def connect(app: FastAPI, sessions: Sessions, valkey: Redis) -> None:
    """Give an app its database, Valkey, queue and outbox."""
    settings: Settings = app.state.settings
    context = JobContext(settings, sessions, valkey)
    queue: ArqQueue | InlineQueue
    if settings.valkey_url is None:
        raise RuntimeError("No Valkey: set REDIS_URL, or start with `kitsu-api up`.")
    queue = InlineQueue(context) if settings.jobs_inline else ArqQueue(settings.valkey_url)
    outbox = DatabaseOutbox(sessions, ValkeyBell(valkey, settings.valkey_url), queue)
    context.outbox = outbox
    app.state.sessions, app.state.valkey = sessions, valkey
    app.state.callers = Callers(sessions, valkey)
    app.state.queue, app.state.outbox, app.state.jobs = queue, outbox, context


def open_database(settings: Settings, engine: AsyncEngine, valkey: Redis) -> tuple[Sessions, Replica | None]:
    """Sessions on the primary, and its replica where the settings name one."""
    if settings.database_replica_url is None:
        return make_sessions(engine), None
    positions = Positions(engine, valkey)
    sessions = make_sessions(engine, positions)
    copy = make_engine(settings, url=settings.database_replica_url)
    log_slow_statements(copy, settings.slow_statement_ms)
    return sessions, Replica(copy, sessions, positions, settings.replica_wait_ms / 1000)


def log_slow(engine: AsyncEngine, milliseconds: int) -> None:
    """Log statements that take at least so long, whichever way they go; 0 logs none."""
    log_slow_statements(engine, milliseconds)
    if milliseconds:

        def tell(sql: str, seconds: float) -> None:
            if seconds * 1000 >= milliseconds:
                note_slow(sql, seconds * 1000)

        watch(engine, tell)


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the pools, relay what an earlier process left unsent, and close everything again."""
    settings: Settings = app.state.settings
    if settings.valkey_url is None:
        raise RuntimeError("No Valkey: set REDIS_URL, or start with `kitsu-api up`.")
    settings.signing_key()
    engine: AsyncEngine = make_engine(settings)
    log_slow(engine, settings.slow_statement_ms)
    metrics: Metrics | None = app.state.metrics
    if metrics is not None:
        metrics.watch_pool(engine)
    valkey = make_valkey(settings.valkey_url)
    sessions, app.state.replica = open_database(settings, engine, valkey)
    connect(app, sessions, valkey)
    enough = asyncio.Event()
    relay: list[asyncio.Task[None]] = []
    ending: list[asyncio.Task[None]] = []
    if settings.outbox_relay:
        relay.append(asyncio.create_task(app.state.outbox.relay_forever()))
    if settings.outbox_relay and settings.jobs_inline:
        from kitsu_api.workers.background import follow_events

        # there may be no worker to look after them
        ending.append(asyncio.create_task(Reaper(app.state.jobs, app.state.queue).run(enough)))
        ending.append(asyncio.create_task(follow_events(app.state.jobs, enough)))
    try:
        async with serving_sockets(settings, sessions, valkey, settings.valkey_url) as (server, feed):
            app.state.sockets.engineio_server, app.state.feed = server, feed
            if metrics is not None:
                relay.append(asyncio.create_task(count_listeners(server, metrics.note_sockets)))
            yield
    finally:
        enough.set()
        for task in relay:
            task.cancel()
        await asyncio.gather(*relay, *ending, return_exceptions=True)
        await app.state.queue.close()
        await valkey.aclose()
        await engine.dispose()
        if app.state.replica is not None:
            await app.state.replica.engine.dispose()
        if metrics is not None:
            metrics.close()
        if app.state.traces is not None:
            await asyncio.to_thread(app.state.traces.close)


def observe(app: FastAPI, settings: Settings) -> None:
    """Have requests noted as the settings say; their ids in any case."""
    observers: list[Observer] = []
    app.state.metrics = app.state.traces = None
    if settings.metrics_enabled:
        from kitsu_api.observability.metrics import Metrics

        app.state.metrics = Metrics()
        observers.append(app.state.metrics)
    if settings.slow_request_ms:
        observers.append(SlowRequests(settings.slow_request_ms))
    if settings.otlp_endpoint:
        app.state.traces = Traces(settings)
        app.add_middleware(TracingMiddleware, traces=app.state.traces)
    app.add_middleware(ObservingMiddleware, observers=observers)


class Application(FastAPI):
    """The application. Its routes are made when they are first asked for; `routes` are all of them."""

    index: RouteIndex

    @property
    def routes(self) -> list[BaseRoute]:
        """Every route; those that are missing are made now, which takes seconds."""
        self.index.load_all()
        return super().routes


def prepare(settings: Settings, routes: Sequence[BaseRoute]) -> None:
    """Put limits and plans before routes that were just made."""
    limit_bodies(routes)
    mark_reads(routes)
    if not settings.otlp_endpoint:
        # traces are to show what FastAPI does
        plan_reads(routes)


def create_app(settings: Settings | None = None) -> Application:
    """The application for these settings, or for those of the environment."""
    settings = settings or get_settings()
    app = Application(
        title="kitsu-api",
        version=__version__,
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings, app.state.feed, app.state.replica = settings, None, None
    rendering.install(app)
    app.state.sockets = socketio.ASGIApp(socketio.AsyncServer(async_mode="asgi"), socketio_path=None)
    app.mount(SOCKET_PATH, app.state.sockets)
    describe(app)
    app.index = index = index_routes(app.router, find_units(), partial(prepare, settings))
    app.state.routes_of = index.candidates
    if settings.database_replica_url is not None:
        app.add_middleware(SecondTryMiddleware)
    app.add_middleware(RequestRates)
    if settings.web_folder is not None:
        folder = WebFolder(settings.web_folder)
        app.add_middleware(WebClientMiddleware, settings=settings, folder=folder, has_route=index.knows)
    app.add_middleware(HeadMiddleware)
    # within what adds headers, so that scripts of other origins read its refusals too
    app.add_middleware(Admission)
    if settings.cors_allowed_origins:
        everywhere = "*" in settings.cors_allowed_origins
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_allowed_origins),
            allow_credentials=not everywhere,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED_HEADERS,
        )
    app.add_middleware(OnceMiddleware, maximum=idempotency.MAXIMUM)
    app.add_middleware(AfterwardsMiddleware)
    app.add_middleware(HeadersMiddleware)
    observe(app, settings)
    app.add_middleware(PathMiddleware)
    return app


def settle(app: Application) -> None:
    """Spare the collector the objects that are there for good, and have it come less often.

    A full collection over all that routes are made of would hold up all requests for 0.3 s.
    """
    app.index.permanent = True
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def from_environment() -> Application:
    """The application for uvicorn: `uvicorn --factory kitsu_api.app:from_environment`."""
    settings = get_settings()
    logs.configure(settings)
    start_sentry(settings)
    app = create_app(settings)
    settle(app)
    return app
