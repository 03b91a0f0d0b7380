"""Reads that go straight to the driver.

A request that only reads needs no transaction: PostgreSQL's default isolation gives each statement a picture
of its own anyway. Its kept statements (`prepared.Prepared`) are sent by asyncpg on an idle connection of the
pool, which is free again once the rows are there. That spares what SQLAlchemy adds to each of them, and two
messages to PostgreSQL (ADR 0024). Whatever else the session is asked begins a transaction as ever, and from
then on all goes there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, cast
from weakref import WeakKeyDictionary

from asyncpg import InterfaceError, PostgresError, Record
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from kitsu_api.db.attribution import READS
from kitsu_api.db.pool import LingeringPool

Watcher = Callable[[str, float], None]
"""Is told of a statement and the seconds that it took."""

_watchers: WeakKeyDictionary[Engine, list[Watcher]] = WeakKeyDictionary()


def watch(engine: AsyncEngine, watcher: Watcher) -> Callable[[], None]:
    """Have the statements told that an engine's events don't hear of; the answer ends it."""
    told = _watchers.setdefault(engine.sync_engine, [])
    told.append(watcher)
    return lambda: told.remove(watcher)


class Row(Record):  # type: ignore[misc]  # asyncpg has no types
    """A row of the driver, whose columns have names as SQLAlchemy's have."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class StraightSession(AsyncSession):
    """A session that sends kept statements straight to the driver once it was told that it only reads."""

    _reads = False

    @property
    def reads(self) -> bool:
        """Whether it was told that it only reads."""
        return self._reads

    def only_reads(self) -> None:
        """From now on it reads; `may_write` takes that back."""
        self._reads = self.info[READS] = True

    def may_write(self) -> None:
        """From now on it is a session as any other; its next transaction is told who writes."""
        if self._reads:
            self._reads = self.info[READS] = False

    async def fetch(self, sql: str, values: Sequence[Any]) -> list[Any] | None:
        """The rows of a statement; None where it has to be sent within the session's transaction.

        Raises:
            DBAPIError: PostgreSQL, or the driver, refuses it.
        """
        if not self._reads or self.in_transaction():
            return None
        bind = self.bind
        assert bind is not None
        if isinstance(bind, AsyncConnection):
            return await self._through(cast(Connection, bind.sync_connection), sql, values)
        pool = bind.pool
        if isinstance(pool, LingeringPool) and (entry := pool.borrow()) is not None:
            try:
                return await self._ask(entry, bind.sync_engine, sql, values)
            finally:
                pool.give_back(entry)
        async with bind.connect() as connection:
            return await self._through(cast(Connection, connection.sync_connection), sql, values)

    async def _through(self, connection: Connection, sql: str, values: Sequence[Any]) -> list[Any] | None:
        return await self._ask(connection.connection, connection.engine, sql, values)

    async def _ask(self, pooled: Any, engine: Engine, sql: str, values: Sequence[Any]) -> list[Any] | None:
        """`pooled` is what the pool has of a connection."""
        # Nothing is prepared behind a pooler that gives each transaction another connection: there a
        # statement outside of one may lose what it has just prepared.
        if getattr(pooled.dbapi_connection, "_prepared_statement_cache", None) is None:
            return None
        driver = pooled.driver_connection
        began = time.perf_counter()
        try:
            rows = await self._send(driver, sql, values)
        except (PostgresError, InterfaceError, OSError) as error:
            if driver.is_closed() or isinstance(error, OSError):
                # asked once more, so that SQLAlchemy sees for itself that it is gone and empties its pool
                return None
            raise DBAPIError(sql, None, cast(Any, error), hide_parameters=True) from error
        for tell in _watchers.get(engine, ()):
            tell(sql, time.perf_counter() - began)
        return rows

    async def _send(self, driver: Any, sql: str, values: Sequence[Any]) -> list[Any]:
        rows: list[Any] = await driver.fetch(sql, *values, record_class=Row)
        return rows

    async def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what is held back, where there is anything."""
        if not self._reads or self.in_transaction() or self.new:
            await super().flush(objects)

    async def close(self) -> None:
        """Undo what was not committed, and give the connection back; the session can go on with another."""
        if self.in_transaction() or not self._reads:
            await super().close()

    async def __aexit__(self, *raised: Any) -> None:
        """Close the session; without a transaction nothing is awaited that would need a shield."""
        if not self._reads or self.in_transaction():
            await super().__aexit__(*raised)
