"""How each part of the server does, for metrics and for the dashboard."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from kitsu_api.db.engine import Sessions
from kitsu_api.db.models import TrackedJob
from kitsu_api.db.repositories.health import HealthRepository, JobCount, SlowStatement
from kitsu_api.services.status import PATIENCE, served_queues
from kitsu_api.settings import Settings

JOBS_SHOWN = 30
STATEMENTS_SHOWN = 10


@dataclass(frozen=True)
class QueueHealth:
    """A queue of jobs: messages that wait in Valkey, and whether a worker serves it."""

    name: str
    waiting: int
    served: bool


@dataclass(frozen=True)
class StorageHealth:
    """Where files lie; bytes of the disk, None in an object store."""

    kind: str
    total: int | None = None
    free: int | None = None


@dataclass(frozen=True)
class Health:
    """What there is to know. What a part that is away would have told is missing."""

    database: Mapping[str, Any] | None
    valkey: Mapping[str, Any] | None
    queues: list[QueueHealth]
    counts: list[JobCount]
    storage: StorageHealth
    jobs: list[TrackedJob] = field(default_factory=list)
    slow: list[SlowStatement] | None = None


async def read_queues(valkey: Redis, queues: Mapping[str, str]) -> list[QueueHealth]:
    """The queues by name, of their keys in Valkey; empty ones that nobody serves where Valkey is away."""
    served = await served_queues(valkey, queues)

    async def lengths() -> list[int]:
        async with valkey.pipeline(transaction=False) as asking:
            for key in queues.values():
                asking.zcard(key)
            return [int(length) for length in await asking.execute()]

    try:
        waiting = await asyncio.wait_for(lengths(), PATIENCE)
    except Exception:
        waiting = [0] * len(queues)
    return [QueueHealth(name, length, served[name]) for name, length in zip(queues, waiting, strict=True)]


async def _read_valkey(valkey: Redis) -> Mapping[str, Any] | None:
    try:
        told = await asyncio.wait_for(valkey.info(), PATIENCE)
    except Exception:
        return None
    version = told.get("valkey_version") or told.get("redis_version")
    return {
        "version": version,
        "bytes": told.get("used_memory"),
        "clients": told.get("connected_clients"),
        "seconds": told.get("uptime_in_seconds"),
    }


def _read_storage(settings: Settings) -> StorageHealth:
    if settings.fs_backend != "local":
        return StorageHealth(settings.fs_backend)
    folder = settings.previews
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    use = shutil.disk_usage(folder)
    return StorageHealth("local", use.total, use.free)


async def _read_database(
    sessions: Sessions, *, whole: bool
) -> tuple[Mapping[str, Any], list[JobCount], list[TrackedJob], list[SlowStatement] | None]:
    async with sessions() as session:
        repository = HealthRepository(session)
        facts = await repository.database_facts()
        counts = await repository.job_counts()
        if not whole:
            return facts, counts, [], None
        jobs = await repository.jobs_to_look_at(JOBS_SHOWN)
        return facts, counts, jobs, await repository.slow_statements(STATEMENTS_SHOWN)


async def read_health(
    sessions: Sessions, valkey: Redis, settings: Settings, queues: Mapping[str, str], *, whole: bool = True
) -> Health:
    """How everything does; `whole` with single jobs and statements. Never raises, and takes four seconds at
    most: a part that is away says nothing."""

    async def database() -> Any:
        try:
            return await asyncio.wait_for(_read_database(sessions, whole=whole), PATIENCE)
        except Exception:
            return None, [], [], None

    (facts, counts, jobs, slow), store, found, storage = await asyncio.gather(
        database(),
        _read_valkey(valkey),
        read_queues(valkey, queues),
        asyncio.to_thread(_read_storage, settings),
    )
    return Health(facts, store, found, counts, storage, jobs, slow)
