"""The pool of connections, with two habits that SQLAlchemy's own has not.

What was opened above its size stays open for a while: when sixteen people ask at a time, ten connections are
too few, and to open one for each request takes PostgreSQL longer than all that the request asks. And a
statement that goes straight to the driver (`straight`) takes an idle connection at once, without what
SQLAlchemy puts around one, and gives it back as soon as the rows are there (ADR 0030).
"""

from __future__ import annotations

import time
from typing import Any, cast

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry
from sqlalchemy.util import queue

LINGER = 60.0
"""Seconds for which a connection above the pool's size stays open with nothing to do."""

USED = "last used"
"""When an entry was given back, in its `record_info`, on the clock `time.monotonic`."""


class LingeringPool(AsyncAdaptedQueuePool):
    """A pool whose connections above its size are closed once they were idle for a while."""

    def __init__(self, creator: Any, pool_size: int = 5, max_overflow: int = 10, **how: Any) -> None:
        """As SQLAlchemy's own: no size stands for no limit, and so does an overflow below zero."""
        most = pool_size + max_overflow if pool_size and max_overflow >= 0 else 0
        super().__init__(creator, pool_size=most, max_overflow=0, **how | {"use_lifo": True})
        self._keeps = pool_size
        self._waiting = 0
        self._look_at = 0.0

    def recreate(self) -> LingeringPool:
        """A pool like this one, with no connections."""
        return self.__class__(
            self._creator,
            pool_size=self._keeps,
            max_overflow=self.size() - self._keeps,
            timeout=self._timeout,
            recycle=self._recycle,
            echo=self.echo,
            pre_ping=self._pre_ping,
            logging_name=self._orig_logging_name,
            reset_on_return=self._reset_on_return,
            _dispatch=self.dispatch,
            dialect=self._dialect,
        )

    def borrow(self) -> ConnectionPoolEntry | None:
        """An idle connection, which is taken now and has to be given back; None: ask for one as others do.

        None where it might have to be opened, tested or waited for, so that nobody who waits is passed by.
        """
        if self._waiting or self._pre_ping:
            return None
        try:
            entry = self._pool.get_nowait()
        except queue.Empty:
            return None
        if not self._is_fresh(entry):
            self._pool.put_nowait(entry)
            return None
        if self.dispatch.checkout:
            self.dispatch.checkout(entry.dbapi_connection, entry, None)
        return entry

    def give_back(self, entry: ConnectionPoolEntry) -> None:
        """Put a borrowed connection back."""
        if self.dispatch.checkin:
            self.dispatch.checkin(entry.dbapi_connection, entry)
        self._put(entry)

    def _is_fresh(self, entry: Any) -> bool:
        if entry._is_hard_or_soft_invalidated():
            return False
        return bool(self._recycle < 0 or time.time() - entry.starttime <= self._recycle)

    def _put(self, entry: ConnectionPoolEntry) -> None:
        cast(dict[str, Any], entry.record_info)[USED] = time.monotonic()
        self._pool.put_nowait(entry)

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        self._put(record)

    def _do_get(self) -> ConnectionPoolEntry:
        if time.monotonic() >= self._look_at:
            self._close_idle()
        self._waiting += 1
        try:
            return super()._do_get()
        finally:
            self._waiting -= 1

    def _close_idle(self) -> None:
        """Close what has been idle for long, as far as there are more than are kept."""
        now = time.monotonic()
        self._look_at = now + LINGER / 4
        surplus = self.size() + self._overflow - self._keeps
        idle: list[ConnectionPoolEntry] = []
        while not self._pool.empty():
            idle.append(self._pool.get_nowait())
        # the one that was used last comes first, and is the last to be put back
        leaving = [one for one in reversed(idle) if _used(one) < now - LINGER][: max(surplus, 0)]
        for one in reversed(idle):
            if one not in leaving:
                self._pool.put_nowait(one)
        # counted off before anything is awaited: who is given up meanwhile must not lose the others' places
        for _ in leaving:
            self._dec_overflow()
        for one in leaving:
            one.close()


def _used(entry: ConnectionPoolEntry) -> float:
    return float((entry.record_info or {}).get(USED, 0.0))
