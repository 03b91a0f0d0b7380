"""Groups of rows and what they come to, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    DateTime,
    Float,
    Numeric,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.selectable import Subquery

from kitsu_api.db.projection import wire
from kitsu_api.db.query.conditions import condition_of
from kitsu_api.db.query.cursors import Key, after, fingerprint, read_cursor
from kitsu_api.db.query.rows import Column, Row, Statement, split, to_one
from kitsu_api.db.query.sources import Enter, ToMany
from kitsu_api.db.query.values import is_json, is_number, is_text
from kitsu_api.errors import BadRequest
from kitsu_api.schemas.queries import Aggregate, QueryRequest

SORTABLE = (DateTime, Date)


def _key(row: Row, steps: tuple[str, ...], lists: list[str]) -> Column:
    """What to group by; a relation to many counts a row once for each of its own rows."""
    relation = row.relation(steps[0])
    if relation is None:
        return row.column(steps[0], steps[1:])
    child = row.join(steps[0])
    if isinstance(relation, ToMany) and child.path not in lists:
        lists.append(child.path)
        if len(lists) > 1:
            raise BadRequest(f"{child.path}: groups lead over one relation to many alone.")
    return _key(child, steps[1:] or ("id",), lists)


def _number(column: Column) -> ColumnElement[Any]:
    """A column of numbers; of documents those of their values that are numbers.

    Raises:
        BadRequest: it holds none.
    """
    if is_number(column.kind):
        return column.raw
    if is_json(column.kind):
        is_one = func.jsonb_typeof(column.raw) == "number"
        return case((is_one, cast(column.raw, Numeric())))
    raise BadRequest(f"{column.path} holds no numbers.")


def _input(row: Row, name: str, wish: Aggregate) -> ColumnElement[Any]:
    """What an aggregate is made of.

    Raises:
        BadRequest: it has no field, or one that it can't work with.
    """
    if wish.function == "count" and wish.field is None:
        return literal(1)
    if wish.field is None:
        raise BadRequest(f"aggregates.{name}: `{wish.function}` needs a field.")
    column = to_one(row, split(wish.field), "aggregate")
    if wish.function in ("count", "count_distinct"):
        return column.raw
    if wish.function in ("min", "max") and (is_text(column.kind) or isinstance(column.kind, SORTABLE)):
        return column.raw
    return _number(column)


def _outcome(function: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """An aggregate.

    Sums are exact numbers: floating ones come out differently from plan to plan, and the next page would
    then begin at another group than the one before ended at.
    """
    match function:
        case "count":
            return func.count(column)
        case "count_distinct":
            return func.count(column.distinct())
        case "sum":
            return func.sum(cast(column, Numeric()), type_=Numeric())
        case "avg":
            return cast(func.avg(cast(column, Numeric())), Float)
    outcome: ColumnElement[Any] = getattr(func, function)(column, type_=column.type)
    return outcome


def _inside(enter: Enter, source: str, wish: QueryRequest) -> Subquery:
    """The rows to group, narrowed to keys (`k0`, …) and what aggregates are made of (`a0`, …).

    They are named here, and grouped around it: what has constants in it is not the same to PostgreSQL in two
    places of one statement.
    """
    statement = Statement(enter)
    row = Row(statement, source)
    lists: list[str] = []
    keys = [_key(row, split(path), lists).raw.label(f"k{place}") for place, path in enumerate(wish.group_by)]
    inputs = [
        _input(row, name, one).label(f"a{place}") for place, (name, one) in enumerate(wish.aggregates.items())
    ]
    where = [row.seen]
    if wish.where is not None:
        # on joins of its own: what it leads over to many must not multiply rows, nor be narrowed to groups
        matching = Row(statement, source)
        met = condition_of(matching, wish.where)
        ids = select(matching.alias.id).select_from(matching.tables()).where(matching.seen, met)
        where.append(row.alias.id.in_(ids))
    query = select(*keys, *inputs, literal(1).label("one")).select_from(row.tables())
    return query.where(*where).subquery("inside")


@dataclass(frozen=True)
class Groups:
    """The groups of a query, and what is in them: keys by their paths, aggregates by their names."""

    table: CTE
    keys: dict[str, Column]
    values: dict[str, Column]

    def order(self, wish: QueryRequest) -> list[Key]:
        """What groups are ordered by; in the end by all of their keys, so that no two have the same place.

        Raises:
            BadRequest: it is neither a key nor an aggregate.
        """
        found = []
        for order in wish.order:
            column = self.values.get(order.field, self.keys.get(order.field))
            if column is None:
                raise BadRequest(
                    f"order: {order.field} is neither in `group_by` nor the name of an aggregate."
                )
            found.append(Key(column, descending=order.direction == "desc"))
        return [*found, *(Key(column) for column in self.keys.values())]


def _grouped(enter: Enter, source: str, wish: QueryRequest) -> Groups:
    inside = _inside(enter, source, wish)
    keys = [inside.c[f"k{place}"] for place in range(len(wish.group_by))]
    asked = wish.aggregates or {"count": Aggregate(function="count")}
    values = [
        _outcome(one.function, inside.c[f"a{place}"] if wish.aggregates else inside.c.one).label(f"v{place}")
        for place, one in enumerate(asked.values())
    ]
    table = select(*keys, *values).select_from(inside).group_by(*keys).cte("grouped")

    def columns(names: Iterable[str], letter: str) -> dict[str, Column]:
        found = {name: table.c[f"{letter}{place}"] for place, name in enumerate(names)}
        return {name: Column(name, column, wire(column)) for name, column in found.items()}

    return Groups(table, columns(wish.group_by, "k"), columns(asked, "v"))


def mark_of_groups(source: str, wish: QueryRequest) -> str:
    """What cursors of these groups are known by."""
    told = wish.model_dump(mode="json", include={"where", "order", "group_by", "aggregates"})
    return fingerprint(source, told)


def groups_of(enter: Enter, source: str, wish: QueryRequest) -> Select[Any]:
    """A statement of one row: the texts of the page's groups and one more, where each stands, and how many
    groups there are in all.

    Raises:
        BadRequest: a path leads nowhere, a value does not fit, groups can't be made so, or the cursor is of
            another query.
        Forbidden: the caller may not read a field.
    """
    if wish.fields is not None:
        raise BadRequest("Groups have no `fields`: ask for rows without groups.")
    if len(set(wish.group_by)) < len(wish.group_by):
        raise BadRequest("group_by: a field is there twice.")
    groups = _grouped(enter, source, wish)
    order = groups.order(wish)
    page = select(
        cast(_shown(groups), Text).label("text"),
        cast(func.json_build_array(*(_kept(key.column) for key in order)), Text).label("place"),
        *(key.column.raw.label(f"o{place}") for place, key in enumerate(order)),
    )
    if wish.cursor is not None:
        values = read_cursor(wish.cursor, mark_of_groups(source, wish), len(order))
        page = page.where(after(order, values))
    rows = page.order_by(*(key.ordered for key in order)).limit(wish.limit + 1).subquery("page")
    places = [key.ordering(rows.c[f"o{place}"]) for place, key in enumerate(order)]
    counted: Any = select(func.count()).select_from(groups.table).scalar_subquery() if wish.count else null()
    return select(
        func.array_agg(aggregate_order_by(rows.c.text, *places)) if places else func.array_agg(rows.c.text),
        func.array_agg(aggregate_order_by(rows.c.place, *places)) if places else func.array_agg(rows.c.place),
        counted,
    )


def _kept(column: Column) -> ColumnElement[Any]:
    """A column as cursors keep it: exact numbers as texts."""
    return cast(column.raw, Text) if isinstance(column.kind, Numeric) else column.raw


def _shown(groups: Groups) -> ColumnElement[Any]:
    """A group as a JSON object."""

    def whole(columns: dict[str, Column]) -> ColumnElement[Any]:
        return func.json_build_object(*(part for name, one in columns.items() for part in (name, one.shown)))

    return func.json_build_object("keys", whole(groups.keys), "values", whole(groups.values))


def groups_json(texts: Sequence[str], next_cursor: str | None, total: int | None) -> bytes:
    """The answer that holds groups, out of groups that are JSON already."""
    rest = {"next_cursor": next_cursor, "total": total, "has_more": next_cursor is not None}
    return b'{"data":[],"groups":[' + ",".join(texts).encode() + b"]," + orjson.dumps(rest)[1:]
