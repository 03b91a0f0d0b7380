"""Where jobs go: to arq's queue in Valkey, or, when jobs run inline, straight to their function."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from arq.connections import ArqRedis, RedisSettings, create_pool

from kitsu_api.workers.context import JobContext
from kitsu_api.workers.register import FUNCTIONS, QUEUES, queue_of

logger = logging.getLogger(__name__)


def serialize(job: dict[str, Any]) -> bytes:
    """A job as it lies in Valkey. arq's own choice is pickle, which runs what it reads: whoever can write
    to Valkey would then own the worker."""
    return orjson.dumps(job)


def deserialize(job: bytes) -> dict[str, Any]:
    """A job out of Valkey."""
    read: dict[str, Any] = orjson.loads(job)
    return read


class ArqQueue:
    """Jobs for the workers, wherever they run."""

    def __init__(self, valkey_url: str) -> None:
        self._settings = RedisSettings.from_dsn(valkey_url)
        self._pool: ArqRedis | None = None

    async def enqueue(self, name: str, arguments: dict[str, Any], key: str | None) -> None:
        """Queue a job; one with a key that is queued or running already is not queued again."""
        if self._pool is None:
            self._pool = await create_pool(
                self._settings, job_serializer=serialize, job_deserializer=deserialize
            )
        id, queue = f"{name}:{key}" if key else None, QUEUES[queue_of(name)]
        await self._pool.enqueue_job(name, _job_id=id, _queue_name=queue, **arguments)

    async def close(self) -> None:
        """Give the connections back."""
        if self._pool is not None:
            await self._pool.aclose()


class InlineQueue:
    """Jobs done at once, before the answer: small installations without a worker."""

    def __init__(self, context: JobContext) -> None:
        self._context = context

    async def enqueue(self, name: str, arguments: dict[str, Any], key: str | None) -> None:
        """Do the job now. It has failed on its own if it fails: the request is committed."""
        try:
            await FUNCTIONS[queue_of(name)][name]({"job": self._context}, **arguments)
        except Exception:
            logger.exception("Job %s failed.", name)

    async def close(self) -> None:
        """Nothing to give back."""
