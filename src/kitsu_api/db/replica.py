"""A copy of the database that answers listings, as long as it shows what everybody knows already.

A copy is behind by the time that PostgreSQL takes to send and replay. Whoever was told of a commit, by the
answer to their own write or by an event, must find it in what they read next; the copy is waited for, and
passed over when that takes too long.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from kitsu_api.db.attribution import READS
from kitsu_api.db.engine import Sessions
from kitsu_api.db.positions import Positions

logger = logging.getLogger(__name__)

Opener = Callable[[], AbstractAsyncContextManager[AsyncSession]]
"""Opens a session on one of the servers."""

OPENER = "opener"
"""Where a session on the copy keeps what opens more of its kind (`session.info`)."""

FIRST_REST, LONGEST_REST = 1.0, 30.0
"""Seconds for which a copy that failed is not asked; doubled each time."""

CATCHING_UP = 0.5
"""Seconds for which a copy that is far behind is looked at, and not waited for."""

PATIENCE = 2.0
"""Seconds that finding out about the copy may take beside the waiting: for machines that vanish silently."""

CALLERS_FAULTS = ("22", "57014")
"""SQLSTATEs that the primary would answer with as well: values out of range, and out of time."""

_REPLAYED = text(
    "SELECT pg_is_in_recovery(), coalesce((pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint, 0)"
)


class NoCopyError(RuntimeError):
    """The server behind the copy's address is no copy (any more)."""


class Replica:
    """The copy, and what is known about its state."""

    def __init__(self, engine: AsyncEngine, primary: Sessions, positions: Positions, wait: float) -> None:
        """`wait` is the longest wait for the copy to catch up, in seconds."""
        self.engine = engine
        self._sessions: Sessions = async_sessionmaker(engine, expire_on_commit=False, info={READS: True})
        self._primary, self._positions = primary, positions
        self._wait = wait
        self._rest = 0.0
        self._rests_until = self._behind_until = 0.0

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession | None]:
        """A session on the copy that shows all that anybody was told of; None: let the primary answer."""
        async with contextlib.AsyncExitStack() as opened:
            yield await self._open(opened)

    def failed(self, error: BaseException) -> bool:
        """Whether an error is one of the copy, which then rests for a while, so that the primary may be
        asked the same: it is gone, ended a read that was in its way, or refuses a write."""
        if not isinstance(error, DBAPIError | OSError):
            return False
        state = str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
        if state.startswith(CALLERS_FAULTS):
            return False
        logger.warning(
            "A read failed on the replica (%s); the primary answers it.", state or type(error).__name__
        )
        if not state or state.startswith(("08", "57")):
            self._take_a_rest()
        return True

    async def _open(self, opened: contextlib.AsyncExitStack) -> AsyncSession | None:
        if time.monotonic() < self._rests_until:
            return None
        position: int | None = None
        try:
            async with asyncio.timeout(PATIENCE + self._wait):
                wanted = await self._positions.wanted()
                session = await opened.enter_async_context(self._sessions())
                position = await self._wait_for(session, wanted)
            self._rest = 0.0
        except RedisError as error:
            logger.warning("Valkey is away (%s); the primary answers.", type(error).__name__)
        except (SQLAlchemyError, OSError, NoCopyError) as error:
            told = str(error) if isinstance(error, NoCopyError) else type(error).__name__
            self._take_a_rest()
            logger.warning("The replica is away (%s); the primary answers for %g s.", told, self._rest)
        if position is None:
            # its connection is given back before the primary is asked
            with contextlib.suppress(SQLAlchemyError, OSError):
                await opened.aclose()
            return None
        found = position
        session.info[OPENER] = lambda: self._another(found)
        return session

    def _take_a_rest(self) -> None:
        self._rest = min(max(self._rest * 2, FIRST_REST), LONGEST_REST)
        self._rests_until = time.monotonic() + self._rest

    async def _wait_for(self, session: AsyncSession, wanted: int) -> int | None:
        """Where the copy is once it has replayed what is wanted; None when it takes too long."""
        began = time.monotonic()
        until = began if began < self._behind_until else began + self._wait
        pause = 0.002
        while True:
            position = await _replayed(session)
            if position >= wanted:
                return position
            if time.monotonic() >= until:
                self._behind_until = time.monotonic() + CATCHING_UP
                return None
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.02)

    @contextlib.asynccontextmanager
    async def _another(self, position: int) -> AsyncIterator[AsyncSession]:
        """One more session on the copy that shows what an earlier one showed, else one on the primary: the
        address may be that of several copies, which are not equally far."""
        async with self._sessions() as session:
            if await _replayed(session) >= position:
                yield session
                return
        async with self._primary() as session:
            yield session


async def _replayed(session: AsyncSession) -> int:
    """How far a copy has replayed the log.

    Raises:
        NoCopyError: the server is no copy.
    """
    is_copy, position = (await session.execute(_REPLAYED)).one()
    if not is_copy:
        raise NoCopyError("the server does not follow another one")
    return int(position)
