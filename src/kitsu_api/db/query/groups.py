"""Groups of rows and what they come to, in one statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Float, Select, Text, case, cast, func, literal, select
from sqlalchemy.sql.selectable import Subquery

from kitsu_api.db.projection import wire
from kitsu_api.db.query.conditions import condition_of
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
        return case((is_one, cast(column.raw, Float)))
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
    match function:
        case "count":
            return func.count(column)
        case "count_distinct":
            return func.count(column.distinct())
        case "avg":
            return cast(func.avg(column), Float)
        case "sum":
            return func.sum(column)
    return wire(getattr(func, function)(column, type_=column.type))


def _ordered(wish: QueryRequest, keys: dict[str, Any], values: dict[str, Any]) -> list[ColumnElement[Any]]:
    """What groups are ordered by; in the end by all of their keys, so that no two have the same place.

    Raises:
        BadRequest: it is neither a key nor an aggregate.
    """
    found = []
    for order in wish.order:
        column = values.get(order.field, keys.get(order.field))
        if column is None:
            raise BadRequest(f"order: {order.field} is neither in `group_by` nor the name of an aggregate.")
        found.append(column.desc().nulls_last() if order.direction == "desc" else column.asc().nulls_last())
    return [*found, *(column.asc().nulls_last() for column in keys.values())]


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


def groups_of(enter: Enter, source: str, wish: QueryRequest) -> Select[Any]:
    """A statement of the groups' texts, one more than asked for.

    Raises:
        BadRequest: a path leads nowhere, a value does not fit, or groups can't be made so.
        Forbidden: the caller may not read a field.
    """
    if wish.fields is not None or wish.cursor is not None or wish.count:
        raise BadRequest(
            "Groups have neither `fields` nor `cursor` nor `count`: ask for rows without groups."
        )
    if len(set(wish.group_by)) < len(wish.group_by):
        raise BadRequest("group_by: a field is there twice.")
    inside = _inside(enter, source, wish)
    keys = {path: inside.c[f"k{place}"] for place, path in enumerate(wish.group_by)}
    asked = wish.aggregates or {"count": Aggregate(function="count")}
    values = {
        name: _outcome(one.function, inside.c[f"a{place}"] if wish.aggregates else inside.c.one)
        for place, (name, one) in enumerate(asked.items())
    }
    shown_keys = [part for path, column in keys.items() for part in (path, wire(column))]
    shown_values = [part for name, column in values.items() for part in (name, column)]
    group = func.json_build_object(
        "keys", func.json_build_object(*shown_keys), "values", func.json_build_object(*shown_values)
    )
    query = select(cast(group, Text)).select_from(inside)
    if keys:
        query = query.group_by(*keys.values())
    return query.order_by(*_ordered(wish, keys, values)).limit(wish.limit + 1)


def groups_json(texts: list[str], limit: int) -> bytes:
    """The answer that holds groups, out of groups that are JSON already."""
    more = b"true" if len(texts) > limit else b"false"
    listed = ",".join(texts[:limit]).encode()
    return b'{"data":[],"next_cursor":null,"total":null,"groups":[' + listed + b'],"has_more":' + more + b"}"
