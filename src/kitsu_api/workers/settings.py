"""The worker: what it opens, which queues it serves, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from typing import Any

from arq.connections import RedisSettings
from arq.cron import CronJob, cron
from arq.worker import Function, Worker, func
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.positions import Positions
from kitsu_api.outbox import DatabaseOutbox
from kitsu_api.realtime.bell import ValkeyBell
from kitsu_api.services.jobs import KINDS
from kitsu_api.settings import Settings
from kitsu_api.storage.temporary import remove_stale
from kitsu_api.workers.background import follow_events
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.jobs import import_steps, picture_forms, playlists, reports, retention
from kitsu_api.workers.queue import ArqQueue, deserialize, serialize
from kitsu_api.workers.reaper import Reaper
from kitsu_api.workers.register import FUNCTIONS, MEDIA, QUEUES, QUICK

logger = logging.getLogger(__name__)

HEALTH_SECONDS = 30
"""How often the worker writes into Valkey that it is well."""

TRIES = 5
"""How often a job without a row is begun that asks to be tried again, or whose worker was stopped."""

UNTRACKED_SECONDS = 120
"""Seconds that a job without a row may take; if its worker is killed, another begins it after these."""

PATIENCE = 1.0
LONGEST_PATIENCE = 10.0
"""Seconds until a worker looks for Valkey again that is away, at first and at most."""

HOUR = 3600.0
STALE_SECONDS = 2 * 24 * HOUR
"""Age at which nobody works in a temporary folder any more."""

NICENESS = 10
"""How far the threads of jobs stand back for whatever answers requests on the same machine."""


def valkey_url(settings: Settings) -> str:
    """Where Valkey is.

    Raises:
        RuntimeError: nothing says so.
    """
    if settings.valkey_url is None:
        raise RuntimeError("No Valkey: set REDIS_URL, or start with `kitsu-api up`.")
    return settings.valkey_url


class Resources:
    """What a worker holds open while it runs."""

    def __init__(self, settings: Settings, program: str = "worker") -> None:
        url = valkey_url(settings)
        self.engine: AsyncEngine = make_engine(settings, program)
        self.valkey: Redis = Redis.from_url(url, socket_connect_timeout=3, decode_responses=True)
        self.queue = ArqQueue(url)
        follows = settings.database_replica_url is not None
        sessions = make_sessions(self.engine, Positions(self.engine, self.valkey) if follows else None)
        self.outbox = DatabaseOutbox(sessions, ValkeyBell(self.valkey, url), self.queue)
        self.context = JobContext(settings, sessions, self.valkey, self.outbox)

    async def close(self) -> None:
        """Let go of everything."""
        await self.queue.close()
        await self.valkey.aclose()
        await self.engine.dispose()


def _functions(queue: str, settings: Settings) -> list[Function]:
    """The jobs of a queue as arq knows them. Tracked ones keep time by themselves, so that their row says
    what happened; arq's limit lies beyond theirs."""
    found = []
    for name, job in FUNCTIONS[queue].items():
        kind = KINDS.get(name)
        limit = UNTRACKED_SECONDS
        if kind is not None:
            limit = (kind.time_limit or settings.job_timeout) + UNTRACKED_SECONDS
        found.append(func(job, name=name, timeout=limit))  # type: ignore[arg-type]  # arq asks for *args
    return found


def _cron_jobs(queue: str) -> list[CronJob]:
    """What is done by the clock, in UTC; once, however many workers there are."""
    if queue != QUICK:
        return []
    return [
        cron(retention.delete_old_events, hour=3, minute=17),
        cron(retention.forget_told_messages, minute=7),
        cron(retention.delete_old_deliveries, hour=3, minute=47),
        cron(retention.delete_ended_jobs, hour=3, minute=27),
        cron(retention.keep_history_months, hour={1, 9, 17}, minute=27),
        cron(retention.purge_trash, hour=3, minute=57),
        cron(retention.add_up_storage_use, hour=4, minute=7),
        cron(retention.delete_expired_uploads, minute=7),
        cron(retention.purge_deleted_files, minute=37, timeout=HOUR),
        cron(playlists.settle_builds, second=23),
        cron(reports.mail_reports, minute={1, 16, 31, 46}),
        cron(reports.forget_charts, minute=22),
        cron(picture_forms.forget_sheets, minute=42),
        cron(import_steps.forget_imports, hour=4, minute=12),
    ]


