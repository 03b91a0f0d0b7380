"""Where jobs go: to arq's queue in Valkey, or, when jobs run inline, straight to their function."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import orjson
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.constants import in_progress_key_prefix, job_key_prefix

from kitsu_api.db.repositories.jobs import JobMessage
from kitsu_api.services.jobs import message_key
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.register import FUNCTIONS, QUEUES, queue_of

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that it may take to queue a job: a request waits for it, and the outbox has it all the same."""


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
        self._connecting = asyncio.Lock()

    async def _connect(self) -> ArqRedis:
        async with self._connecting:
            if self._pool is None:
                self._pool = await create_pool(
                    self._settings, job_serializer=serialize, job_deserializer=deserialize
                )
            return self._pool

    async def enqueue(self, name: str, arguments: dict[str, Any], key: str | None) -> None:
        """Queue a job; one with a key that is queued or running already is not queued again.

        Raises:
            LookupError: there is no job of this name.
            RedisError, OSError: Valkey is away, or does not answer in time (`TimeoutError`).
        """
        id, queue = f"{name}:{key}" if key else None, QUEUES[queue_of(name)]
        async with asyncio.timeout(PATIENCE):
            pool = await self._connect()
            await pool.enqueue_job(name, _job_id=id, _queue_name=queue, **arguments)

    async def without_message(self, messages: Sequence[JobMessage]) -> Sequence[JobMessage]:
        """Those of the messages that no worker is going to read: Valkey has lost them, or who took them died
        before it began the job."""
        pool = await self._connect()
        async with pool.pipeline(transaction=False) as asking:
            for message in messages:
                id, queues = f"{message.kind}:{message_key(message)}", QUEUES.values()
                for queue in queues:
                    asking.zscore(queue, id)
                asking.exists(job_key_prefix + id)
                asking.exists(in_progress_key_prefix + id)
            answers = await asking.execute()
        width = len(QUEUES) + 2
        rows = [answers[start : start + width] for start in range(0, len(answers), width)]
        return [
            message
            for message, (*scores, kept, taken) in zip(messages, rows, strict=True)
            if taken or not kept or all(score is None for score in scores)
        ]

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

    async def without_message(self, messages: Sequence[JobMessage]) -> Sequence[JobMessage]:
        """All of them: nothing waits here."""
        return messages

    async def close(self) -> None:
        """Nothing to give back."""
