"""The triggers that keep the history: they catch what anybody writes, and never keep anybody from writing."""

from __future__ import annotations

import asyncio
import datetime as dt
import time

import asyncpg
import pytest
from sqlalchemy import text

from kitsu_api.db import migrations
from kitsu_api.db.attribution import note_author
from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.repositories.history import HistoryMonths, following
from kitsu_api.workers.jobs.retention import keep_history_months
from tests import factories
from tests.conftest import make_settings
from tests.db.catalog import look
from tests.servers import run_sql

PERSON = (
    "INSERT INTO person (id, first_name, last_name, role) VALUES (gen_random_uuid(), '{}', 'Doe', 'user')"
)


def rows(url: str, query: str) -> list[tuple]:
    return asyncio.run(
        look(url, lambda connection: [tuple(row) for row in connection.exec_driver_sql(query)])
    )


@pytest.fixture
def stranger(migrated_database):
    """URL under which another program works: with rights on the shared tables alone."""
    name = migrated_database.rpartition("/")[2]
    role = f"other_{name[-12:]}"
    run_sql(
        migrated_database,
        f"CREATE ROLE {role} LOGIN PASSWORD 'theirs'",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON person, task, entity, comment TO {role}",
    )
    host = migrated_database.partition("@")[2]
    yield f"postgresql://{role}:theirs@{host}"
    run_sql(migrated_database, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_another_program_writes_without_rights_on_our_tables(stranger, migrated_database):
    run_sql(
        stranger,
        "SET search_path = pg_catalog, public",
        "SET application_name = 'former server'",
        PERSON.format("Ada"),
        "UPDATE person SET first_name = 'Eve'",
        "DELETE FROM person",
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        run_sql(stranger, "SELECT FROM kitsu_api_history")
    found = rows(
        migrated_database,
        "SELECT action, client, after ->> 'first_name', before ->> 'first_name' FROM kitsu_api_history"
        " ORDER BY id",
    )
    assert found == [
        ("create", "former server", "Ada", None),
        ("update", "former server", "Eve", "Ada"),
        ("delete", "former server", None, "Eve"),
    ]


def test_nothing_that_a_program_says_of_itself_makes_its_writes_fail(stranger, migrated_database):
    run_sql(
        stranger,
        "SET kitsu_api.actor = 'nobody''; DROP TABLE person'",
        f"SET kitsu_api.client = '{'long' * 100}'",
        PERSON.format("Ada"),
    )
    ((person, client),) = rows(migrated_database, "SELECT person_id, client FROM kitsu_api_history")
    assert person is None
    assert client == "long" * 30


def test_writes_go_on_where_our_table_is_gone(migrated_database):
    run_sql(migrated_database, "DROP TABLE kitsu_api_history", PERSON.format("Ada"))
    assert rows(migrated_database, "SELECT first_name FROM person") == [("Ada",)]


def test_metadata_that_is_no_object_is_kept_whole(migrated_database):
    run_sql(
        migrated_database,
        PERSON.format("Ada"),
        """UPDATE person SET data = '{"a": 1, "b": 2}'""",
        """UPDATE person SET data = '[1]'""",
    )
    found = rows(
        migrated_database, "SELECT before, after FROM kitsu_api_history WHERE action = 'update' ORDER BY id"
    )
    assert found == [
        ({"data.a": None, "data.b": None}, {"data.a": 1, "data.b": 2}),
        ({"data": {"a": 1, "b": 2}}, {"data": [1]}),
    ]


def test_a_check_says_that_a_trigger_is_missing_or_disabled(migrated_database):
    run_sql(
        migrated_database,
        "DROP TRIGGER kitsu_api_history ON task",
        "ALTER TABLE person DISABLE TRIGGER kitsu_api_history",
    )
    assert migrations.check(migrated_database) == [
        "Table person lacks the trigger kitsu_api_history, or it is disabled.",
        "Table task lacks the trigger kitsu_api_history, or it is disabled.",
    ]


def test_a_database_that_is_given_back_has_nothing_of_it(migrated_database):
    migrations.downgrade(migrated_database, "0007")
    left = rows(
        migrated_database,
        "SELECT tgname FROM pg_trigger WHERE tgname = 'kitsu_api_history'"
        " UNION ALL SELECT proname FROM pg_proc WHERE proname ~ '^kitsu_api_(note_(task|person)|watch)'"
        " UNION ALL SELECT relname FROM pg_class WHERE relname LIKE 'kitsu_api_history%%'",
    )
    assert left == []
    run_sql(migrated_database, PERSON.format("Ada"))


@pytest.mark.parametrize(
    ("month", "months", "expected"),
    [
        ((2026, 11), 1, (2026, 12)),
        ((2026, 12), 1, (2027, 1)),
        ((2026, 1), -1, (2025, 12)),
        ((2026, 5), -17, (2024, 12)),
    ],
)
def test_months_are_counted_over_the_end_of_the_year(month, months, expected):
    assert following(dt.date(*month, 1), months) == dt.date(*expected, 1)


async def test_months_are_made_ahead_and_at_need_and_dropped_when_they_are_old(app, session, make, configure):
    person = await make(factories.person())
    for day in ("2019-05-03", "2019-06-03", "2031-02-28"):
        await session.execute(
            text(
                "INSERT INTO kitsu_api_history"
                " (table_name, record_id, action, changed_at, client, before, after)"
                " VALUES ('person', :id, 'update', cast(:day AS timestamp), 'test', '{}', '{}')"
            ),
            {"id": person.id, "day": dt.datetime.fromisoformat(day)},
        )
    await session.commit()
    months = HistoryMonths(session)
    assert await session.scalar(text("SELECT count(*) FROM kitsu_api_history_other")) == 3
    assert await keep_history_months({"job": app.state.jobs}) == 0
    assert {"kitsu_api_history_2019_05", "kitsu_api_history_2031_02"} <= await months.names()
    assert await session.scalar(text("SELECT count(*) FROM kitsu_api_history_other")) == 0
    assert await session.scalar(text("SELECT count(*) FROM kitsu_api_history_2019_05")) == 1
    assert await months.lacking(dt.date.today(), 3) == []
    configure(history_months=12)
    assert await keep_history_months({"job": app.state.jobs}) == 2
    left = await session.scalars(text("SELECT changed_at FROM kitsu_api_history WHERE client = 'test'"))
    assert [moment.year for moment in left] == [2031]


async def test_a_writer_who_holds_the_months_makes_the_work_wait_for_next_time(
    tmp_path, migrated_database, app, caplog
):
    engine = make_engine(make_settings(tmp_path, migrated_database, "redis://unused"))
    context = app.state.jobs
    before, context.sessions = context.sessions, make_sessions(engine)
    writer = await asyncpg.connect(migrated_database.replace("+asyncpg", ""))
    transaction = writer.transaction()
    try:
        await writer.execute(
            "INSERT INTO kitsu_api_history (table_name, record_id, action, changed_at, client, before, after)"
            " VALUES ('task', gen_random_uuid(), 'update', '2019-05-03', 'test', '{}', '{}')"
        )
        await transaction.start()
        await writer.execute(PERSON.format("Ada"))
        began = time.monotonic()
        assert await keep_history_months({"job": context}) == 0
        assert time.monotonic() - began < 60  # the writer would keep it waiting for ever
        assert "looked after later" in caplog.text
    finally:
        await transaction.rollback()
        await writer.close()
        context.sessions = before
        await engine.dispose()
        note_author(None)
