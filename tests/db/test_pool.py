"""The pool: what stays open, what is closed, and who gets an idle connection."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from sqlalchemy import event, literal, select, text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kitsu_api.db import pool as pools
from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.pool import LingeringPool
from kitsu_api.db.prepared import Prepared
from tests.conftest import make_settings

KEPT, MORE = 2, 3
READ = Prepared(select(literal("read")))


@pytest.fixture
async def small(tmp_path, database_url, valkey_url):
    """An engine with a small pool."""
    settings = make_settings(tmp_path, database_url, valkey_url)
    sizes = {"db_pool_size": KEPT, "db_max_overflow": MORE, "db_pool_timeout": 0.05}
    engine = make_engine(settings.model_copy(update=sizes))
    yield engine
    await engine.dispose()


async def opened(engine, number):
    """So many connections at a time, given back again; the numbers of their processes."""
    async with contextlib.AsyncExitStack() as held:
        connections = [await held.enter_async_context(engine.connect()) for _ in range(number)]
        return [await one.scalar(text("SELECT pg_backend_pid()")) for one in connections]


def number_open(pool: LingeringPool) -> int:
    return pool.checkedin() + pool.checkedout()


async def test_what_was_opened_above_the_size_is_used_again(small):
    first = await opened(small, KEPT + MORE)
    assert set(await opened(small, KEPT + MORE)) == set(first)


async def test_there_are_never_more_than_size_and_overflow_and_who_waits_in_vain_is_told(small):
    taken = [await small.connect() for _ in range(KEPT + MORE)]
    with pytest.raises(PoolTimeout):
        await small.connect()
    for one in taken:
        await one.close()
    assert number_open(small.pool) == KEPT + MORE


async def test_idle_connections_above_the_size_are_closed_after_a_while_and_the_others_stay(
    small, monkeypatch
):
    monkeypatch.setattr(pools, "LINGER", 0.0)
    pids = await opened(small, KEPT + MORE)
    async with small.connect() as one:
        living = text("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY (:pids)")
        for _ in range(500):
            if await one.scalar(living, {"pids": pids}) == KEPT:
                break
            await asyncio.sleep(0.01)
        assert await one.scalar(living, {"pids": pids}) == KEPT
    assert number_open(small.pool) == KEPT
    assert set(await opened(small, KEPT)) <= set(pids)


async def test_connections_that_were_just_used_are_not_closed(small):
    await opened(small, KEPT + MORE)
    small.pool._look_at = 0.0
    await opened(small, 1)
    assert number_open(small.pool) == KEPT + MORE


async def test_an_idle_connection_is_borrowed_and_counts_as_taken(small):
    await opened(small, 1)
    entry = small.pool.borrow()
    assert entry is not None
    assert (small.pool.checkedout(), small.pool.checkedin()) == (1, 0)
    assert small.pool.borrow() is None
    small.pool.give_back(entry)
    assert (small.pool.checkedout(), small.pool.checkedin()) == (0, 1)


async def test_nothing_is_borrowed_while_somebody_waits(small):
    taken = [await small.connect() for _ in range(KEPT + MORE)]
    waiting = asyncio.ensure_future(small.connect().start())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await taken.pop().close()
    assert small.pool.borrow() is None
    for one in [await waiting, *taken]:
        await one.close()
    assert small.pool.borrow() is not None


async def test_a_connection_that_has_to_be_renewed_is_not_borrowed(small):
    await opened(small, 1)
    small.pool._recycle = 0
    assert small.pool.borrow() is None
    assert small.pool.checkedin() == 1


async def test_connections_that_are_to_be_tested_first_are_not_borrowed(small):
    await opened(small, 1)
    small.pool._pre_ping = True
    assert small.pool.borrow() is None


async def test_a_pool_that_is_made_anew_is_as_large(small):
    await opened(small, 1)
    await small.dispose()
    assert number_open(small.pool) == 0
    assert len(set(await opened(small, KEPT + MORE))) == KEPT + MORE
    with pytest.raises(PoolTimeout):
        await opened(small, KEPT + MORE + 1)


async def test_listeners_hear_of_borrowed_connections_as_of_others(small):
    heard: list[str] = []
    await opened(small, 1)
    for name in ("checkout", "checkin"):
        event.listen(small.sync_engine, name, lambda *_rest, name=name: heard.append(name))
    async with make_sessions(small)() as session:
        session.only_reads()
        await READ.rows(session)
    assert heard == ["checkout", "checkin"]
