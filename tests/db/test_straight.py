"""Reads without a transaction: what they see, on which connection, and what becomes of it."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Integer,
    Text,
    any_,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from kitsu_api.db.attribution import ACTOR, Author, note_author
from kitsu_api.db.engine import make_sessions
from kitsu_api.db.prepared import Prepared, unseen
from kitsu_api.db.straight import StraightSession, watch
from kitsu_api.rendering import sqlstate_of

BY: ColumnElement[int] = bindparam("by", type_=Integer())
PID = Prepared(select(func.pg_backend_pid()))
WHERE = Prepared(select(func.pg_backend_pid(), (func.now() == func.clock_timestamp()).label("never")))
SLEEP = Prepared(select(func.pg_sleep(5), literal("asleep")))
DIVIDED = Prepared(select((literal(12) / BY).label("quotient"), literal("a word").label("word")))


@pytest.fixture
async def reading(engine):
    """A session that only reads, on the pool."""
    async with make_sessions(engine)() as session:
        assert isinstance(session, StraightSession)
        session.only_reads()
        yield session


async def test_a_row_is_read_without_a_transaction_and_has_names(reading):
    row = await DIVIDED.row(reading, by=4)
    assert (row[0], row.quotient, row.word, list(row)) == (3, 3, "a word", [3, "a word"])
    assert not hasattr(row, "another")
    assert not reading.in_transaction()


async def test_a_statement_holds_its_connection_until_the_rows_are_there(reading, engine):
    assert await PID.scalar(reading) == await PID.scalar(reading)
    assert engine.pool.checkedout() == 0


async def test_what_needs_a_transaction_begins_it_and_all_that_follows_goes_there(reading, engine):
    await PID.scalar(reading)
    within = await reading.scalar(text("SELECT pg_backend_pid()"))
    assert reading.in_transaction()
    assert [within] * 2 == [await PID.scalar(reading), await PID.scalar(reading)]
    assert engine.pool.checkedout() == 1


@pytest.mark.parametrize("ending", ["commit", "rollback", "close"])
async def test_the_connection_goes_back_and_the_session_goes_on(reading, engine, ending):
    for begins in (False, True):
        await PID.scalar(reading)
        if begins:
            await reading.execute(text("SELECT 1"))
        await getattr(reading, ending)()
        assert engine.pool.checkedout() == 0
    assert await DIVIDED.scalar(reading, by=3) == 4


async def test_a_statement_that_is_refused_or_given_up_gives_its_connection_back(reading, engine):
    with pytest.raises(DBAPIError):
        await DIVIDED.row(reading, by=0)
    assert engine.pool.checkedout() == 0
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await SLEEP.row(reading)
    assert engine.pool.checkedout() == 0
    assert await DIVIDED.scalar(reading, by=3) == 4


async def test_a_refusal_is_told_as_ever_and_leaves_the_connection_usable(reading):
    with pytest.raises(DBAPIError) as refused:
        await DIVIDED.row(reading, by=0)
    assert sqlstate_of(refused.value) == "22012"
    with pytest.raises(DBAPIError, match="invalid input for query argument"):
        await DIVIDED.row(reading, by="four")
    assert await DIVIDED.scalar(reading, by=6) == 2


async def test_a_connection_that_was_cut_is_forgotten(reading, engine):
    async with engine.connect() as other:
        pid = await PID.scalar(reading)
        await other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        with pytest.raises(DBAPIError) as cut:
            await PID.scalar(reading)
        assert cut.value.connection_invalidated
        await reading.close()
        assert await PID.scalar(reading) != pid
    assert engine.pool.checkedout() == 0


async def test_who_writes_is_told_once_a_session_may_write(reading):
    author = uuid4()
    await PID.scalar(reading)
    note_author(Author(author, "a test"))
    try:
        reading.may_write()
        assert await reading.scalar(select(func.current_setting(ACTOR, True))) == str(author)
        await reading.rollback()
        reading.only_reads()
        assert await reading.scalar(select(func.current_setting(ACTOR, True))) in (None, "")
    finally:
        note_author(None)


async def test_statements_that_go_straight_are_told_to_who_watches(reading, engine):
    told: list[tuple[str, float]] = []
    end = watch(engine, lambda sql, seconds: told.append((sql, seconds)))
    await DIVIDED.row(reading, by=1)
    end()
    await DIVIDED.row(reading, by=2)
    [(sql, seconds)] = told
    assert "quotient" in sql
    assert 0 < seconds < 60


@pytest.mark.parametrize("word", ["it's", "back\\slash", "100%(x)s", ":colon $1", 'YYYY-MM-DD"T"'])
async def test_constants_stand_in_the_text_as_they_are(reading, word):
    row = await Prepared(
        select(literal(word, Text), literal({"a": [word]}, JSONB), literal(word).in_([word, "other"]))
    ).row(reading)
    assert tuple(row) == (word, {"a": [word]}, True)


async def plans_of(reading, mark):
    """How often PostgreSQL has taken a plan for any values, and how often it made one, for a statement."""
    plans = text(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
        f" WHERE statement LIKE '%{mark}%' AND statement NOT LIKE '%pg_prepared%'"
    )
    return tuple(await Prepared(plans.columns(generic=Integer, custom=Integer)).row(reading))


async def test_postgresql_plans_a_statement_with_constants_alone_once(reading):
    statement = Prepared(select(literal("planned once"), literal(12) + literal(30)))
    for _ in range(3):
        await statement.row(reading)
    assert await plans_of(reading, "planned once") == (3, 0)


NUMBERS = Prepared(
    select(func.div(literal(100), BY - literal_column("n", Integer())).label("n")).select_from(
        text("generate_series(1, 10) AS n")
    )
)
"""Ten rows, of which that with the number `by` can't be made."""


