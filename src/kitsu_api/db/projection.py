"""Rows as JSON, written by PostgreSQL: what of a table goes over the wire, and how.

A list of ten thousand rows is one string from the database to the socket; no object is made for a row.
Single rows take the same way, so that list and single can't differ.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Subquery,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.types import TypeEngine

from kitsu_api.db.base import Base
from kitsu_api.db.narrowed import Narrowed
from kitsu_api.db.prepared import Prepared, Statements, built_once

TIMESTAMP_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS'
"""Timestamps go over the wire in UTC, to the second, without a zone."""


def moment(column: Any) -> ColumnElement[Any]:
    """A timestamp to the second, which JSON shows as `TIMESTAMP_FORMAT` does: `to_char` takes PostgreSQL
    three times as long."""
    return func.date_trunc(literal_column("'second'"), column, type_=DateTime)


def wire(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column as the wire shows it."""
    return moment(column) if isinstance(column.type, DateTime) else column


@built_once
def _ids(table: type[Base], shown: str, own: str, own_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column of the rows of a table that point to ours, as a JSON array."""
    row = aliased(table)
    column: InstrumentedAttribute[Any] = getattr(row, shown)
    return (
        select(func.coalesce(func.json_agg(column), literal_column("'[]'::json")))
        .where(getattr(row, own) == own_id)
        .scalar_subquery()
    )


@dataclass(frozen=True)
class Link:
    """A relation of many to many: a table of pairs, our id in one column and theirs in the other."""

    table: type[Base]
    own: str
    other: str

    def ids(self, own_id: ColumnElement[Any]) -> ColumnElement[Any]:
        """The ids on the other side, as a JSON array."""
        return _ids(self.table, self.other, self.own, own_id)


@dataclass(frozen=True)
class Children:
    """A relation of one to many: rows of another table that point to ours."""

    table: type[Base]
    own: str

    def ids(self, own_id: ColumnElement[Any]) -> ColumnElement[Any]:
        """The ids of those rows, as a JSON array."""
        return _ids(self.table, "id", self.own, own_id)


@dataclass(frozen=True)
class Nested:
    """A relation to one row, shown whole."""

    projection: Projection
    own: str
    """Our column that holds the other row's id."""

    def row(self, model: type[Base]) -> ColumnElement[Any]:
        """The other row as a JSON object, or null."""
        pairs = [part for name, column in self.projection.columns().items() for part in (name, column)]
        return (
            select(func.json_build_object(*pairs))
            .where(self.projection.key == getattr(model, self.own))
            .correlate(model)
            .scalar_subquery()
        )


Relation = Link | Children | Nested


@dataclass(frozen=True)
class Projection:
    """What of a table goes over the wire.

    `secret` columns never do, for nobody, and can't be filtered on. `computed` adds columns of our own,
    `renamed` gives a column another name. `relations` are added when they are asked for, those in
    `always` without asking.
    """

    model: type[Base]
    type_name: str | ColumnElement[Any]
    secret: frozenset[str] = frozenset()
    computed: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)
    always: frozenset[str] = frozenset()
    details: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    """What a single row shows besides, when it is read with its relations."""
    _built: dict[tuple[bool, bool], dict[str, ColumnElement[Any]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Columns as they were built, with and without relations and details: building them takes longer than
    a small query, and they never change."""
    one: Statements = field(init=False, repr=False, compare=False)
    """A single row by `id`, as `columns` shapes it; fields and masked columns come as tuples."""

    _all: Statements = field(init=False, repr=False, compare=False)

    listed: Narrowed = field(init=False, repr=False, compare=False)
    """Rows that meet conditions, the oldest first, as `columns` shapes them and `array_of` writes them."""

    paged: Narrowed = field(init=False, repr=False, compare=False)
    """Those of them on a page (`limit`, `offset`) of the newest first."""

    pieces: Narrowed = field(init=False, repr=False, compare=False)
    """What `listed` gives, with a row for each."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "one", Statements(self._one))
        object.__setattr__(self, "_all", Statements(self._every))
        object.__setattr__(self, "listed", Narrowed(lambda *wish: array_of(self._oldest_first(*wish))))
        object.__setattr__(self, "paged", Narrowed(lambda *wish: array_of(self._page(*wish))))
        object.__setattr__(self, "pieces", Narrowed(lambda *wish: texts_of(self._oldest_first(*wish))))

    def shape(
        self,
        *,
        relations: bool = False,
        details: bool = False,
        fields: Collection[str] | None = None,
        masked: Collection[str] = (),
    ) -> tuple[bool, bool, tuple[str, ...] | None, frozenset[str]]:
        """What `columns` takes, as the shape of a kept statement."""
        # only names of columns make a shape: callers may send any others
        known = None if fields is None else tuple(sorted(self.names() & set(fields)))
        return relations, details, known, frozenset(masked)

    def all_rows(
        self,
        *,
        relations: bool = False,
        details: bool = False,
        fields: Collection[str] | None = None,
        masked: Collection[str] = (),
    ) -> Prepared:
        """All rows of the table, the oldest first, as `columns` shapes them and `array_of` writes them."""
        return self._all(*self.shape(relations=relations, details=details, fields=fields, masked=masked))

    def _every(self, *shape: Any) -> Select[Any]:
        return array_of(self._oldest_first((), *shape))

    def _shown(
        self, relations: bool, details: bool, fields: tuple[str, ...] | None, masked: frozenset[str]
    ) -> Select[Any]:
        columns = self.columns(relations=relations, details=details, fields=fields, masked=masked)
        return select(*columns.values()).select_from(self.model)

    def _oldest_first(self, where: Sequence[ColumnElement[bool]], *shape: Any) -> Select[Any]:
        model: Any = self.model
        return self._shown(*shape).where(*where).order_by(model.created_at, model.id)

    def _page(self, where: Sequence[ColumnElement[bool]], *shape: Any) -> Select[Any]:
        model: Any = self.model
        newest_first = (model.created_at.desc(), model.id.desc())
        ids = select(model.id).where(*where).order_by(*newest_first)
        # The page is found by narrow rows; what is costly to read is read for its rows alone.
        found = ids.limit(bindparam("limit", type_=Integer())).offset(bindparam("offset", type_=BigInteger()))
        page = found.subquery("page")
        return self._shown(*shape).join(page, page.c.id == model.id).order_by(*newest_first)

    def _one(
        self, relations: bool, details: bool, fields: tuple[str, ...] | None, masked: frozenset[str]
    ) -> Select[Any]:
        columns = self.columns(relations=relations, details=details, fields=fields, masked=masked)
        id = bindparam("id", type_=Uuid())
        table = self.model.__table__.alias("version")
        version = (
            select(cast(literal_column("version.xmin"), Text))
            .select_from(table)
            .where(table.c.id == id)
            .scalar_subquery()
        )
        return object_of(select(*columns.values()).where(self.key == id)).add_columns(version)

    @property
    def key(self) -> InstrumentedAttribute[Any]:
        """The id column."""
        key: InstrumentedAttribute[Any] = self.model.id  # type: ignore[attr-defined]  # every one has it
        return key

    def column(self, name: str) -> ColumnElement[Any] | None:
        """The column of this name, stored or computed; None when there is none, or it is secret."""
        if name in self.secret:
            return None
        found: ColumnElement[Any] | None = self.model.__table__.columns.get(name)
        return self.computed.get(name) if found is None else found

    def names(self) -> frozenset[str]:
        """The names of all columns that may be shown."""
        return frozenset(self.columns(relations=True, details=True))

    def _relation(self, name: str) -> ColumnElement[Any]:
        relation = self.relations[name]
        return relation.row(self.model) if isinstance(relation, Nested) else relation.ids(self.key)

    def columns(
        self,
        *,
        relations: bool = False,
        details: bool = False,
        fields: Collection[str] | None = None,
        masked: Collection[str] = (),
    ) -> dict[str, ColumnElement[Any]]:
        """The labelled columns of a listing, by name.

        `fields` narrows them (`id` and `type` stay; unknown names are ignored), `masked` takes out what
        this caller may not read.
        """
        found = self._built.get((relations, details))
        if found is None:
            found = self._built[relations, details] = self._build(relations=relations, details=details)
        kept = None if fields is None else {"id", "type", *fields}
        return {
            name: column
            for name, column in found.items()
            if name not in masked and (kept is None or name in kept)
        }

    def _build(self, *, relations: bool, details: bool) -> dict[str, ColumnElement[Any]]:
        found: dict[str, ColumnElement[Any]] = {}
        for column in self.model.__table__.columns:
            if column.name not in self.secret:
                found[self.renamed.get(column.name, column.name)] = wire(column)
        found.update(self.computed)
        for name in self.relations:
            if relations or name in self.always:
                found[name] = self._relation(name)
        if details:
            found.update(self.details)
        found["type"] = literal(self.type_name, Text) if isinstance(self.type_name, str) else self.type_name
        return {name: column.label(name) for name, column in found.items()}


async def json_array(session: AsyncSession, query: Select[Any]) -> bytes:
    """The query's rows as a JSON array, in the query's order."""
    return bracketed(await session.scalar(array_of(query)))


async def json_parts(lines: AsyncIterator[list[str]]) -> AsyncIterator[bytes]:
    """The JSON array of objects that come as texts (`texts_of`), in pieces as they come."""
    before: bytes | None = None
    async for rows in lines:
        if before is not None:
            yield before
        before = (b"[" if before is None else b",") + ",".join(rows).encode()
    yield b"[]" if before is None else before + b"]"


async def json_object(session: AsyncSession, query: Select[Any]) -> bytes | None:
    """The query's only row as a JSON object; None when there is none."""
    text: str | None = await session.scalar(object_of(query))
    return None if text is None else text.encode()


def _value(name: str, kind: TypeEngine[Any]) -> str:
    """A column of the rows as the text of a JSON value. What needs no escaping is spared the function."""
    reference = f'"row"."{name}"'
    if isinstance(kind, Uuid):
        return f"coalesce('\"'||{reference}||'\"','null')"
    if isinstance(kind, Boolean | Integer | JSON):
        return f"coalesce({reference}::text,'null')"
    return f"coalesce(to_json({reference})::text,'null')"


def array_of(query: Select[Any]) -> Select[Any]:
    """The query's rows as the text of a JSON array, in its order, without the brackets; null when empty.

    Texts are joined, as boards do it: `row_to_json` takes half as long again (ADR 0004).
    """
    rows = query.subquery("row")
    return select(func.string_agg(_text_of(rows), literal_column("','"))).select_from(rows)


def texts_of(query: Select[Any]) -> Select[Any]:
    """The text of a JSON object for each of the query's rows, in its order."""
    rows = query.subquery("row")
    return select(_text_of(rows)).select_from(rows)


def _text_of(rows: Subquery) -> ColumnElement[str]:
    # a name with the comma before it is one text: each `||` copies all that is left of it
    members = [
        f"'{',' if place else '{'}\"{name}\":'||{_value(name, column.type)}"
        for place, (name, column) in enumerate(rows.c.items())
    ]
    return literal_column("||".join(members) + "||'}'", Text)


def bracketed(rows: str | None) -> bytes:
    """What `array_of` finds, as a JSON array."""
    return b"[" + (rows or "").encode() + b"]"


def object_of(query: Select[Any]) -> Select[Any]:
    """The query's first row as the text of a JSON object."""
    rows = query.limit(literal_column("1", Integer)).subquery("row")
    return select(cast(func.row_to_json(literal_column('"row"')), Text)).select_from(rows)


def json_literal(value: Any) -> ColumnElement[Any]:
    """A constant as JSON."""
    return type_coerce(value, JSONB)
