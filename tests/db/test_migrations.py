"""The baseline builds the interface's tables, agrees with the models, and can be undone."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from kitsu_api.db import migrations
from kitsu_api.db.differences import differences
from kitsu_api.db.models import Person
from tests.db.catalog import CONTRACT, contract, describe, look
from tests.servers import run_sql

OURS = {"kitsu_api_job", "kitsu_api_outbox", "kitsu_api_version"}


async def test_the_migrated_database_is_the_contract_to_the_letter(database_url):
    if not CONTRACT.exists():
        pytest.skip("the interface's tables.json lies beside the repository; it is absent here")
    found = await look(database_url, describe)
    wanted = contract()
    assert found.keys() - wanted.keys() == OURS
    assert not different(wanted, {name: table for name, table in found.items() if name not in OURS})
    for name, table in wanted.items():
        assert list(found[name]["columns"]) == list(table["columns"])


def different(wanted: Any, found: Any, place: str = "") -> list[str]:
    """Where two descriptions part, so that a failure shows only that."""
    if not (isinstance(wanted, dict) and isinstance(found, dict)):
        return [] if wanted == found else [f"{place}: {wanted} is {found}"]
    keys = sorted(wanted.keys() | found.keys())
    return [line for key in keys for line in different(wanted.get(key), found.get(key), f"{place}/{key}")]


async def test_autogenerate_finds_nothing_to_do(database_url):
    def compare(connection: Connection) -> Any:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "version_table": migrations.VERSION_TABLE,
            "include_object": migrations.is_ours,
        }
        return compare_metadata(MigrationContext.configure(connection, opts=options), Person.metadata)

    assert await look(database_url, compare) == []


async def test_the_models_own_check_finds_no_difference(database_url):
    assert migrations.check(database_url) == []


def test_upgrade_down_and_up_again_gives_the_same_database(empty_database):
    migrations.upgrade(empty_database)
    first = asyncio.run(look(empty_database, describe))
    migrations.downgrade(empty_database, "base")
    assert asyncio.run(look(empty_database, describe)) == {}
    migrations.upgrade(empty_database)
    assert asyncio.run(look(empty_database, describe)) == first
    assert migrations.check(empty_database) == []


async def test_two_processes_may_upgrade_at_once(empty_database):
    program = "import os; from kitsu_api.db import migrations; migrations.upgrade(os.environ['URL'])"
    source = str(Path(migrations.__file__).parents[2])
    environment = {**os.environ, "URL": empty_database, "PYTHONPATH": source}
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, env=environment) for _ in range(2)
    ]
    assert [await process.wait() for process in processes] == [0, 0]
    assert migrations.check(empty_database) == []


async def test_two_threads_may_upgrade_at_once(empty_database):
    await asyncio.gather(*(asyncio.to_thread(migrations.upgrade, empty_database) for _ in range(3)))
    assert migrations.check(empty_database) == []


def test_a_failed_upgrade_leaves_nothing_behind(empty_database):
    run_sql(empty_database, "CREATE TABLE task (id uuid)")
    with pytest.raises(migrations.MigrationError, match="db adopt"):
        migrations.upgrade(empty_database)
    assert list(asyncio.run(look(empty_database, describe))) == ["task"]


def test_check_says_that_an_empty_database_was_not_prepared(empty_database):
    assert "kitsu-api db upgrade" in migrations.check(empty_database)[0]


def test_check_says_that_a_database_is_of_a_newer_release(migrated_database):
    run_sql(migrated_database, "UPDATE kitsu_api_version SET version_num = '9999'")
    assert "newer release" in migrations.check(migrated_database)[0]
    with pytest.raises(migrations.MigrationError, match="9999"):
        migrations.upgrade(migrated_database)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ALTER TABLE task DROP COLUMN priority", "Column task.priority is missing."),
        ("ALTER TABLE task ADD COLUMN mood text", "Column task.mood is not known."),
        (
            "ALTER TABLE task ALTER COLUMN name TYPE varchar(90)",
            "Column task.name is character varying(90), not character varying(80).",
        ),
        ("ALTER TABLE task ALTER COLUMN name DROP NOT NULL", "Column task.name allows NULL."),
        ("ALTER TABLE task ALTER COLUMN data SET NOT NULL", "Column task.data refuses NULL."),
        ("DROP TABLE kitsu_api_outbox", "Table kitsu_api_outbox is missing."),
        ("CREATE TABLE mood (id uuid)", "Table mood is not known."),
        (
            "ALTER TABLE task DROP CONSTRAINT task_uc",
            "Table task lacks its unique constraint (entity_id, name, project_id, task_type_id).",
        ),
        (
            "DROP INDEX only_one_email_by_person",
            "Table person lacks its unique index (email, is_bot) where is_bot IS NOT TRUE.",
        ),
    ],
)
async def test_what_differs_from_the_models_is_named(engine, change, said):
    async with engine.connect() as connection:
        await connection.exec_driver_sql(change)
        assert await connection.run_sync(differences) == [said]
        await connection.rollback()


def test_check_says_what_differs_from_the_models(migrated_database):
    run_sql(migrated_database, "ALTER TABLE task DROP COLUMN priority")
    assert migrations.check(migrated_database) == ["Column task.priority is missing."]


def test_messages_hide_passwords(database_url):
    password = database_url.split(":")[2].split("@")[0]
    assert password not in migrations.masked(database_url)
    nowhere = "postgresql://kitsu:hunter2@127.0.0.1:1/kitsu?password=hunter3"
    said = migrations.check(nowhere)
    assert "can't be reached" in said[0]
    assert "hunter" not in said[0]
    wrong = database_url.replace(password, "hunter2")
    assert "hunter2" not in migrations.check(wrong)[0]


@pytest.mark.parametrize("url", ["nonsense", "sqlite:///kitsu.db", ""])
def test_what_is_no_postgresql_url_is_told_so(url):
    assert len(migrations.check(url)) == 1
    with pytest.raises(migrations.MigrationError):
        migrations.upgrade(url)


def test_an_unknown_revision_is_told_so(database_url):
    with pytest.raises(migrations.MigrationError, match="no-such"):
        migrations.upgrade(database_url, "no-such")


def test_addresses_of_libpq_are_understood():
    url = migrations.asyncpg_url("postgres://kitsu@db.example/kitsu?sslmode=require")
    assert url.render_as_string() == "postgresql+asyncpg://kitsu@db.example/kitsu?ssl=require"
