"""Filters as conditions. They know true and false alone: a comparison with what is missing is false."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, false, func, literal, literal_column, not_, or_
from sqlalchemy.dialects.postgresql import JSONB

from kitsu_api.db.query.rows import Column, Row, constant, split
from kitsu_api.db.query.sources import Condition, ToOne
from kitsu_api.db.query.values import is_json, is_list, is_text, read_value
from kitsu_api.errors import BadRequest
from kitsu_api.schemas.queries import AndFilter, Comparison, Filter, NotFilter, OrFilter

MOST_PATTERN = 200
"""Characters of a pattern: what many wildcards cost grows with its length."""


def _equal(column: Column, value: Any) -> Condition:
    if value is None:
        return column.raw.is_(None)
    condition: Condition = column.raw == constant(column, value)
    return condition


def _unequal(column: Column, value: Any) -> Condition:
    return not_(func.coalesce(_equal(column, value), false()))


def _any_of(column: Column, value: Any) -> Condition:
    if not isinstance(value, list):
        raise BadRequest(f"{column.path}: `in` takes a list.")
    present = [constant(column, one) for one in value if one is not None]
    found: Condition = column.raw.in_(present) if present else false()
    return or_(found, column.raw.is_(None)) if len(present) < len(value) else found


def _ordered(compare: Callable[[Any, Any], Condition]) -> Callable[[Column, Any], Condition]:
    def condition(column: Column, value: Any) -> Condition:
        if value is None or is_list(column.kind):
            raise BadRequest(f"{column.path}: nothing is before or after this.")
        other = constant(column, value)
        if not is_json(column.kind):
            return compare(column.raw, other)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise BadRequest(f"{column.path}: texts and numbers alone are before or after each other.")
        # values of other types would come before or after all of these
        same = func.jsonb_typeof(column.raw) == func.jsonb_typeof(other)
        return and_(same, compare(column.raw, other))

    return condition


def _like(column: Column, value: Any) -> Condition:
    if not is_text(column.kind) and not is_json(column.kind):
        raise BadRequest(f"{column.path} is no text: `like` has nothing to look into.")
    if not isinstance(value, str) or len(value) > MOST_PATTERN:
        raise BadRequest(f"{column.path}: `like` takes a text of at most {MOST_PATTERN} characters.")
    if (len(value) - len(value.rstrip("\\"))) % 2:
        raise BadRequest(f"{column.path}: the pattern ends with a backslash that nothing follows.")
    if is_json(column.kind):
        is_string = func.jsonb_typeof(column.raw) == "string"
        text = column.raw.op("#>>", return_type=Text())(literal_column("'{}'"))
        return and_(is_string, text.ilike(value))
    return column.raw.ilike(value)


def _contains(column: Column, value: Any) -> Condition:
    if value is None:
        raise BadRequest(f"{column.path}: `contains` takes a value.")
    if is_json(column.kind):
        return column.raw.contains(literal(value, JSONB()))
    if is_list(column.kind):
        return column.raw.bool_op("@>")(constant(column, [value]))
    if is_text(column.kind):
        text = read_value(column.path, column.kind, value)
        return column.raw.icontains(text, autoescape=True)
    raise BadRequest(f"{column.path} is neither text nor list nor document: it contains nothing.")


def _missing(column: Column, value: Any) -> Condition:
    if not isinstance(value, bool):
        raise BadRequest(f"{column.path}: `is_null` takes true or false.")
    return column.raw.is_(None) if value else column.raw.is_not(None)


OPERATORS: dict[str, Callable[[Column, Any], Condition]] = {
    "eq": _equal,
    "ne": _unequal,
    "in": _any_of,
    "lt": _ordered(lambda column, value: column < value),
    "lte": _ordered(lambda column, value: column <= value),
    "gt": _ordered(lambda column, value: column > value),
    "gte": _ordered(lambda column, value: column >= value),
    "like": _like,
    "contains": _contains,
    "is_null": _missing,
}


def _compare(row: Row, steps: tuple[str, ...], wish: Comparison) -> Condition:
    """The comparison at the end of a path; over relations to many, whether one of their rows meets it."""
    relation = row.relation(steps[0])
    if relation is None:
        return OPERATORS[wish.op](row.column(steps[0], steps[1:]), wish.value)
    if isinstance(relation, ToOne):
        return _compare(row.join(steps[0]), steps[1:] or ("id",), wish)
    child = row.child(steps[0])
    if len(steps) == 1 and wish.op == "is_null":
        if not isinstance(wish.value, bool):
            raise BadRequest(f"{child.path}: `is_null` takes true or false.")
        found = row.any_of(steps[0], child, child.alias.id.is_not(None))
        return not_(found) if wish.value else found
    if len(steps) == 1 and wish.op == "contains":
        wish = wish.model_copy(update={"op": "eq"})
    condition = _compare(child, steps[1:] or ("id",), wish)
    return row.any_of(steps[0], child, condition)


def condition_of(row: Row, wish: Filter) -> Condition:
    """The condition that a filter stands for; relations to one that it leads over are joined to the row.

    Raises:
        BadRequest: a path leads nowhere, or a value does not fit.
        Forbidden: the caller may not read a field.
    """
    match wish:
        case AndFilter():
            return and_(*(condition_of(row, one) for one in wish.all_of))
        case OrFilter():
            return or_(*(condition_of(row, one) for one in wish.any_of))
        case NotFilter():
            inner: ColumnElement[bool] = condition_of(row, wish.none_of)
            return not_(func.coalesce(inner, false()))
    return _compare(row, split(wish.field), wish)
