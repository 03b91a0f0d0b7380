"""Reads that go straight to the driver.

A request that only reads needs no transaction: PostgreSQL's default isolation gives each statement a picture
of its own anyway. Its kept statements (`prepared.Prepared`) are sent by asyncpg on an idle connection of the
pool, which is free again once the rows are there. That spares what SQLAlchemy adds to each of them, and two
messages to PostgreSQL (ADR 0024). Only what needs one connection for more than a statement, a cursor or a
snapshot, holds it. Whatever else the session is asked begins a transaction as ever, and from then on all goes
there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast
from weakref import WeakKeyDictionary

from asyncpg import InterfaceError, PostgresError, Record
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

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


def _tell(engine: Engine, sql: str, began: float) -> None:
    for tell in _watchers.get(engine, ()):
        tell(sql, time.perf_counter() - began)


def _refused(sql: str, error: Exception) -> DBAPIError:
    return DBAPIError(sql, None, cast(Any, error), hide_parameters=True)


class _OnOneConnection(Session):
    """A session that begins its transactions on a connection which is held already, where there is one."""

    held: Connection | None = None

    def get_bind(self, *args: Any, **named: Any) -> Engine | Connection:
        return super().get_bind(*args, **named) if self.held is None else self.held


class StraightSession(AsyncSession):
    """A session that sends kept statements straight to the driver once it was told that it only reads."""

    _reads = False
    _connection: AsyncConnection | None = None
    _driver: Any = None
    _opened: Any = None
    """The driver's transaction that a cursor needs."""
    _fetching: asyncio.Task[list[Any]] | None = None
    """What PostgreSQL makes of a long answer at the moment."""

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
        held = bind if isinstance(bind, AsyncConnection) else self._connection
        if held is not None:
            return await self._through(held, sql, values)
        assert isinstance(bind, AsyncEngine)
        pool = bind.pool
        if isinstance(pool, LingeringPool) and (entry := pool.borrow()) is not None:
            try:
                return await self._ask(entry, bind.sync_engine, sql, values)
            finally:
                pool.give_back(entry)
        async with bind.connect() as connection:
            return await self._through(connection, sql, values)

    async def _through(
        self, connection: AsyncConnection, sql: str, values: Sequence[Any]
    ) -> list[Any] | None:
        sync = cast(Connection, connection.sync_connection)
        return await self._ask(sync.connection, sync.engine, sql, values)

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
            raise _refused(sql, error) from error
        _tell(engine, sql, began)
        return rows

    async def batches(self, sql: str, values: Sequence[Any], size: int) -> AsyncGenerator[list[Any]] | None:
        """The rows of a long statement, `size` at a time, of which no more are held; None as `fetch` says.

        Nothing else may be asked of the session before the last of them is there, or the session is closed.

        Raises:
            DBAPIError: PostgreSQL, or the driver, refuses it; at the first rows or at later ones.
        """
        driver = await self._straight()
        if driver is None:
            return None
        began = time.perf_counter()
        try:
            await self._open(driver)
            cursor = await driver.cursor(sql, *values, record_class=Row)
            first: list[Any] = await cursor.fetch(size)
        except (PostgresError, InterfaceError, OSError) as error:
            await self._end()
            if driver.is_closed() or isinstance(error, OSError):
                return None
            raise _refused(sql, error) from error
        _tell(cast(AsyncConnection, self._connection).sync_engine, sql, began)
        return self._following(sql, cursor, first, size)

    async def hold_still(self) -> bool:
        """Have all statements that go straight read from one snapshot, that of the first of them, until the
        session is closed; False where they can't."""
        driver = await self._straight()
        if driver is None or self._opened is not None or driver.is_in_transaction():
            return False
        self._opened = driver.transaction(isolation="repeatable_read", readonly=True)
        try:
            await self._opened.start()
        except (PostgresError, InterfaceError, OSError):
            await self._end()
            return False
        return True

    async def _following(
        self, sql: str, cursor: Any, rows: list[Any], size: int
    ) -> AsyncGenerator[list[Any]]:
        """The first rows and the others, the next of which PostgreSQL makes meanwhile."""
        opened = self._opened
        try:
            while rows:
                fetching = asyncio.create_task(cursor.fetch(size)) if len(rows) == size else None
                self._fetching = fetching
                yield rows
                rows = [] if fetching is None else await fetching
        except (PostgresError, InterfaceError, OSError) as error:
            raise _refused(sql, error) from error
        finally:
            if self._opened is opened:  # else the session was closed before this was
                await self._end()

    async def _open(self, driver: Any) -> None:
        """Begin a transaction of the driver's, if there is none of this session yet."""
        if self._opened is None:
            self._opened = driver.transaction()
            await self._opened.start()

    async def _end(self) -> None:
        """End the driver's transaction; a connection that is left in one is nobody's any more."""
        opened, self._opened = self._opened, None
        fetching, self._fetching = self._fetching, None
        if opened is None:
            return
        ended = False
        try:
            if fetching is not None:
                fetching.cancel()
                await asyncio.gather(fetching, return_exceptions=True)
            await opened.rollback()
            ended = True
        except (PostgresError, InterfaceError, OSError):
            pass  # it is gone, or was never begun
        finally:
            connection = self._connection
            if not ended and connection is not None and connection is not self.bind:
                cast(Connection, connection.sync_connection).invalidate()

    async def _straight(self) -> Any:
        """The driver's connection; None where statements are to be sent within the session's transaction."""
        if not self._reads or self.in_transaction():
            return None
        return self._driver if self._connection is not None else await self._take()

    async def _send(self, driver: Any, sql: str, values: Sequence[Any]) -> list[Any]:
        rows: list[Any] = await driver.fetch(sql, *values, record_class=Row)
        return rows

    async def _take(self) -> Any:
        """Hold a connection until the session lets it go; None where it is not to be used straight."""
        bind = self.bind
        assert bind is not None
        connection = bind if isinstance(bind, AsyncConnection) else await bind.connect()
        self._connection = connection
        sync = cast(Connection, connection.sync_connection)
        cast(_OnOneConnection, self.sync_session).held = sync
        pooled = sync.connection
        # Nothing is prepared behind a pooler that gives each transaction another connection: there a
        # statement outside of one may lose what it has just prepared.
        kept = getattr(pooled.dbapi_connection, "_prepared_statement_cache", None)
        self._driver = None if kept is None else pooled.driver_connection
        return self._driver

    async def _let_go(self) -> None:
        if self._connection is None:
            return
        await self._end()
        connection, self._connection, self._driver = self._connection, None, None
        cast(_OnOneConnection, self.sync_session).held = None
        if connection is not None and connection is not self.bind:
            await connection.close()

    async def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what is held back, where there is anything."""
        if not self._reads or self.in_transaction() or self.new:
            await super().flush(objects)

    async def commit(self) -> None:
        """Commit, and give the connection back."""
        await super().commit()
        await self._let_go()

    async def rollback(self) -> None:
        """Undo the transaction, and give the connection back."""
        await super().rollback()
        await self._let_go()

    async def close(self) -> None:
        """Undo what was not committed, and give the connection back; the session can go on with another."""
        if self.in_transaction() or not self._reads:
            await super().close()
        await self._let_go()

    async def __aexit__(self, *raised: Any) -> None:
        """Close the session; without a transaction nothing is awaited that would need a shield."""
        if self._reads and not self.in_transaction():
            await self._let_go()
        else:
            await super().__aexit__(*raised)


def reading(sessions: Callable[[], AsyncSession]) -> Callable[[], AbstractAsyncContextManager[AsyncSession]]:
    """Opens sessions that only read, where they know what to do with that."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[AsyncSession]:
        async with sessions() as session:
            if isinstance(session, StraightSession):
                session.only_reads()
            yield session

    return opened


def has_idle(session: AsyncSession) -> bool:
    """Whether a connection of the session's pool is idle, so that nobody has to wait for it."""
    pool: Any = getattr(session.bind, "pool", None)
    return hasattr(pool, "checkedin") and pool.checkedin() > 0
