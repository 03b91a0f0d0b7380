"""How far the database has been written, as every process of this installation knows it.

PostgreSQL numbers the bytes of its write-ahead log. The number after a commit says what a copy of the
database must have replayed before it shows that commit.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from kitsu_api.db.straight import StraightSession

logger = logging.getLogger(__name__)

KEY = "kitsu:written-until"

FORGET_AFTER = 30
"""Seconds after which the position is asked for anew when nobody moved it: what is written past this program
(another server, a person with psql) is then waited for as well."""

PATIENCE = 1.0
"""Seconds that noting a position may take: an answer waits for it."""

# Without a synchronous commit the record may not be flushed yet, and counts all the same. With it, what
# others have inserted meanwhile and not flushed would only be waited for in vain.
_WRITTEN = text(
    "SELECT (CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn()"
    " ELSE pg_current_wal_flush_lsn() END - '0/0'::pg_lsn)::bigint"
)

# The position only moves on; numbers of Lua are exact up to 2^53, which is 8 PiB of log.
_MOVE = """
if tonumber(ARGV[1]) > tonumber(redis.call('GET', KEYS[1]) or '0') then
    redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
"""


class Positions:
    """Notes after each commit how far the primary has been written, in Valkey."""

    def __init__(self, engine: AsyncEngine, valkey: Redis) -> None:
        self._engine = engine
        self._valkey = valkey
        self._unsaved = 0
        """A position that this process knows and Valkey did not take."""

    async def note(self) -> None:
        """Note the position after a commit. Never raises: the commit has happened."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._save(await self._written())
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            # nobody knows how far; without a note, each reader asks the primary
            logger.warning("The position after a commit is not known: %s", type(error).__name__)
            await self._forget()

    async def wanted(self) -> int:
        """What a copy must have replayed to show every commit that anybody was told of.

        Raises:
            RedisError, OSError, TimeoutError: Valkey is away.
            SQLAlchemyError: the primary is.
        """
        if self._unsaved:
            await self._save(self._unsaved)
        noted = await self._valkey.get(KEY)
        if noted is not None:
            return max(int(noted), self._unsaved)
        written = await self._written()
        await self._save(written)
        return max(written, self._unsaved)

    async def _written(self) -> int:
        async with self._engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            return int(await alone.scalar(_WRITTEN) or 0)

    async def _save(self, position: int) -> None:
        try:
            moved: Any = self._valkey.eval(_MOVE, 1, KEY, str(position), str(FORGET_AFTER))
            await moved
        except (RedisError, OSError):
            self._unsaved = max(self._unsaved, position)
        else:
            self._unsaved = 0

    async def _forget(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._valkey.delete(KEY)
        except (RedisError, OSError, TimeoutError):
            logger.warning("An old position may be taken for the last one for %s s.", FORGET_AFTER)


async def note_position(session: AsyncSession) -> None:
    """Note the position where a session has committed past its own `commit`; nothing without a replica."""
    positions: Positions | None = session.info.get("positions")
    if positions is not None:
        await positions.note()


class NotingSession(StraightSession):
    """A session that notes the position after its commits, before its caller goes on."""

    async def commit(self) -> None:
        """Commit, then note how far the database has been written."""
        await super().commit()
        positions: Positions = self.info["positions"]
        await positions.note()
