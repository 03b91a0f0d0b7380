"""The worker: what it opens, which jobs it does, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from arq.connections import RedisSettings
from arq.cron import CronJob, cron
from arq.worker import Function, Worker, create_worker, func
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.outbox import DatabaseOutbox
from kitsu_api.realtime.publisher import SocketPublisher
from kitsu_api.realtime.server import make_manager
from kitsu_api.settings import Settings
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.jobs import retention
from kitsu_api.workers.queue import ArqQueue, deserialize, serialize
from kitsu_api.workers.register import FUNCTIONS, QUICK

logger = logging.getLogger(__name__)

HEALTH_SECONDS = 30
"""How often the worker writes into Valkey that it is well."""

TRIES = 5
"""How often a job is begun that asks to be tried again, or whose worker was stopped."""

Hook = Callable[[dict[str, Any]], Awaitable[None]]


class WorkerSettings:
    """What arq reads of the worker. It looks at a class's own attributes alone, not at inherited ones."""

    functions: ClassVar[list[Function]]
    cron_jobs: ClassVar[list[CronJob]]
    redis_settings: ClassVar[RedisSettings]
    on_startup: ClassVar[Hook]
    on_shutdown: ClassVar[Hook]
    max_jobs: ClassVar[int]
    job_timeout: ClassVar[int]
    max_tries: ClassVar[int]
    health_check_interval: ClassVar[int]
    keep_result: ClassVar[int]
    log_results: ClassVar[bool]
    job_serializer: ClassVar[staticmethod[[dict[str, Any]], bytes]]
    job_deserializer: ClassVar[staticmethod[[bytes], dict[str, Any]]]


def valkey_url(settings: Settings) -> str:
    """Where Valkey is.

    Raises:
        RuntimeError: nothing says so.
    """
    if settings.valkey_url is None:
        raise RuntimeError("No Valkey: set REDIS_URL, or start with `kitsu-api up`.")
    return settings.valkey_url


class _Resources:
    """What a worker holds open while it runs."""

    def __init__(self, settings: Settings) -> None:
        url = valkey_url(settings)
        self.engine: AsyncEngine = make_engine(settings)
        self.valkey: Redis = Redis.from_url(url, socket_connect_timeout=3, decode_responses=True)
        self.manager = make_manager(url)
        self.queue = ArqQueue(url)
        sessions = make_sessions(self.engine)
        self.outbox = DatabaseOutbox(sessions, SocketPublisher(self.manager), self.queue)
        self.context = JobContext(settings, sessions, self.valkey, self.outbox)
        self.relay: asyncio.Task[None] | None = None
        if settings.outbox_relay:
            self.relay = asyncio.create_task(self.outbox.relay_forever())

    async def close(self) -> None:
        """Let go of everything."""
        if self.relay is not None:
            self.relay.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.relay
        await self.queue.close()
        await self.valkey.aclose()
        await self.engine.dispose()


def worker_settings(settings: Settings) -> type[WorkerSettings]:
    """What arq needs to run a worker with these settings.

    Raises:
        RuntimeError: nothing says where Valkey is.
    """

    async def startup(ctx: dict[str, Any]) -> None:
        ctx["resources"] = resources = _Resources(settings)
        ctx["job"] = resources.context
        logger.info(
            "The worker is ready: %d kinds of jobs, %d at a time.",
            len(FUNCTIONS[QUICK]),
            settings.worker_concurrency,
        )

    async def shutdown(ctx: dict[str, Any]) -> None:
        resources: _Resources | None = ctx.pop("resources", None)
        if resources is not None:
            await resources.close()
        logger.info("The worker has ended.")

    class Configured(WorkerSettings):
        functions = [func(job, name=name) for name, job in FUNCTIONS[QUICK].items()]  # type: ignore[arg-type]  # noqa: RUF012  # arq asks for *args
        # at night by UTC; each job runs once, however many workers there are
        cron_jobs = [cron(retention.delete_old_events, hour=3, minute=17)]  # noqa: RUF012
        redis_settings = RedisSettings.from_dsn(valkey_url(settings))
        on_startup = startup
        on_shutdown = shutdown
        max_jobs = settings.worker_concurrency
        job_timeout = settings.job_timeout
        max_tries = TRIES
        health_check_interval = HEALTH_SECONDS
        # nobody reads results, and a kept one would keep its job's id taken: no second job of a key
        keep_result = 0
        log_results = False
        job_serializer = staticmethod(serialize)
        job_deserializer = staticmethod(deserialize)

    return Configured


async def work(settings: Settings, stop: asyncio.Event) -> None:
    """Do jobs until `stop` is set. Jobs that run then are ended, and done again by the next worker.

    Raises:
        Exception: whatever ended the worker by itself, such as Valkey being away for long.
    """
    worker: Worker = create_worker(worker_settings(settings), handle_signals=False)  # type: ignore[arg-type]  # arq's own protocol is narrower than what it reads
    running = asyncio.create_task(worker.async_run())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
    finally:
        stopping.cancel()
        running.cancel()
        await asyncio.gather(running, stopping, return_exceptions=True)
        with contextlib.suppress(asyncio.CancelledError):
            await worker.close()


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await work(settings, stop)


def run(settings: Settings) -> None:
    """Run the worker in the foreground; SIGINT and SIGTERM end it cleanly."""
    # arq logs the arguments of each job that it begins: texts and addresses of mails
    logging.getLogger("arq.worker").setLevel(logging.WARNING)
    asyncio.run(_run(settings))
