"""What a transaction changed, row by row, in a constant number of statements.

Before an import all rows that it may change are copied aside and locked, so that nobody else changes them. At
its end rows are compared by their `xmin`: a row with another one than before was written. Rows that others
added meanwhile are told by the state of their transaction, which has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column as TableColumn
from sqlalchemy import (
    ColumnElement,
    MetaData,
    Select,
    String,
    Table,
    Text,
    and_,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.models import ImportChange

ASIDE = Table(
    "kitsu_api_import_before",
    MetaData(),
    TableColumn("table_name", String(63)),
    TableColumn("key", JSONB),
    TableColumn("version", Text),
    TableColumn("content", JSONB),
)
"""Rows as they were; a temporary table of the transaction."""

CREATED, UPDATED, DELETED = "created", "updated", "deleted"

# A row's xmin lacks the upper half of its transaction's number: that of the number which is nearest to the
# present one, before or after it, for savepoints have numbers of their own.
OURS = """pg_xact_status((CASE
 WHEN {xmin} > now_ + 2147483648 THEN {xmin} - 4294967296
 WHEN {xmin} < now_ - 2147483648 THEN {xmin} + 4294967296
 ELSE {xmin} END)::text::xid8) = 'in progress'"""

CHANGED = """(SELECT jsonb_object_agg(old.key, old.value) FROM jsonb_each(kitsu_api_import_before.content) old
 WHERE old.key <> 'updated_at' AND old.value IS DISTINCT FROM (now_row.content -> old.key))"""
"""The columns of a row that hold something else now, as they were; null when there are none."""


@dataclass(frozen=True)
class Scope:
    """The rows of a table that an import may write."""

    table: Table
    where: ColumnElement[bool]
    only_adds: bool = False
    """The import changes none: what is in them needn't be copied."""
    columns: tuple[str, ...] = ()
    """The columns that it may change, where the others are nobody's business; none: all."""
    lenient: bool = False
    """What became of the rows that were made is no reason not to take the import back."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return tuple(each.name for each in self.table.primary_key.columns)


PERSON_COLUMNS = (
    *("first_name", "last_name", "email", "phone", "role", "studio_id", "country", "contract_type"),
    *("position", "seniority", "daily_salary", "active", "updated_at"),
)


def _table(model: Any) -> Table:
    found: Table = model.__table__
    return found


def production_scopes(project_id: UUID) -> tuple[Scope, ...]:
    """What imports into a production write. Tasks come before entities: comments lock in this order."""
    tasks = select(m.Task.id).where(m.Task.project_id == project_id)
    entities = select(m.Entity.id).where(m.Entity.project_id == project_id)
    return (
        Scope(_table(m.Task), m.Task.project_id == project_id),
        Scope(_table(m.Entity), m.Entity.project_id == project_id),
        Scope(_table(m.TaskPersonLink), m.TaskPersonLink.task_id.in_(tasks)),
        Scope(_table(m.EntityLink), m.EntityLink.entity_in_id.in_(entities)),
        Scope(_table(m.Comment), m.Comment.object_id.in_(tasks), only_adds=True),
        Scope(_table(m.News), m.News.task_id.in_(tasks), only_adds=True, lenient=True),
        Scope(_table(m.Notification), m.Notification.task_id.in_(tasks), only_adds=True, lenient=True),
        Scope(_table(m.MetadataDescriptor), m.MetadataDescriptor.project_id == project_id, only_adds=True),
        Scope(
            _table(m.ProjectPersonLink),
            m.ProjectPersonLink.project_id == project_id,
            only_adds=True,
            lenient=True,
        ),
        Scope(_table(m.EntityType), true(), only_adds=True, lenient=True),
    )


def studio_scopes() -> tuple[Scope, ...]:
    """What imports of people write."""
    return (
        Scope(_table(m.Person), true(), columns=PERSON_COLUMNS),
        Scope(_table(m.DepartmentLink), true()),
    )


def scopes_of(project_id: UUID | None) -> tuple[Scope, ...]:
    """What an import writes: into a production, or of people."""
    return studio_scopes() if project_id is None else production_scopes(project_id)


def _document(table: Table, names: Sequence[str]) -> ColumnElement[Any]:
    """Some columns of a row as a JSON object."""
    parts: list[ColumnElement[Any]] = []
    for name in names:
        parts += [literal_column(f"'{name}'"), table.c[name]]
    return cast(func.jsonb_build_object(*parts), JSONB)


def _key(scope: Scope) -> ColumnElement[Any]:
    return _document(scope.table, scope.keys)


def _version(table: Table) -> ColumnElement[str]:
    return cast(literal_column(f"{table.name}.xmin"), Text)


def _content(scope: Scope) -> ColumnElement[Any]:
    if scope.columns:
        return _document(scope.table, scope.columns)
    return func.to_jsonb(literal_column(scope.table.name))


class ImportJournal:
    """What one import changes."""

    def __init__(self, session: AsyncSession, import_id: UUID, project_id: UUID | None) -> None:
        self.session = session
        self.import_id = import_id
        self.scopes = scopes_of(project_id)

    async def begin(self) -> None:
        """Copy aside what the import may change; nobody else changes it until the transaction ends."""
        await self.session.execute(
            text(
                f"CREATE TEMPORARY TABLE {ASIDE.name} (table_name varchar(63), key jsonb, version text,"
                " content jsonb) ON COMMIT DROP"
            )
        )
        for scope in self.scopes:
            content = literal_column("NULL::jsonb") if scope.only_adds else _content(scope)
            rows: Select[Any] = (
                select(literal(scope.table.name, String), _key(scope), _version(scope.table), content)
                .select_from(scope.table)
                .where(scope.where)
            )
            if not scope.only_adds:
                rows = rows.with_for_update(key_share=True, of=scope.table)
            names = [each.name for each in ASIDE.columns]
            await self.session.execute(insert(ASIDE).from_select(names, rows))
        await self.session.execute(text(f"ANALYZE {ASIDE.name}"))

    async def note(self) -> int:
        """Note what has changed since; how many rows."""
        await self.session.flush()
        count = 0
        for scope in self.scopes:
            for action, rows in self._changes(scope):
                names = ["import_id", "table_name", "key", "action", "version", "before"]
                head = (
                    literal(self.import_id, ImportChange.import_id.type),
                    literal(scope.table.name, String),
                )
                query = rows.add_columns()
                chosen = query.subquery("changed")
                source = select(
                    *head, chosen.c.key, literal(action, String), chosen.c.version, chosen.c.before
                )
                done = await self.session.execute(
                    insert(ImportChange).from_select(names, source, include_defaults=False)
                )
                count += done.rowcount  # type: ignore[attr-defined]  # the result of an INSERT has one
        await self.session.execute(text(f"DROP TABLE {ASIDE.name}"))
        return count

    def _changes(self, scope: Scope) -> list[tuple[str, Select[Any]]]:
        """Queries for the rows of a table that were made, changed and deleted: key, version, before."""
        table_, key, version = scope.table, _key(scope), _version(scope.table)
        same = and_(ASIDE.c.table_name == table_.name, ASIDE.c.key == key)
        xmin = f"({table_.name}.xmin::text::bigint + (now_ >> 32 << 32))"
        clock = select(literal_column("pg_current_xact_id()::text::bigint").label("now_")).subquery("clock")
        ours = literal_column(OURS.format(xmin=xmin), m.Person.active.type)
        nothing: ColumnElement[Any] = literal_column("NULL::jsonb")
        made = (
            select(key.label("key"), version.label("version"), nothing.label("before"))
            .select_from(table_)
            .join(clock, true())
            .outerjoin(ASIDE, same)
            .where(scope.where, ASIDE.c.key.is_(None), ours)
        )
        if scope.only_adds:
            return [(CREATED, made)]
        content = _content(scope)
        changed = literal_column(CHANGED, JSONB)
        now_rows = (
            select(key.label("key"), version.label("version"), content.label("content"))
            .select_from(table_)
            .where(scope.where)
            .subquery("now_row")
        )
        touched = (
            select(now_rows.c.key, now_rows.c.version, changed.label("before"))
            .join(ASIDE, and_(ASIDE.c.table_name == table_.name, ASIDE.c.key == now_rows.c.key))
            .where(now_rows.c.version != ASIDE.c.version, changed.is_not(None))
        )
        present = select(literal(1)).select_from(table_).where(ASIDE.c.key == key).correlate(ASIDE)
        gone = select(
            ASIDE.c.key.label("key"),
            cast(literal(None), Text).label("version"),
            ASIDE.c.content.label("before"),
        ).where(ASIDE.c.table_name == table_.name, ~present.exists())
        return [(CREATED, made), (UPDATED, touched), (DELETED, gone)]
