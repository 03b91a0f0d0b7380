"""Taking back what an import changed, where nobody has touched it since: a constant number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    cast,
    delete,
    func,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.models import ImportChange
from kitsu_api.db.repositories.import_journal import CREATED, DELETED, UPDATED, Scope, scopes_of
from kitsu_api.db.table_graph import ordered_tables, references_to

INSERTED = "inserted"


@dataclass(frozen=True)
class Obstacle:
    """A row that others have touched since."""

    table_name: str
    key: dict[str, Any]
    reason: str
    """`changed`: it is not as the import left it, or gone; `used`: others refer to it."""


@dataclass
class Undone:
    """What taking an import back did, in rows by table."""

    deleted: dict[str, int] = field(default_factory=dict)
    restored: dict[str, int] = field(default_factory=dict)
    ids: dict[tuple[str, str], list[UUID]] = field(default_factory=dict)
    """The ids of rows by table and what was done to them, for those that have one."""


class ImportReversal:
    """Taking back what one import changed."""

    def __init__(self, session: AsyncSession, import_id: UUID, project_id: UUID | None) -> None:
        self.session = session
        self.import_id = import_id
        self.scopes = scopes_of(project_id)
        self._changes = {
            scope.table.name: self._noted(scope).cte(f"noted_{scope.table.name}") for scope in self.scopes
        }

    def _noted(self, scope: Scope) -> Select[Any]:
        """What was noted of a table, with the columns of the key as such."""
        keys = [
            cast(ImportChange.key[name].astext, scope.table.c[name].type).label(name) for name in scope.keys
        ]
        return select(
            *keys,
            ImportChange.action.label("noted_action"),
            ImportChange.version.label("noted_version"),
            ImportChange.before.label("noted_before"),
            ImportChange.key.label("noted_key"),
        ).where(ImportChange.import_id == self.import_id, ImportChange.table_name == scope.table.name)

    def _same(self, scope: Scope, noted: Any) -> ColumnElement[bool]:
        return and_(*(scope.table.c[name] == noted.c[name] for name in scope.keys))

    async def obstacles(self, limit: int) -> list[Obstacle]:
        """Rows that others have touched since, so many at most. What is not touched stays so until the
        transaction ends."""
        found: list[Obstacle] = []
        for scope in self.scopes:
            await self._lock(scope)
            for query, reason in (*self._touched(scope), *self._used(scope)):
                if len(found) < limit:
                    rows = await self.session.execute(query.limit(limit - len(found)))
                    found += [Obstacle(scope.table.name, row[0], reason) for row in rows]
        return found

    async def _lock(self, scope: Scope) -> None:
        noted = self._changes[scope.table.name]
        rows = select(literal(1)).select_from(scope.table).join(noted, self._same(scope, noted))
        # FOR UPDATE: nobody refers to them anew either
        await self.session.execute(rows.with_for_update(of=scope.table))

    def _touched(self, scope: Scope) -> list[tuple[Select[Any], str]]:
        if scope.lenient:
            return []
        noted = self._changes[scope.table.name]
        version = cast(literal_column(f"{scope.table.name}.xmin"), Text)
        query = (
            select(noted.c.noted_key)
            .select_from(noted)
            .outerjoin(scope.table, self._same(scope, noted))
            .where(noted.c.noted_action != DELETED, version.is_distinct_from(noted.c.noted_version))
        )
        return [(query, "changed")]

    def _used(self, scope: Scope) -> list[tuple[Select[Any], str]]:
        """Rows that were made, and that rows refer to which were not."""
        if scope.lenient or scope.keys != ("id",):
            return []
        noted = self._changes[scope.table.name]
        made = noted.c.noted_action == CREATED
        return [
            (select(noted.c.noted_key).where(made, self._users(child, name, noted).exists()), "used")
            for child, name in _users_of(scope.table)
        ]

    def _users(self, child: Table, name: str, noted: Any) -> Select[Any]:
        """Rows of a table that refer to a noted one, but for those that the import made itself."""
        user = child.alias("user_row")
        rows = select(literal(1)).select_from(user).where(user.c[name] == noted.c.id).correlate(noted)
        own = self._changes.get(child.name)
        if own is None:
            return rows
        mine: Any = own.alias("mine")
        keys = [each.name for each in child.primary_key.columns]
        same = and_(*(mine.c[key] == user.c[key] for key in keys))
        others = select(literal(1)).select_from(mine).where(same, mine.c.noted_action != DELETED)
        return rows.where(~others.correlate(user).exists())

    async def entity_kinds(self) -> dict[UUID, str]:
        """The names of the entity types of what the import wrote, by id."""
        noted = self._changes.get(m.Entity.__tablename__)
        if noted is None:
            return {}
        query = (
            select(m.Entity.id, m.EntityType.name)
            .join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
            .join(noted, noted.c.id == m.Entity.id)
        )
        return {row[0]: row[1] for row in await self.session.execute(query)}

    async def revert(self) -> Undone | None:
        """Delete what was made, and give back what was changed and deleted; None, and nothing is done, when
        what a deleted row belonged to is gone, or another has taken its place."""
        try:
            async with self.session.begin_nested():
                return await self._revert()
        except IntegrityError:
            return None

    async def _revert(self) -> Undone:
        undone = Undone()
        by_name = {scope.table.name: scope for scope in self.scopes}
        for scope in self.scopes:
            await self._restore(scope, undone)
        for each in reversed(ordered_tables()):
            if each.name in by_name:
                await self._delete(by_name[each.name], undone)
        for scope in self.scopes:
            await self._insert(scope, undone)
        return undone

    async def _restore(self, scope: Scope, undone: Undone) -> None:
        """Give columns of rows back what they held."""
        noted = self._changes[scope.table.name]
        names = await self._changed_columns(scope)
        if not names:
            return
        # a key of the document replaces the column of the row, what it lacks stays
        old = func.jsonb_populate_record(literal_column(scope.table.name), noted.c.noted_before)
        values: dict[str, Any] = {name: literal_column(f"(old_row.content).{name}") for name in names}
        rows = (
            select(*(scope.table.c[name].label(name) for name in scope.keys), old.label("content"))
            .select_from(scope.table)
            .join(noted, self._same(scope, noted))
            .where(noted.c.noted_action == UPDATED)
            .cte("old_row")
        )
        if "updated_at" in scope.table.c:
            values["updated_at"] = now()
        same = and_(*(scope.table.c[name] == rows.c[name] for name in scope.keys))
        returned = [scope.table.c[name] for name in scope.keys]
        change = update(scope.table).where(same).values(values).returning(*returned)
        await self._note(scope, UPDATED, change, undone)

    async def _changed_columns(self, scope: Scope) -> list[str]:
        """The columns that the import changed in any row."""
        noted = self._changes[scope.table.name]
        names = func.jsonb_object_keys(noted.c.noted_before).label("name")
        query = select(names).where(noted.c.noted_action == UPDATED).distinct()
        found = set((await self.session.scalars(query)).all())
        return [each.name for each in scope.table.columns if each.name in found]

    async def _delete(self, scope: Scope, undone: Undone) -> None:
        noted = self._changes[scope.table.name]
        where = [self._same(scope, noted), noted.c.noted_action == CREATED]
        if scope.lenient and scope.keys == ("id",):
            # such as an asset type that others have begun to use: it stays
            where += [~self._users(child, name, noted).exists() for child, name in _users_of(scope.table)]
        returned = [scope.table.c[name] for name in scope.keys]
        await self._note(scope, DELETED, delete(scope.table).where(*where).returning(*returned), undone)

    async def _insert(self, scope: Scope, undone: Undone) -> None:
        noted = self._changes[scope.table.name]
        record = func.jsonb_populate_record(literal_column(f"NULL::{scope.table.name}"), noted.c.noted_before)
        names = [each.name for each in scope.table.columns]
        rows = select(record.label("content")).where(noted.c.noted_action == DELETED).subquery("old_row")
        columns: list[ColumnElement[Any]] = [literal_column(f"(old_row.content).{name}") for name in names]
        source = select(*columns).select_from(rows)
        statement = insert(scope.table).from_select(names, source, include_defaults=False)
        returned = [scope.table.c[name] for name in scope.keys]
        await self._note(scope, INSERTED, statement.on_conflict_do_nothing().returning(*returned), undone)

    async def _note(self, scope: Scope, action: str, statement: Any, undone: Undone) -> None:
        rows = (await self.session.execute(statement.execution_options(synchronize_session=False))).all()
        counts = undone.deleted if action == DELETED else undone.restored
        if rows:
            counts[scope.table.name] = counts.get(scope.table.name, 0) + len(rows)
            if scope.keys == ("id",):
                undone.ids[scope.table.name, action] = [row[0] for row in rows]


def _users_of(target: Table) -> Sequence[tuple[Table, str]]:
    """The columns that refer to rows of a table; those of comments do so without a constraint."""
    found = [
        (reference.table, reference.column.name)
        for reference in references_to(target)
        if reference.table.name != ImportChange.__tablename__
    ]
    if target.name == m.Task.__tablename__:
        comments: Any = m.Comment.__table__
        found.append((comments, "object_id"))
    return found
