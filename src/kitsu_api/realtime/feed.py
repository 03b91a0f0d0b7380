"""Reads the log of events on and on, in this process, and hands on what is new.

Nothing is told that is not in the log, and the log is read by its numbers: whatever happens to Valkey or to
another process, each event is handed on once and in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError

from kitsu_api.db.engine import Sessions
from kitsu_api.db.positions import note_position
from kitsu_api.db.repositories.event_feed import EventFeed, LogEntry
from kitsu_api.realtime.bell import hear

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at the log when nobody rings: other servers on these tables don't."""

BATCH = 500
"""Events that are handed on at a time."""

RECENT = 2_000
"""Events that are kept in memory for the streams of this process: few ask for older ones."""

Hand = Callable[[Sequence[LogEntry]], Awaitable[None]]
"""Tells what is new. One that raises `SQLAlchemyError` or `OSError` has told nothing, and gets it again."""


class Feed:
    """The log as this process reads it."""

    def __init__(self, sessions: Sessions, valkey_url: str, hand: Hand) -> None:
        self._sessions, self._valkey_url, self._hand = sessions, valkey_url, hand
        self._woken = asyncio.Event()
        self._moved = asyncio.Condition()
        self._recent: deque[LogEntry] = deque(maxlen=RECENT)
        self.position = self._start = 0
        """The number of the last event that was handed on."""
        self._placed = False
        self.ended = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Feed]:
        """Read on from the end of the log for the length of a block; where the database is away, from the
        end that the log has when it comes back: this process served nobody before."""
        try:
            await self._place()
        except (SQLAlchemyError, OSError):
            logger.warning("The database is away; events are read once it is there.")
        tasks = [
            asyncio.create_task(self._read_forever()),
            asyncio.create_task(hear(self._valkey_url, self._woken.set)),
        ]
        try:
            yield self
        finally:
            self.ended = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            async with self._moved:
                self._moved.notify_all()

    async def _place(self) -> None:
        """Begin at the end of the log."""
        async with self._sessions() as session:
            self.position = self._start = await EventFeed(session).number()
            await session.commit()
        self._placed = True

    def recent_after(self, sequence: int) -> list[LogEntry] | None:
        """What was handed on after a number; None when that is longer ago than this process remembers."""
        if sequence < self._start:
            return None
        return [entry for entry in self._recent if entry.sequence > sequence]

    async def wait_beyond(self, sequence: int, seconds: float) -> bool:
        """Wait until something after this number was handed on; false when the time is up before."""

        def moved() -> bool:
            return self.position > sequence or self.ended

        try:
            async with asyncio.timeout(seconds), self._moved:
                await self._moved.wait_for(moved)
        except TimeoutError:
            return False
        return self.position > sequence

    async def _read_forever(self) -> None:
        while True:
            try:
                while await self._read():
                    continue
            except (SQLAlchemyError, OSError):
                logger.exception("The log of events could not be read; trying again.")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._woken.wait()

    async def _read(self) -> bool:
        """Hand on what is new; whether there may be more."""
        self._woken.clear()
        if not self._placed:
            await self._place()
        async with self._sessions() as session:
            feed = EventFeed(session)
            await feed.number_at_once()
            entries = await feed.after(self.position, BATCH)
            if entries:
                # whoever is told of them finds them in what they read next, also on a replica
                await note_position(session)
        if not entries:
            return False
        try:
            await self._hand(entries)
        except (SQLAlchemyError, OSError):
            raise  # nobody was told: the database is away, and they come again once it is there
        except Exception:
            # what can't be told to one listener must not be told to all again and again
            logger.exception("Events up to %s were not told to all listeners.", entries[-1].sequence)
        async with self._moved:
            for entry in entries:
                if len(self._recent) == RECENT:
                    self._start = self._recent[0].sequence
                self._recent.append(entry)
            self.position = entries[-1].sequence
            self._moved.notify_all()
        return len(entries) == BATCH
