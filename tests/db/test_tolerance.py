"""Processes of the version before go on working on the tables of each revision: it only adds, and at once."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from kitsu_api.db import migrations
from kitsu_api.db.differences import own_tables
from tests.db.catalog import describe, look

BEFORE_RELEASES = {"0004", "0006", "0014", "0015"}
"""Revisions that index shared tables: there was no release before them, so that they run while a database is
adopted, when nobody writes. A later one has to build such an index CONCURRENTLY, in a revision of its own."""

FIRST_RELEASE = "0015"
"""Until then tables of our own were changed at will."""

FILES = """
SELECT c.relname, pg_relation_filenode(c.oid) FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
"""
INDEXES = """
SELECT t.relname || ': ' || c.relname
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relnamespace = current_schema()::regnamespace
"""


def _look(connection: Connection) -> tuple[dict[str, Any], dict[str, int], set[str]]:
    files = {row[0]: row[1] for row in connection.execute(text(FILES))}
    return describe(connection), files, set(connection.scalars(text(INDEXES)))


def test_no_revision_takes_anything_away_or_asks_for_more_or_writes_tables_anew(empty_database):
    config = migrations._config(None)  # type: ignore[arg-type]  # its place alone is asked for
    revisions = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    migrations.upgrade(empty_database, revisions[0])
    tables, files, indexes = asyncio.run(look(empty_database, _look))
    for revision in revisions[1:]:
        migrations.upgrade(empty_database, revision)
        after, files_after, indexes_after = asyncio.run(look(empty_database, _look))
        assert tables.keys() <= after.keys(), revision
        for name, table in tables.items():
            if revision > FIRST_RELEASE or name not in own_tables():
                problems = taken_away(table, after[name])
                assert not problems, f"{revision}: {name}: {problems}"
        rewritten = {name for name, file in files.items() if files_after[name] != file}
        assert not rewritten, f"{revision} writes tables anew, and locks them meanwhile: {rewritten}"
        shared = {each for each in indexes_after - indexes if each.partition(":")[0] in tables}
        shared = {each for each in shared if each.partition(":")[0] not in own_tables()}
        assert not shared or revision in BEFORE_RELEASES, f"{revision} has writers wait: {shared}"
        tables, files, indexes = after, files_after, indexes_after


def taken_away(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What the version before can't do on a table any more."""
    problems = [
        f"{name} is not what it was"
        for name, column in before["columns"].items()
        if after["columns"].get(name) != column
    ]
    for name in after["columns"].keys() - before["columns"].keys():
        column = after["columns"][name]
        bare = column.get("nullable", True) is False and not column.get("server_default")
        if bare and not column.get("identity"):
            problems.append(f"rows without {name} are refused")
    for rule in ("unique", "checks", "foreign_keys"):
        problems += [
            f"{name} is asked for" for name in after.get(rule, {}).keys() - before.get(rule, {}).keys()
        ]
    return problems


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        ({"columns": {}}, "a is not what it was"),
        ({"columns": {"a": {"type": "text", "nullable": False}}}, "a is not what it was"),
        ({"columns": {"a": {"type": "bigint"}}}, "a is not what it was"),
        ({"columns": {"a": {"type": "text"}, "b": {"type": "text", "nullable": False}}}, "rows without b"),
        ({"columns": {"a": {"type": "text"}}, "unique": {"one": "UNIQUE (a)"}}, "one is asked for"),
    ],
)
def test_what_the_version_before_cannot_do_any_more_is_found(after, problem):
    before = {"columns": {"a": {"type": "text"}}}
    assert taken_away(before, before) == []
    assert taken_away(before, after)[0].startswith(problem)
    added = {
        "columns": {**before["columns"], "b": {"type": "text", "nullable": False, "server_default": "''"}}
    }
    assert taken_away(before, added) == []


async def test_an_upgrade_gives_up_where_a_long_transaction_holds_a_table(empty_database, monkeypatch):
    monkeypatch.setattr(migrations, "LOCK_WAIT", "50ms")
    migrations.upgrade(empty_database, "0007")
    reader = await asyncpg.connect(empty_database.replace("+asyncpg", ""))
    async with reader.transaction():
        await reader.execute("LOCK TABLE comment, entity, task, person IN ROW EXCLUSIVE MODE")
        with pytest.raises(migrations.MigrationError, match="in use"):
            migrations.upgrade(empty_database)
    await reader.close()
    migrations.upgrade(empty_database)
    assert migrations.check(empty_database) == []
