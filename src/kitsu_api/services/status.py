"""Asks the parts of the server whether they answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Collection, Mapping

import psutil
from redis.asyncio import Redis

from kitsu_api import __version__
from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.status import ping
from kitsu_api.events import Event
from kitsu_api.schemas.status import MemoryUse, ResourceUse, ServerStatus
from kitsu_api.unit_of_work import UnitOfWork

NAME = "kitsu-api"

PATIENCE = 2.0
"""Seconds that a part may take to answer. A monitor asks often, and must not wait for a dead host."""


async def answers(question: Awaitable[object]) -> bool:
    """Whether the question is answered in time. Why it is not stays here: the caller may be anybody."""
    try:
        await asyncio.wait_for(question, PATIENCE)
    except Exception:
        return False
    return True


async def _ask_database(sessions: Sessions) -> None:
    async with sessions() as session:
        await ping(session)


HEARTBEAT = ":health-check"
"""What a worker writes beside its queue twice a minute ends so, and vanishes by itself."""


async def _heartbeats(valkey: Redis, queues: Collection[str]) -> list[bool]:
    found = await valkey.mget([f"{queue}{HEARTBEAT}" for queue in queues])
    return [beat is not None for beat in found]


async def served_queues(valkey: Redis, queues: Mapping[str, str]) -> dict[str, bool]:
    """Whether a worker was heard of, for each queue; none was where Valkey is away."""
    try:
        found = await asyncio.wait_for(_heartbeats(valkey, queues.values()), PATIENCE)
    except Exception:
        found = [False] * len(queues)
    return dict(zip(queues, found, strict=True))


async def look_around(
    sessions: Sessions, valkey: Redis, queues: Mapping[str, str], *, jobs_inline: bool
) -> ServerStatus:
    """Which parts answer; all are asked at once, so this takes two seconds at most. `queues` are keys in
    Valkey by name; jobs that are done inline need no worker."""
    database, store, served = await asyncio.gather(
        answers(_ask_database(sessions)), answers(valkey.ping()), served_queues(valkey, queues)
    )
    return ServerStatus(
        name=NAME,
        version=__version__,
        database_up=database,
        key_value_store_up=store,
        job_queue_up=jobs_inline or all(served.values()),
    )


def resources() -> ResourceUse:
    """How busy this machine is."""
    memory = psutil.virtual_memory()
    return ResourceUse(
        cpu_count=os.cpu_count() or 1,
        cpu_percent=psutil.cpu_percent(),
        load_average=[round(load, 2) for load in psutil.getloadavg()],
        memory=MemoryUse(total=memory.total, available=memory.available, percent=memory.percent),
    )


def send_test_event(uow: UnitOfWork) -> None:
    """Tell every listener that events arrive. Nothing happened, so the event log is left alone."""
    uow.emit(Event("main:test", {}, persist=False))
