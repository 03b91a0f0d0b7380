"""Those who follow the log of events: each event is handed to each of them once, whichever worker does it.

A follower has a cursor in the database. What it does with events and the move of the cursor are one
transaction: a worker that dies in between has done nothing, and another one goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from kitsu_api.db.repositories.event_feed import EventFeed, LogEntry
from kitsu_api.realtime.bell import hear
from kitsu_api.unit_of_work import UnitOfWork
from kitsu_api.workers.context import JobContext

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks when nobody rings."""

BATCH = 200

Follow = Callable[[UnitOfWork, Sequence[LogEntry]], Awaitable[None]]


async def follow_once(context: JobContext, name: str, follow: Follow, *, logged: bool = True) -> bool:
    """Hand the next events to a follower; whether there may be more. False while another worker does it.

    `logged=False` hands on what is told and not kept in `api_event` as well.
    """
    async with context.unit_of_work() as uow:
        await EventFeed(uow.session).number()
    async with context.unit_of_work() as uow:
        feed = EventFeed(uow.session)
        position = await feed.claim(name)
        if position is None:
            return False
        entries = await feed.after(position, BATCH, logged=logged)
        if not entries:
            return False
        await follow(uow, entries)
        await feed.move(name, entries[-1].sequence)
    return len(entries) == BATCH


class Rounds:
    """Does rounds of work whenever the bell rings, and now and then by itself."""

    def __init__(self, context: JobContext, rounds: Sequence[Callable[[], Awaitable[bool]]]) -> None:
        """Each of `rounds` does a round of its work and says whether there may be more at once."""
        self._context, self._rounds = context, rounds
        self._woken = asyncio.Event()

    async def run(self, enough: asyncio.Event) -> None:
        """Until it is enough; the round that is under way is ended properly."""
        valkey_url = self._context.settings.valkey_url
        hearing = asyncio.create_task(hear(valkey_url, self._woken.set)) if valkey_url else None
        try:
            while not enough.is_set():
                self._woken.clear()
                if not await self.once():
                    await self._pause(enough)
        finally:
            if hearing is not None:
                hearing.cancel()
                await asyncio.gather(hearing, return_exceptions=True)

    async def _pause(self, enough: asyncio.Event) -> None:
        """Wait for a ring, for the time of the next look, or until it is enough."""
        waits = [asyncio.create_task(event.wait()) for event in (self._woken, enough)]
        await asyncio.wait(waits, timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def once(self) -> bool:
        """One round of each; whether there may be more."""
        more = False
        for work in self._rounds:
            try:
                more = await work() or more
            except Exception:
                logger.exception("A round of work on the log of events failed; trying again.")
                await asyncio.sleep(LOOK_EVERY)
        return more
