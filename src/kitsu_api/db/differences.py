"""What sets a database's tables apart from our models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Column, Connection, Index, Table, UniqueConstraint, text
from sqlalchemy.dialects import postgresql

from kitsu_api.db.models import Person

TABLES = Person.metadata.tables
OWN_PREFIX = "kitsu_api_"
"""Tables of this name are ours alone. A column of ours in another table carries `info={"own": True}`."""

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped
_SPELLINGS = {"varchar": "character varying", "float": "double precision"}

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
FROM pg_class c
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND c.relname !~ '^(alembic_version|kitsu_api_version)'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname, a.attnum
"""
_UNIQUE = """
SELECT t.relname, array_agg(a.attname::text), pg_get_expr(i.indpred, i.indrelid)
FROM pg_index i
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey::smallint[])
WHERE t.relnamespace = current_schema()::regnamespace AND i.indisunique AND i.indisvalid
  AND i.indexprs IS NULL
GROUP BY t.relname, i.indexrelid, i.indpred, i.indrelid
"""
_TRIGGERS = """
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal AND t.tgenabled <> 'D'
"""

OWN_TRIGGERS = frozenset(
    {
        ("api_event", "kitsu_api_note_events"),
        ("comment", "kitsu_api_history"),
        ("entity", "kitsu_api_history"),
        ("person", "kitsu_api_history"),
        ("task", "kitsu_api_history"),
    }
)
"""Triggers of ours on shared tables, by table: without them changes would go by unnoticed."""

Rule = tuple[frozenset[str], str]
"""Columns that are unique together, and the condition under which they are (empty: always)."""


@dataclass
class _Found:
    """A table as the database has it: columns with their type and whether NULL is refused, unique rules."""

    columns: dict[str, tuple[str, bool]] = field(default_factory=dict)
    unique: set[Rule] = field(default_factory=set)


def is_own(column: Column[object]) -> bool:
    """Whether a column is ours alone, so that another server's database can't have it yet."""
    return bool(column.info.get("own"))


def own_tables() -> frozenset[str]:
    """The tables that are ours alone."""
    return frozenset(name for name in TABLES if name.startswith(OWN_PREFIX))


def differences(connection: Connection, *, own: bool = True) -> list[str]:
    """One sentence for each table, column, primary key, unique rule or trigger that is not as it should be.

    `own=False` leaves out what is ours alone: the state of a database that was not adopted yet.
    Other indexes, foreign keys and checks are not looked at: they change no answer.
    """
    found = _read(connection)
    wanted = {name: table for name, table in TABLES.items() if own or name not in own_tables()}
    if not found.keys() & wanted.keys():
        return ["None of the tables is there. Is this the right database?"]
    said = [f"Table {name} is missing." for name in sorted(wanted.keys() - found.keys())]
    said += [f"Table {name} is not known." for name in sorted(found.keys() - TABLES.keys())]
    for name in sorted(wanted.keys() & found.keys()):
        said += _compare(wanted[name], found[name], own)
    if own:
        present = {(table, name) for table, name in connection.execute(text(_TRIGGERS))}
        missing = sorted((table, name) for table, name in OWN_TRIGGERS - present if table in found)
        said += [f"Table {table} lacks the trigger {name}, or it is disabled." for table, name in missing]
    return said


def _read(connection: Connection) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for table, column, type_name, required in connection.execute(text(_COLUMNS)):
        columns = found.setdefault(table, _Found()).columns
        if column is not None:
            columns[column] = type_name, required
    for table, names, condition in connection.execute(text(_UNIQUE)):
        if table in found:
            found[table].unique.add((frozenset(names), _plain(condition)))
    return found


def _compare(table: Table, found: _Found, own: bool) -> Iterator[str]:
    wanted = {column.name: column for column in table.columns if own or not is_own(column)}
    for name, column in wanted.items():
        if name not in found.columns:
            yield f"Column {table.name}.{name} is missing."
            continue
        type_name, required = found.columns[name]
        if type_name != _type_of(column):
            yield f"Column {table.name}.{name} is {type_name}, not {_type_of(column)}."
        if required == column.nullable:
            yield f"Column {table.name}.{name} {'refuses' if required else 'allows'} NULL."
    for name in sorted(found.columns.keys() - table.columns.keys()):
        yield f"Column {table.name}.{name} is not known."
    for kind, (columns, condition) in _rules(table):
        if columns <= wanted.keys() and (columns, condition) not in found.unique:
            where = f" where {condition}" if condition else ""
            yield f"Table {table.name} lacks its {kind} ({', '.join(sorted(columns))}){where}."


def _type_of(column: Column[object]) -> str:
    """A column's type in PostgreSQL's own spelling."""
    name = column.type.compile(dialect=_DIALECT).lower()
    return re.sub(r"^\w+", lambda word: _SPELLINGS.get(word[0], word[0]), name)


def _rules(table: Table) -> Iterator[tuple[str, Rule]]:
    yield "primary key", (frozenset(column.name for column in table.primary_key), "")
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield "unique constraint", (frozenset(column.name for column in constraint.columns), "")
    for index in table.indexes:
        if index.unique:
            yield "unique index", (frozenset(column.name for column in index.columns), _condition(index))


def _condition(index: Index) -> str:
    where = index.dialect_options["postgresql"]["where"]
    return _plain(None if where is None else str(where))


def _plain(condition: str | None) -> str:
    """A condition without its brackets, which PostgreSQL adds."""
    return re.sub(r"[()]", "", condition or "").strip()
