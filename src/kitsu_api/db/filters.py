"""Filters of a list from the query string: `?name=tree&project_id=…&project_id=…`.

Columns filter by equality, repeated ones by any of their values, `name` without regard to case. Names
that are no column are somebody else's parameter and are ignored; a column that the caller may not read
can't be filtered on, since the number of answers would tell its value.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlalchemy.sql import sqltypes

from kitsu_api.db.projection import Projection
from kitsu_api.errors import BadRequest

RESERVED = frozenset({"page", "limit", "relations", "fields", "force", "cursor_created_at"})
"""Parameters that are never a filter."""

MAXIMUM_INTEGER = 2**63 - 1


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadRequest(f"Invalid UUID value: {text}") from error


def _boolean(text: str) -> bool:
    match text.lower():
        case "true" | "1" | "yes":
            return True
        case "false" | "0" | "no":
            return False
        case _:
            raise BadRequest(f"Invalid boolean value: {text}")


def _integer(text: str) -> int:
    try:
        value = int(text)
    except ValueError as error:
        raise BadRequest(f"Invalid integer value: {text}") from error
    if abs(value) > MAXIMUM_INTEGER:
        raise BadRequest(f"Integer out of range: {text}")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise BadRequest(f"Invalid number: {text}") from error


def _moment(text: str) -> dt.datetime:
    try:
        value = dt.datetime.fromisoformat(text.replace(" ", "+") if "+" in text else text)
    except ValueError as error:
        raise BadRequest(f"Invalid date and time: {text}") from error
    try:
        return value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
    except OverflowError as error:
        raise BadRequest(f"Date and time out of range: {text}") from error


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError as error:
        raise BadRequest(f"Invalid date: {text}") from error


PARSERS: tuple[tuple[type[Any], Callable[[str], Any]], ...] = (
    (sqltypes.Uuid, _uuid),
    (sqltypes.Boolean, _boolean),
    (sqltypes.Integer, _integer),
    (sqltypes.Float, _number),
    (sqltypes.DateTime, _moment),
    (sqltypes.Date, _day),
    (sqltypes.String, str),
)


def _parse(column: ColumnElement[Any], text: str) -> Any:
    if text in ("None", "null") and not isinstance(column.type, sqltypes.String):
        return None
    for kind, parser in PARSERS:
        if isinstance(column.type, kind):
            if "\x00" in text:
                raise BadRequest("A filter holds a NUL character.")
            return parser(text)
    raise BadRequest(f"Filtering on {getattr(column, 'name', 'this column')} is not allowed.")


def values_of(name: str, texts: Sequence[str]) -> list[str]:
    """The values of one filter: repeated parameters, or one JSON list (`?id=["a","b"]`)."""
    if len(texts) == 1 and texts[0].startswith("["):
        try:
            listed = json.loads(texts[0])
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"Malformed list filter for field {name}.") from error
        if not isinstance(listed, list) or not all(isinstance(item, str | int) for item in listed):
            raise BadRequest(f"Malformed list filter for field {name}.")
        return [str(item) for item in listed]
    return list(texts)


def condition(column: ColumnElement[Any], name: str, texts: Sequence[str]) -> ColumnElement[bool]:
    """The condition that one filter stands for.

    Raises:
        BadRequest: a value is not of the column's type.
    """
    values = [_parse(column, text) for text in values_of(name, texts)]
    if name == "name":
        return func.lower(column).in_([str(value).lower() for value in values])
    if None in values:
        rest = [value for value in values if value is not None]
        return column.is_(None) if not rest else column.is_(None) | column.in_(rest)
    return column == values[0] if len(values) == 1 else column.in_(values)


def conditions(
    projection: Projection, query: Sequence[tuple[str, str]], masked: Collection[str]
) -> list[ColumnElement[bool]]:
    """The conditions of a query string.

    Raises:
        BadRequest: a value is not of its column's type, or the caller may not read the column.
    """
    texts: dict[str, list[str]] = {}
    for name, text in query:
        if name not in RESERVED:
            texts.setdefault(name, []).append(text)
    found = []
    for name, values in texts.items():
        if name in projection.secret or name in masked:
            raise BadRequest(f"Filtering on {name} is not allowed.")
        column = projection.column(name)
        if column is not None:
            found.append(condition(column, name, values))
    return found
