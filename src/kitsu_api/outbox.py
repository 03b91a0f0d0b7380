"""Sends what a transaction left in the outbox: events to Valkey, jobs to the queue.

The message is a row of the same transaction, deleted once it is sent. A process that dies between
commit and publication leaves the row, and the relay of any process sends it later: nothing is lost,
and a listener may hear an event twice but never not at all.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any, Protocol

from kitsu_api.db.base import now
from kitsu_api.db.engine import Sessions
from kitsu_api.db.models import OutboxMessage
from kitsu_api.db.repositories.outbox import OutboxRepository

logger = logging.getLogger(__name__)

RELAY_AFTER = timedelta(seconds=10)
"""Age after which a message counts as forgotten: longer than any publication takes."""

RELAY_EVERY = 5.0
"""Seconds between two looks at the outbox."""


class Publisher(Protocol):
    """Where events go."""

    async def publish(self, name: str, data: dict[str, Any], project_id: str | None) -> None:
        """Tell the listeners who may hear of it."""

    async def publish_to_managers(self, name: str, data: dict[str, Any], project_id: str | None) -> None:
        """Tell those who run the production, and admins; without a production, admins alone."""


class Queue(Protocol):
    """Where jobs go."""

    async def enqueue(self, name: str, arguments: dict[str, Any], key: str | None) -> None:
        """Have a worker (or this process, when jobs run inline) do the job."""


class DatabaseOutbox:
    """The outbox of a process that has a database, Valkey and a queue."""

    def __init__(self, sessions: Sessions, publisher: Publisher, queue: Queue) -> None:
        self._sessions = sessions
        self._publisher = publisher
        self._queue = queue

    async def deliver(self, message: OutboxMessage) -> None:
        """Send one message and delete its row; a failure is logged, and the relay tries again."""
        try:
            await self._send(message)
            async with self._sessions() as session:
                await OutboxRepository(session).delete(message.id)
                await session.commit()
        except Exception:
            logger.exception("Outbox message %s could not be sent; the relay will try again.", message.id)

    async def deliver_stored(self, id: int) -> None:
        """Send the message of this id, unless it was sent already."""
        try:
            async with self._sessions() as session:
                message = await OutboxRepository(session).find(id)
        except Exception:
            logger.exception("Outbox message %s could not be read; the relay will send it.", id)
            return
        if message is not None:
            await self.deliver(message)

    async def _send(self, message: OutboxMessage) -> None:
        for event in message.events:
            publisher = self._publisher
            publish = publisher.publish_to_managers if event.get("for_managers") else publisher.publish
            await publish(event["name"], event["data"], event["project_id"])
        for job in message.jobs:
            await self._queue.enqueue(job["name"], job["arguments"], job["key"])

    async def relay_forgotten(self) -> int:
        """Send the messages that their process did not, oldest first. Returns how many were sent."""
        async with self._sessions() as session:
            repository = OutboxRepository(session)
            messages = await repository.claim(older_than=now() - RELAY_AFTER)
            sent = 0
            for message in messages:
                try:
                    await self._send(message)
                except Exception:
                    logger.exception("Outbox message %s could not be sent; the others go on.", message.id)
                    continue
                await repository.delete(message.id)
                sent += 1
            await session.commit()
        return sent

    async def relay_forever(self) -> None:
        """Look after forgotten messages until cancelled."""
        while True:
            await asyncio.sleep(RELAY_EVERY)
            try:
                while await self.relay_forgotten():
                    continue
            except Exception:
                logger.exception("The outbox could not be relayed; trying again in %s s.", RELAY_EVERY)