async def test_long_answers_come_a_few_rows_at_a_time(reading, engine):
    found = [[row[0] for row in rows] async for rows in NUMBERS.batches(reading, 4, by=11)]
    assert [len(rows) for rows in found] == [4, 4, 2]
    assert [n for rows in found for n in rows] == [100 // (11 - n) for n in range(1, 11)]
    assert [rows async for rows in DIVIDED.batches(reading, 4, by=3)] == [[(4, "a word")]]
    assert not reading.in_transaction()
    await reading.close()
    assert engine.pool.checkedout() == 0


async def test_they_come_so_within_a_transaction_as_well(reading):
    await reading.execute(text("SELECT 1"))
    assert [len(rows) async for rows in NUMBERS.batches(reading, 4, by=11)] == [4, 4, 2]


@pytest.mark.parametrize("at", [1, 6])
async def test_a_refusal_in_the_middle_is_told_and_leaves_the_connection_usable(reading, at):
    with pytest.raises(DBAPIError) as refused:
        async for _rows in NUMBERS.batches(reading, 2, by=at):
            pass
    assert sqlstate_of(refused.value) == "22012"
    assert await DIVIDED.scalar(reading, by=6) == 2


async def test_who_stops_reading_leaves_nothing_open(reading, engine):
    pid = await PID.scalar(reading)
    rows = NUMBERS.batches(reading, 2, by=11)
    assert len(await anext(rows)) == 2
    await rows.aclose()
    assert not reading._driver.is_in_transaction()
    assert await PID.scalar(reading) == pid
    forgotten, driver = NUMBERS.batches(reading, 2, by=11), reading._driver
    assert len(await anext(forgotten)) == 2
    await reading.close()
    assert (driver.is_in_transaction(), engine.pool.checkedout()) == (False, 0)
    await forgotten.aclose()
    assert not driver.is_closed(), "the connection is as good as it was"


async def test_a_session_that_holds_still_sees_what_was_there_at_first(reading, engine):
    moment = Prepared(select(func.pg_current_snapshot().cast(Text)))
    assert await reading.hold_still()
    before = await moment.scalar(reading)
    async with engine.begin() as other:
        await other.execute(text("SELECT pg_current_xact_id()"))
    assert await moment.scalar(reading) == before
    assert not await reading.hold_still(), "it does already"
    await reading.close()
    assert await moment.scalar(reading) != before


async def test_a_session_within_a_transaction_does_not_hold_still(reading):
    await reading.execute(text("SELECT 1"))
    assert not await reading.hold_still()


@pytest.mark.parametrize(("how", "planned"), [(unseen, (3, 5)), (lambda value: value, (0, 8))])
async def test_values_that_are_not_seen_are_not_planned_for(reading, how, planned):
    names: BindParameter[list[str]] = bindparam("names", type_=ARRAY(Text()))
    catalog = table("pg_class", column("relname", Text()))
    mark = f"unseen {planned}"
    found = select(literal(mark), catalog.c.relname).where(catalog.c.relname == any_(how(names)))
    statement = Prepared(found)
    for _ in range(8):
        rows = await statement.rows(reading, names=["pg_class"])
        assert [row[1] for row in rows] == ["pg_class"]
    # it makes five to compare with, and then none any more
    assert await plans_of(reading, mark) == planned
