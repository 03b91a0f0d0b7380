"""Rows of a source somewhere in a statement, and what hangs on them.

Each of them is an alias of its table, so that a table can occur as often as a path leads through it. What is
written for the table itself (what a caller sees, columns that are made of others) is rewritten for the alias.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, exists, func, inspect, literal, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.selectable import FromClause
from sqlalchemy.sql.util import ClauseAdapter
from sqlalchemy.types import TypeEngine

from kitsu_api.db.base import Base
from kitsu_api.db.projection import Link, wire
from kitsu_api.db.query.sources import Condition, Enter, Relation, ToMany, ToOne
from kitsu_api.db.query.values import is_json, read_value
from kitsu_api.errors import BadRequest, Forbidden

C = TypeVar("C", bound=ClauseElement)

MOST_HOPS = 2
"""Relations that a path may lead over."""

MOST_KEYS = 5
"""Levels of a document that a path may lead down."""

JSON_NULL: ColumnElement[Any] = literal_column("'null'::jsonb", JSONB)


@dataclass(frozen=True)
class Column:
    """A column of a row: as it is compared, and as the wire shows it."""

    path: str
    raw: ColumnElement[Any]
    shown: ColumnElement[Any]

    @property
    def kind(self) -> TypeEngine[Any]:
        """Its type."""
        return self.raw.type


def constant(column: Column, value: Any) -> ColumnElement[Any]:
    """A value to compare a column with.

    Raises:
        BadRequest: it is of another type.
    """
    return literal(read_value(column.path, column.kind, value), column.kind)


@cache
def _alias(table: type[Base], number: int) -> tuple[Any, ClauseAdapter]:
    """An alias of a table, made once: its columns take SQLAlchemy longer than most statements take."""
    alias = aliased(table)
    return alias, ClauseAdapter(inspect(alias).selectable)


class Statement:
    """One statement in the making: whose it is, and which aliases it has taken."""

    def __init__(self, enter: Enter) -> None:
        self.enter = enter
        self._taken: Counter[type[Base]] = Counter()

    def alias(self, table: type[Base]) -> tuple[Any, ClauseAdapter]:
        """An alias that nothing else in the statement has, and what rewrites expressions for it."""
        self._taken[table] += 1
        return _alias(table, self._taken[table])


class Row:
    """An alias of a source's table, under a path from the rows that are asked for."""

    def __init__(self, statement: Statement, source: str, path: str = "", hops: int = 0) -> None:
        self.view = statement.enter(source)
        self.source, self.path, self.hops = self.view.source, path, hops
        self.alias, self._adapter = statement.alias(self.source.projection.model)
        self.joined: dict[str, Row] = {}
        """Rows of relations to one that conditions, orders and groups lead over."""
        self._statement = statement
        projection = self.source.projection
        self._stored = {shown: name for name, shown in projection.renamed.items()}
        shown = [name for name in projection.columns() if name not in projection.always]
        self.names = [name for name in shown if name not in self.view.masked]
        """The columns that the caller may read."""

    def named(self, name: str) -> str:
        """The whole path of a name of this row."""
        return f"{self.path}.{name}" if self.path else name

    def adapted(self, expression: C) -> C:
        """An expression about the source's table, about this alias of it."""
        found: C = self._adapter.traverse(expression)
        return found

    @property
    def seen(self) -> Condition:
        """The rows that the caller sees."""
        return self.adapted(self.view.condition)

    def column(self, name: str, keys: tuple[str, ...] = ()) -> Column:
        """A column, or what its document holds under keys.

        Raises:
            Forbidden: the caller may not read it.
            BadRequest: there is none, or it is no document.
        """
        path = self.named(name)
        projection = self.source.projection
        stored = self._stored.get(name, name)
        if stored in projection.secret or name in self.view.masked:
            raise Forbidden(f"{path}: you may not read this field.")
        if name not in self.names:
            raise BadRequest(f"{path}: {self.source.path} have no such field.")
        raw, shown = self._expressions(name, stored)
        if not keys:
            return Column(path, raw, shown)
        if not is_json(raw.type):
            raise BadRequest(f"{path} is no document that a path could lead into.")
        if len(keys) > MOST_KEYS:
            raise BadRequest(f"{path}: a path leads at most {MOST_KEYS} levels into a document.")
        inside: ColumnElement[Any] = func.nullif(raw[keys], JSON_NULL, type_=JSONB())
        return Column(".".join((path, *keys)), inside, inside)

    def _expressions(self, name: str, stored: str) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """A column as it is compared, and as it is shown."""
        projection = self.source.projection
        if name in self.view.replaced:
            replaced = self.adapted(self.view.replaced[name])
            return replaced, replaced
        plain = inspect(self.alias).selectable.c.get(stored)
        if plain is not None and projection.renamed.get(name, name) == name:
            return plain, wire(plain)
        column = projection.computed.get(stored)
        if column is None:  # what a row is called, which no column holds
            label: Any = projection.columns()["type"]
            column = label.element
        raw: ColumnElement[Any] = self.adapted(column)
        return raw, wire(raw)

    def relation(self, name: str) -> Relation | None:
        """The relation of this name."""
        return self.source.relations.get(name)

    def child(self, name: str) -> Row:
        """Rows that a relation leads to, in no statement yet.

        Raises:
            BadRequest: the path is too long.
            Forbidden: the caller may read nothing there.
        """
        if self.hops == MOST_HOPS:
            raise BadRequest(f"{self.named(name)}: a path leads over at most {MOST_HOPS} relations.")
        relation = self.source.relations[name]
        if name in self.view.masked:
            raise Forbidden(f"{self.named(name)}: you may not read this field.")
        if isinstance(relation, ToOne):
            self.column(relation.own)
        return Row(self._statement, relation.target, self.named(name), self.hops + 1)

    def join(self, name: str) -> Row:
        """The row of a relation to one, joined once to this one."""
        if name not in self.joined:
            self.joined[name] = self.child(name)
        return self.joined[name]

    def leads_to(self, name: str, child: Row) -> tuple[FromClause, Condition]:
        """What to select a relation's rows from, and which of them belong to this row and are seen."""
        relation, table = self.source.relations[name], child.tables()
        if isinstance(relation, ToOne):
            return table, and_(child.alias.id == getattr(self.alias, relation.own), child.seen)
        if isinstance(relation.via, Link):
            pair, _ = self._statement.alias(relation.via.table)
            table = table.join(inspect(pair).selectable, getattr(pair, relation.via.other) == child.alias.id)
            return table, and_(getattr(pair, relation.via.own) == self.alias.id, child.seen)
        return table, and_(getattr(child.alias, relation.via.own) == self.alias.id, child.seen)

    def paired(self, name: str, child: Row) -> tuple[Any, Condition, Condition]:
        """The pairs of a relation; which are this row's; and which row each leads to, if it is seen."""
        relation = self.source.relations[name]
        assert isinstance(relation, ToMany)
        assert isinstance(relation.via, Link)
        pair, _ = self._statement.alias(relation.via.table)
        own: Condition = getattr(pair, relation.via.own) == self.alias.id
        return pair, own, and_(child.alias.id == getattr(pair, relation.via.other), child.seen)

    def tables(self) -> FromClause:
        """This row and what was joined to it, to select from."""
        found: FromClause = inspect(self.alias).selectable
        for name, child in self.joined.items():
            found = found.outerjoin(*self.leads_to(name, child))
        return found

    def any_of(self, name: str, child: Row, condition: Condition) -> Condition:
        """Whether a row of a relation to many meets a condition."""
        table, belongs = self.leads_to(name, child)
        query = select(literal(1)).select_from(table).where(belongs, condition)
        return exists(query.correlate(self.alias))


def split(path: str) -> tuple[str, ...]:
    """The steps of a path.

    Raises:
        BadRequest: one of them is empty.
    """
    steps = tuple(path.split("."))
    if not all(steps):
        raise BadRequest(f"{path[:80]}: a path is names with dots between them.")
    return steps


def to_one(row: Row, steps: tuple[str, ...], use: str) -> Column:
    """The column at the end of a path that leads over relations to one alone.

    Raises:
        BadRequest: it leads over another, or nowhere.
        Forbidden: the caller may not read it.
    """
    relation = row.relation(steps[0])
    if relation is None:
        return row.column(steps[0], steps[1:])
    if isinstance(relation, ToMany):
        row.child(steps[0])  # what is closed to the caller is refused for that reason
        raise BadRequest(f"{row.named(steps[0])} leads to many rows: it is nothing to {use}.")
    return to_one(row.join(steps[0]), steps[1:] or ("id",), use)
