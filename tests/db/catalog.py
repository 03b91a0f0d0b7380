"""A database described as data, and data turned into SQL; neither knows our models.

The description has the shape of the interface's `tables.json`, so that the two can be compared as they are:
`{table: {columns: {name: {type, nullable?, server_default?}}, primary_key: {name, definition},
foreign_keys | unique | checks | indexes: {name: definition}}}`, plus `unique_indexes`, a list of names.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "contract" / "tables.json"
KINDS = {"p": "primary_key", "f": "foreign_keys", "u": "unique", "c": "checks"}

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), a.attidentity::text
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY c.relname, a.attnum
"""
CONSTRAINTS = """
SELECT c.relname, k.conname, k.contype::text, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = current_schema()::regnamespace AND NOT c.relispartition
  AND k.contype IN ('p', 'f', 'u', 'c')
"""
INDEXES = """
SELECT t.relname, c.relname, pg_get_indexdef(i.indexrelid), i.indisunique
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relnamespace = current_schema()::regnamespace AND NOT t.relispartition
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))
  AND c.relname NOT LIKE 'kitsu_api_%'
"""
"""Without those of ours on shared tables: they change no answer."""


def describe(connection: Connection) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for table, name, kind, required, default, identity in connection.execute(text(COLUMNS)):
        column: dict[str, Any] = {"type": kind}
        column |= {"nullable": False} if required else {}
        column |= {"server_default": default} if default else {}
        column |= {"identity": True} if identity else {}
        tables.setdefault(table, {"columns": {}})["columns"][name] = column
    for table, name, kind, definition in connection.execute(text(CONSTRAINTS)):
        if kind == "p":
            tables[table]["primary_key"] = {"name": name, "definition": definition}
        else:
            tables[table].setdefault(KINDS[kind], {})[name] = definition
    for table, name, definition, unique in connection.execute(text(INDEXES)):
        tables[table].setdefault("indexes", {})[name] = definition[definition.index("USING") :]
        if unique:
            tables[table].setdefault("unique_indexes", []).append(name)
    for table in tables.values():
        if "unique_indexes" in table:
            table["unique_indexes"].sort()
    return tables


def contract() -> dict[str, Any]:
    """The interface's tables in the shape of `describe`."""
    tables: dict[str, Any] = json.loads(CONTRACT.read_text())
    for table in tables.values():
        for only_the_application_knows in ("model", "relations"):
            table.pop(only_the_application_knows, None)
        for column in table["columns"].values():
            for only_the_application_knows in ("default", "choices"):
                column.pop(only_the_application_knows, None)
        unique = sorted(name for name in table.get("indexes", {}) if _is_unique(name))
        if unique:
            table["unique_indexes"] = unique
    return tables


def _is_unique(index: str) -> bool:
    """The file doesn't print the flag; the names of unique indexes tell them."""
    return "_uc" in index or index == "only_one_email_by_person"


def as_sql(tables: dict[str, Any]) -> list[str]:
    """Statements that build the tables described, in an order that PostgreSQL accepts."""
    statements = ["CREATE TYPE import_source_enum AS ENUM ('csv', 'shotgun')"]
    for table, facts in tables.items():
        lines = [_column(name, column) for name, column in facts["columns"].items()]
        if key := facts.get("primary_key"):
            lines.append(f'CONSTRAINT "{key["name"]}" {key["definition"]}')
        lines += [f'CONSTRAINT "{name}" {rule}' for name, rule in facts.get("checks", {}).items()]
        statements.append(f'CREATE TABLE "{table}" (\n  ' + ",\n  ".join(lines) + "\n)")
    # Unique constraints come after: inside CREATE TABLE, PostgreSQL drops one that repeats the primary key.
    for table, facts in tables.items():
        for name, rule in [*facts.get("unique", {}).items(), *facts.get("foreign_keys", {}).items()]:
            statements.append(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {rule}')
        for name, rule in facts.get("indexes", {}).items():
            unique = "UNIQUE " if name in facts.get("unique_indexes", []) else ""
            statements.append(f'CREATE {unique}INDEX "{name}" ON "{table}" {rule}')
    return statements


def _column(name: str, column: dict[str, Any]) -> str:
    default = f" DEFAULT {column['server_default']}" if "server_default" in column else ""
    return f'"{name}" {column["type"]}{default}' + (" NOT NULL" if column.get("nullable") is False else "")


Result = TypeVar("Result")


async def look(url: str, work: Callable[[Connection], Result]) -> Result:
    """Do something over a connection of its own, in one transaction."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
