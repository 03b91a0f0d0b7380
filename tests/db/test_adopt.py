"""A database that another server made is taken over in place, and given back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kitsu_api.db import migrations
from kitsu_api.db.differences import own_tables
from tests.db.catalog import CONTRACT, as_sql, contract, describe, look
from tests.servers import run_sql

OURS = own_tables() | {"kitsu_api_version"}
THEIR_VERSION = (
    "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
    "INSERT INTO alembic_version VALUES ('1c3bf3b5a0a1')",
)
A_STUDIO = "INSERT INTO studio (id, name, color) VALUES (gen_random_uuid(), 'Blue Spirit', '#0000FF')"


def described(url: str) -> dict[str, Any]:
    return asyncio.run(look(url, describe))


@pytest.fixture(params=["from the contract", "from a migrated database"])
def studio_database(request, empty_database, database_url) -> str:
    """A database with the other server's tables and version, and a row; built by SQL, not by our models."""
    if request.param == "from the contract":
        if not CONTRACT.exists():
            pytest.skip("the interface's tables.json lies beside the repository; it is absent here")
        tables = contract()
    else:
        tables = {name: table for name, table in described(database_url).items() if name not in OURS}
    run_sql(empty_database, *as_sql(tables), *THEIR_VERSION, A_STUDIO)
    return empty_database


def test_a_database_of_the_other_server_is_adopted_with_its_data(studio_database):
    before = described(studio_database)
    assert "db adopt" in migrations.check(studio_database)[0]
    assert migrations.adopt(studio_database) == []
    assert migrations.check(studio_database) == []
    after = described(studio_database)
    assert after.keys() - before.keys() == OURS
    assert {name: after[name] for name in before} == before
    assert rows(studio_database, "SELECT name FROM studio") == ["Blue Spirit"]
    assert rows(studio_database, "SELECT version_num FROM alembic_version") == ["1c3bf3b5a0a1"]


def test_adopting_twice_is_harmless(studio_database):
    assert migrations.adopt(studio_database) == []
    first = described(studio_database)
    assert migrations.adopt(studio_database) == []
    migrations.upgrade(studio_database)
    assert described(studio_database) == first


def test_an_adopted_database_is_given_back_as_it_was(studio_database):
    before = described(studio_database)
    migrations.adopt(studio_database)
    migrations.downgrade(studio_database, "base")
    assert described(studio_database) == before
    assert rows(studio_database, "SELECT name FROM studio") == ["Blue Spirit"]
    assert migrations.adopt(studio_database) == []


def test_indexes_of_ours_come_with_adoption_and_go_with_it(studio_database):
    ours = r"SELECT indexname FROM pg_indexes WHERE indexname LIKE 'kitsu\_api\_%' AND tablename = 'news'"
    assert rows(studio_database, ours.replace("%", "%%")) == []
    migrations.adopt(studio_database)
    assert rows(studio_database, ours.replace("%", "%%")) == ["kitsu_api_news_newest"]
    migrations.downgrade(studio_database, "base")
    assert rows(studio_database, ours.replace("%", "%%")) == []


def test_a_database_that_differs_is_left_as_it_is(studio_database):
    changes = {
        "CREATE TABLE extra (id uuid)": "Table extra is not known.",
        "DROP TABLE day_off": "Table day_off is missing.",
        "ALTER TABLE entity DROP COLUMN code": "Column entity.code is missing.",
        "ALTER TABLE task ALTER COLUMN priority TYPE text": "Column task.priority is text, not integer.",
    }
    run_sql(studio_database, *changes)
    before = described(studio_database)
    assert sorted(migrations.adopt(studio_database)) == sorted(changes.values())
    assert described(studio_database) == before


def test_upgrade_refuses_a_database_that_was_not_adopted(studio_database):
    before = described(studio_database)
    with pytest.raises(migrations.MigrationError, match="db adopt"):
        migrations.upgrade(studio_database)
    assert described(studio_database) == before


def test_an_empty_database_is_not_adopted(empty_database):
    assert migrations.adopt(empty_database) == ["None of the tables is there. Is this the right database?"]
    assert described(empty_database) == {}


def test_a_database_that_we_built_needs_no_adoption_and_stays_ours(migrated_database):
    assert migrations.adopt(migrated_database) == []
    migrations.downgrade(migrated_database, "base")
    assert described(migrated_database) == {}


def test_a_database_that_another_server_joined_keeps_its_tables(migrated_database):
    run_sql(migrated_database, *THEIR_VERSION)
    migrations.downgrade(migrated_database, "base")
    assert len(described(migrated_database)) == 81


def rows(url: str, query: str) -> list[Any]:
    return asyncio.run(look(url, lambda connection: list(connection.exec_driver_sql(query).scalars())))
