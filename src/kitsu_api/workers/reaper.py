"""Looks after jobs that nobody does: those of dead workers, and those that the queue has lost sight of."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Protocol

from kitsu_api.db.repositories.jobs import JobMessage, Jobs
from kitsu_api.services.jobs import event_of, message_key
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.tracking import TRIES, WORKERS_ENDED, lease_seconds

logger = logging.getLogger(__name__)

BATCH = 500
"""Jobs that one round asks the queue about."""


class JobQueue(Protocol):
    """Where messages about jobs go."""

    async def enqueue(self, name: str, arguments: dict[str, str], key: str | None) -> None:
        """Have a worker do the job."""

    async def without_message(self, messages: Sequence[JobMessage]) -> Sequence[JobMessage]:
        """Those of the messages that no worker is going to read."""


class Reaper:
    """Every worker has one; any number of them may look at the same jobs at once."""

    def __init__(self, context: JobContext, queue: JobQueue) -> None:
        self._context, self._queue = context, queue
        self._every = context.settings.job_heartbeat_seconds
        self._patience = lease_seconds(self._every)

    async def run(self, stop: asyncio.Event) -> None:
        """Look after jobs until `stop` is set."""
        while not stop.is_set():
            try:
                await self.look()
            except Exception:
                logger.exception("Jobs could not be looked after; trying again in %s s.", self._every)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._every)

    async def look(self) -> None:
        """Queue again what died with its worker, then tell workers of what waits without their knowing."""
        await self._take_from_the_dead()
        for message in await self._count_messages():
            try:
                await self._queue.enqueue(message.kind, {"job_id": str(message.id)}, message_key(message))
            except LookupError:
                logger.warning("A job of kind %s waits, which this release does not know.", message.kind)

    async def _take_from_the_dead(self) -> None:
        async with self._context.unit_of_work() as uow:
            jobs = Jobs(uow.session)
            if await jobs.end_silent(self._patience):
                logger.warning("Transactions of workers that were not heard of were ended.")
            taken = await jobs.take_from_the_dead(self._patience, TRIES, WORKERS_ENDED)
            for state in taken:
                uow.emit(event_of(state))
        for state in taken:
            logger.warning("The worker of job %s was not heard of: the job is %s.", state.id, state.status)

    async def _count_messages(self) -> Sequence[JobMessage]:
        """New messages about the jobs that are due and of which the queue holds none.

        They are counted before they are sent. One that is lost in between is missed at a later look.
        """
        async with self._context.sessions() as session:
            waiting = await Jobs(session).waiting(self._patience, BATCH)
        if not waiting:
            return []
        lost = await self._queue.without_message(waiting)
        missing = {message.id for message in lost}
        async with self._context.unit_of_work() as uow:
            jobs = Jobs(uow.session)
            present = [message for message in waiting if message.id not in missing]
            await jobs.count_message(present, lost=False)
            return await jobs.count_message(lost, lost=True)