def make_worker(settings: Settings, queue: str, ctx: dict[str, Any]) -> Worker:
    """arq's worker of one queue; `ctx` is what its jobs are given.

    Raises:
        RuntimeError: nothing says where Valkey is.
    """
    at_once = {QUICK: settings.worker_concurrency, MEDIA: settings.worker_media_concurrency}
    worker = Worker(
        _functions(queue, settings),
        queue_name=QUEUES[queue],
        cron_jobs=_cron_jobs(queue),
        redis_settings=RedisSettings.from_dsn(valkey_url(settings)),
        handle_signals=False,
        ctx=ctx,
        max_jobs=at_once[queue],
        job_timeout=UNTRACKED_SECONDS,
        max_tries=TRIES,
        health_check_interval=HEALTH_SECONDS,
        # nobody reads results, and a kept one would keep its job's id taken: no second job of a key
        keep_result=0,
        log_results=False,
        job_serializer=serialize,
        job_deserializer=deserialize,
        timezone=UTC,
    )
    # How long nobody else touches a message whose worker was killed. A tracked job may take longer: whoever
    # gets its message then sees by its row that it runs, and lets it be.
    worker.in_progress_timeout_s = UNTRACKED_SECONDS + 10
    return worker


async def serve(worker: Worker) -> None:
    """Do the jobs of a queue until cancelled, however often Valkey is away; jobs that run then go on."""
    pause = PATIENCE
    while True:
        began = time.monotonic()
        try:
            await worker.async_run()
        except (RedisError, OSError) as error:
            pause = PATIENCE if time.monotonic() - began > HEALTH_SECONDS else pause
            said = f"{type(error).__name__}; looking again in {pause:.0f} s"
            logger.warning("The queue %s can't be reached (%s).", worker.queue_name, said)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PATIENCE)


async def _end(worker: Worker) -> None:
    """Stop the jobs that run; they are queued again."""
    for task in worker.tasks.values():
        task.cancel()
    await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
    with contextlib.suppress(RedisError, OSError, AttributeError):
        # there is no pool before the first connection
        await worker.pool.delete(worker.health_check_key)
        await worker.pool.aclose(close_connection_pool=True)


async def _tidy(settings: Settings) -> None:
    """Remove what killed processes have left in the folder of temporary files, now and each hour."""
    while True:
        try:
            await asyncio.to_thread(remove_stale, settings, STALE_SECONDS)
        except OSError:
            logger.exception("The folder of temporary files could not be tidied.")
        await asyncio.sleep(HOUR)


def _stand_back() -> None:
    """Have this thread, and those that it starts, yield to the rest of the machine."""
    if sys.platform == "linux":  # elsewhere priorities are the whole process's
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


async def work(settings: Settings, stop: asyncio.Event, queues: Sequence[str] = (QUICK, MEDIA)) -> None:
    """Do jobs until `stop` is set. Jobs that run then are ended, and done again by the next worker.

    Raises:
        Exception: whatever ended the worker by itself.
    """
    resources = Resources(settings)
    ctx = {"job": resources.context}
    at_once = settings.worker_concurrency + settings.worker_media_concurrency
    asyncio.get_running_loop().set_default_executor(
        ThreadPoolExecutor(at_once + 4, thread_name_prefix="job", initializer=_stand_back)
    )
    # arq refuses to serve a queue that has no kinds of jobs
    workers = [make_worker(settings, queue, dict(ctx)) for queue in queues if FUNCTIONS[queue]]
    running: list[asyncio.Task[Any]] = [asyncio.create_task(serve(worker)) for worker in workers]
    running.append(asyncio.create_task(_tidy(settings)))
    if settings.outbox_relay:
        running.append(asyncio.create_task(resources.outbox.relay_forever()))
    running.append(asyncio.create_task(stop.wait()))
    enough = asyncio.Event()
    ending = [asyncio.create_task(Reaper(resources.context, resources.queue).run(enough))]
    if settings.outbox_relay and QUICK in queues:
        ending.append(asyncio.create_task(follow_events(resources.context, enough)))
    logger.info("The worker is ready, for %s jobs.", " and ".join(queues))
    try:
        # what ends later ends by itself only when it is broken: then others must do the work
        ended, _ = await asyncio.wait([*running, *ending], return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            await task
    finally:
        enough.set()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, *ending, return_exceptions=True)
        await asyncio.gather(*map(_end, workers))
        await resources.close()
        logger.info("The worker has ended.")


async def _run(settings: Settings, queues: Sequence[str]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await work(settings, stop, queues)


def run(settings: Settings, queues: Sequence[str] = (QUICK, MEDIA)) -> None:
    """Run the worker in the foreground; SIGINT and SIGTERM end it cleanly."""
    # arq logs the arguments of each job that it begins: texts and addresses of mails
    logging.getLogger("arq.worker").setLevel(logging.WARNING)
    asyncio.run(_run(settings, queues))
