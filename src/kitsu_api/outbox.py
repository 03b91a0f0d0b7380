"""Sends what a transaction left behind: jobs to the queue, and a ring to those who read the log of events.

The jobs are a row of the same transaction, deleted once they are queued. A process that dies between
commit and queueing leaves the row, and the relay of any process queues them later. Events need no row here:
they are in the log, which is read on, never missed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

from redis.exceptions import RedisError

from kitsu_api.db.base import now
from kitsu_api.db.engine import Sessions
from kitsu_api.db.models import OutboxMessage
from kitsu_api.db.repositories.outbox import OutboxRepository

logger = logging.getLogger(__name__)

RELAY_AFTER = timedelta(seconds=10)
"""Age after which a message counts as forgotten: longer than any publication takes."""

RELAY_EVERY = 5.0
"""Seconds between two looks at the outbox."""

BATCH = 100
"""Messages that are relayed in one transaction."""


class Bell(Protocol):
    """Wakes those who read the log."""

    async def ring(self) -> None:
        """Say that there is something new. Never raises: who does not hear it looks before long."""


class Queue(Protocol):
    """Where jobs go."""

    async def enqueue(self, name: str, arguments: dict[str, Any], key: str | None) -> None:
        """Have a worker (or this process, when jobs run inline) do the job."""


class DatabaseOutbox:
    """The outbox of a process that has a database, Valkey and a queue."""

    def __init__(self, sessions: Sessions, bell: Bell, queue: Queue) -> None:
        self._sessions = sessions
        self._bell = bell
        self._queue = queue
        # jobs that are done at once may take longer than a publication does: the relay leaves them alone
        self._under_way: set[int] = set()

    async def deliver(self, message: OutboxMessage | None) -> None:
        """Ring, queue the jobs and delete their row; a failure is logged, and the relay tries again."""
        await self._bell.ring()
        if message is None:
            return
        id = message.id
        self._under_way.add(id)
        try:
            await self._send(message)
            async with self._sessions() as session:
                await OutboxRepository(session).delete(id)
                await session.commit()
        except Exception:
            logger.exception("Outbox message %s could not be sent; the relay will try again.", id)
        finally:
            self._under_way.discard(id)

    async def _send(self, message: OutboxMessage) -> None:
        for job in message.jobs:
            await self._queue.enqueue(job["name"], job["arguments"], job["key"])

    async def relay_forgotten(self) -> int:
        """Send the messages that their process did not, oldest first. Returns how many were sent."""
        total, after = 0, 0
        while True:
            async with self._sessions() as session:
                repository = OutboxRepository(session)
                messages = await repository.claim(now() - RELAY_AFTER, after, BATCH)
                sent, away = await self._relay(messages)
                for id in sent:
                    await repository.delete(id)
                total += len(sent)
                # those that stay are passed by, or they would hold up all others
                after = messages[-1].id if messages else after
                await session.commit()
            if away or len(messages) < BATCH:
                return total

    async def _relay(self, messages: Sequence[OutboxMessage]) -> tuple[list[int], bool]:
        """Send messages; the ids of those that were sent, and whether the queue can't be reached."""
        sent: list[int] = []
        for message in messages:
            if message.id in self._under_way:
                continue
            try:
                await self._send(message)
            except (RedisError, OSError) as error:
                logger.warning("Jobs can't be queued (%s); trying again.", type(error).__name__)
                return sent, True
            except Exception:
                logger.exception("Outbox message %s could not be sent; the others go on.", message.id)
                continue
            sent.append(message.id)
        return sent, False

    async def relay_forever(self) -> None:
        """Look after forgotten messages until cancelled."""
        while True:
            await asyncio.sleep(RELAY_EVERY)
            try:
                await self.relay_forgotten()
            except Exception:
                logger.exception("The outbox could not be relayed; trying again in %s s.", RELAY_EVERY)
