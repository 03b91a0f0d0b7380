"""What a JSON value means to a column."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.sql import sqltypes
from sqlalchemy.types import TypeEngine

from kitsu_api.errors import BadRequest

_INTEGER_LIMIT, _BIG_LIMIT = 2**31 - 1, 2**63 - 1


def _uuid(value: Any) -> UUID:
    return UUID(_text(value))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _whole(value: Any, limit: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > limit:
        raise ValueError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _exact(value: Any) -> Decimal:
    number = Decimal(_text(value))
    if not number.is_finite():
        raise ValueError
    return number


def _moment(value: Any) -> dt.datetime:
    moment = dt.datetime.fromisoformat(_text(value))
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _day(value: Any) -> dt.date:
    return dt.date.fromisoformat(_text(value))


_READERS: tuple[tuple[type[TypeEngine[Any]], str, Callable[[Any], Any]], ...] = (
    (sqltypes.Uuid, "an id", _uuid),
    (sqltypes.Boolean, "true or false", _boolean),
    (sqltypes.BigInteger, "a whole number", lambda value: _whole(value, _BIG_LIMIT)),
    (sqltypes.Integer, "a whole number of 32 bits", lambda value: _whole(value, _INTEGER_LIMIT)),
    (sqltypes.Float, "a number", _number),
    # sums, which only cursors bring back: as texts, for numbers of JSON lose digits
    (sqltypes.Numeric, "a number", _exact),
    (sqltypes.DateTime, "a moment such as 2026-11-23T19:16:59", _moment),
    (sqltypes.Date, "a day such as 2026-11-23", _day),
    (sqltypes.String, "a text", _text),
)


def is_json(kind: TypeEngine[Any]) -> bool:
    """Whether a column holds JSON."""
    return isinstance(kind, sqltypes.JSON)


def is_list(kind: TypeEngine[Any]) -> bool:
    """Whether a column holds an array of texts."""
    return isinstance(kind, sqltypes.ARRAY)


def is_text(kind: TypeEngine[Any]) -> bool:
    """Whether a column holds text."""
    return isinstance(kind, sqltypes.String)


def is_number(kind: TypeEngine[Any]) -> bool:
    """Whether a column holds numbers."""
    return isinstance(kind, sqltypes.Integer | sqltypes.Float | sqltypes.Numeric)


def read_value(path: str, kind: TypeEngine[Any], value: Any) -> Any:
    """A JSON value as one of this type; null stays null, JSON stays as it is.

    Raises:
        BadRequest: it is of another type, or too large.
    """
    if value is None or is_json(kind):
        return value
    if is_list(kind):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        raise BadRequest(f"{path}: expected a list of texts.")
    for base, words, read in _READERS:
        if isinstance(kind, base):
            try:
                return read(value)
            except (ValueError, ArithmeticError):
                raise BadRequest(f"{path}: expected {words}.") from None
    raise BadRequest(f"{path} can't be compared.")
