"""States of rows: other ones after any change, and not looked for while nothing was written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from kitsu_api.db import models as m
from kitsu_api.db.engine import make_sessions
from kitsu_api.db.repositories import row_states
from kitsu_api.db.repositories.row_states import Search, States, counted, recall, remember, state_of
from kitsu_api.db.straight import StraightSession
from tests import factories

DEPARTMENT = m.Department.__table__
ALL = States(lambda: [state_of(DEPARTMENT)])
ONE = States(lambda: [state_of(DEPARTMENT, DEPARTMENT.c.id == bindparam("id", type_=Uuid()))])


@pytest.fixture
async def real(migrated_database: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(migrated_database.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.execute(
            DEPARTMENT.insert(), [{"name": name, "color": "#000000"} for name in ("Ink", "Paint")]
        )
        await connection.execute(m.ProjectStatus.__table__.insert(), {"name": "Open", "color": "#000000"})
    yield engine
    await engine.dispose()


async def state(engine: AsyncEngine) -> str:
    async with AsyncSession(engine) as session:
        return await ALL(session)


async def write(engine: AsyncEngine, statement: str) -> None:
    async with engine.begin() as connection:
        assert (await connection.execute(text(statement))).rowcount


def forge(engine: AsyncEngine) -> None:
    """Change what is remembered, so that it shows whether it is used."""
    memory = row_states._remembered[engine.sync_engine].found
    for key, (snapshot, _) in memory.items():
        memory[key] = (snapshot, "remembered")


async def test_rows_are_read_again_after_any_commit_and_only_then(real: AsyncEngine) -> None:
    before = await state(real)
    forge(real)
    assert await state(real) == "remembered"
    await write(real, "UPDATE project_status SET name = name")
    assert await state(real) == before, "these rows are what they were"
    for statement in (
        "UPDATE department SET name = name WHERE name = 'Ink'",
        "DELETE FROM department WHERE name = 'Ink'",
        "INSERT INTO department (id, name, color, archived) SELECT gen_random_uuid(), 'New', '', false",
    ):
        known = await state(real)
        await write(real, statement)
        assert await state(real) != known, statement


async def test_a_transaction_that_was_at_work_is_seen_when_it_commits(real: AsyncEngine) -> None:
    async with real.connect() as slow:
        await slow.execute(text("UPDATE department SET name = 'Slow' WHERE name = 'Ink'"))
        await write(real, "UPDATE department SET name = 'Quick' WHERE name = 'Paint'")
        between = await state(real)
        assert await state(real) == between
        await slow.commit()
    assert await state(real) != between


async def test_a_session_sees_what_it_has_written_itself(real: AsyncEngine) -> None:
    before = await state(real)
    async with AsyncSession(real) as session:
        await session.execute(text("UPDATE department SET name = 'Mine' WHERE name = 'Ink'"))
        changed = await ALL(session)
        await session.execute(text("UPDATE department SET name = 'Mine again' WHERE name = 'Mine'"))
        assert len({before, changed, await ALL(session)}) == 3
        await session.rollback()
    assert await state(real) == before


async def test_a_text_is_remembered_until_something_is_written(real: AsyncEngine) -> None:
    async with AsyncSession(real) as session:
        snapshot, known = await recall(session, "list")
        assert (snapshot is not None, known) == (True, None)
        remember(session, "list", str(snapshot), "etag")
        assert await recall(session, "list") == (snapshot, "etag")
    await write(real, "UPDATE department SET name = name")
    async with AsyncSession(real) as session:
        assert (await recall(session, "list"))[1] is None


async def test_a_process_remembers_so_many_states(real: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_states, "LIMIT", 2)
    async with AsyncSession(real) as session:
        for name in "abc":
            remember(session, name, "snapshot", name)
    assert list(row_states._remembered[real.sync_engine].found) == ["b", "c"]


async def test_rows_that_are_not_asked_for_leave_the_state_as_it_is(
    session: AsyncSession, make: Callable[..., object]
) -> None:
    ink, paint = factories.department(), factories.department()
    await make(ink, paint)  # type: ignore[misc]  # the fixture's type is that of a call
    before = await ONE(session, id=ink.id)
    for row, same in ((paint, True), (ink, False)):
        await session.execute(text("UPDATE department SET name = name WHERE id = :id").bindparams(id=row.id))
        assert (await ONE(session, id=ink.id) == before) is same


async def test_rows_are_counted_again_after_any_commit_and_only_then(real: AsyncEngine) -> None:
    async def count() -> int:
        async with AsyncSession(real) as session:
            return await counted(session, m.Department, [m.Department.name != "Paint"])

    assert await count() == 1
    memory = row_states._remembered[real.sync_engine].found
    for key, (snapshot, _) in memory.items():
        memory[key] = (snapshot, "77")
    assert await count() == 77, "remembered"
    await write(
        real,
        "INSERT INTO department (id, name, color, archived) VALUES (gen_random_uuid(), 'New', '', false)",
    )
    assert await count() == 2


async def test_a_state_that_took_long_and_was_another_one_changes_often(
    real: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = ALL.search()

    async def changes(statement: str | None = None) -> bool:
        if statement:
            await write(real, statement)
        async with AsyncSession(real) as session:
            await search.state(session)
            return search.changes_often(session)

    monkeypatch.setattr(Search, "LONG", 0.0)
    assert not await changes(), "there was none before"
    assert not await changes("UPDATE project_status SET name = name"), "others have changed"
    assert await changes("UPDATE department SET name = name")
    assert await changes(), "nothing was written, so that nothing was looked for"
    assert not await changes("UPDATE project_status SET name = name")
    monkeypatch.setattr(Search, "LONG", 9.0)
    assert not await changes("UPDATE department SET name = name"), "it is found at once"


async def test_a_search_begins_where_another_connection_is_free_and_something_was_written(
    real: AsyncEngine,
) -> None:
    search, sessions = ALL.search(), make_sessions(real)

    async def begins() -> bool:
        async with sessions() as session:
            assert isinstance(session, StraightSession)
            session.only_reads()
            begun = await search.begin(session)
            await search.state(session)
            return begun

    async with real.connect(), real.connect():
        pass
    assert await begins()
    assert not await begins(), "nothing was written"
    await write(real, "UPDATE department SET name = name")
    async with real.connect(), real.connect():
        assert not await begins(), "nobody waits for a connection while holding one"
    await write(real, "UPDATE department SET name = name")
    assert await begins()
    async with AsyncSession(real) as other:
        assert not await search.begin(other), "a session of another kind"
