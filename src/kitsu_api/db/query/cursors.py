"""Where a page ends, and how the next one goes on from there.

A cursor holds what the page's last row is ordered by. Rows that are added or taken away meanwhile move no
other, so that each row that stays as it is comes once.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, false, or_

from kitsu_api.db.query.rows import Column, constant
from kitsu_api.db.query.sources import Condition
from kitsu_api.errors import BadRequest
from kitsu_api.schemas.base import JsonDocument

_CURSOR: TypeAdapter[tuple[str, list[Any]]] = TypeAdapter(tuple[str, list[JsonDocument]])

OTHER_QUERY = "The cursor is of another query: keep its filter and order, or begin anew without it."
MALFORMED = "The cursor is none of ours: take `next_cursor` as it is."


@dataclass(frozen=True)
class Key:
    """A column that rows are ordered by; what is missing comes last, in either direction."""

    column: Column
    descending: bool = False

    @property
    def ordered(self) -> ColumnElement[Any]:
        """What to order by."""
        return self.ordering(self.column.raw)

    def ordering(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """The same of another column that holds the values of this one."""
        return column.desc().nulls_last() if self.descending else column.asc().nulls_last()

    def same(self, value: Any) -> Condition:
        """Rows with this value."""
        raw = self.column.raw
        return raw.is_(None) if value is None else raw == constant(self.column, value)

    def beyond(self, value: Any) -> Condition:
        """Rows that come after those with this value."""
        if value is None:
            return false()
        raw, other = self.column.raw, constant(self.column, value)
        after: Condition = raw < other if self.descending else raw > other
        return or_(after, raw.is_(None))


def after(keys: Sequence[Key], values: Sequence[Any]) -> Condition:
    """Rows that come after the one with these values, which name one row alone."""
    choices: list[Condition] = []
    for place, key in enumerate(keys):
        before = [earlier.same(value) for earlier, value in zip(keys[:place], values, strict=False)]
        choices.append(and_(*before, key.beyond(values[place])))
    return or_(*choices)


def fingerprint(*parts: Any) -> str:
    """What tells one query from another."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def write_cursor(mark: str, values: str) -> str:
    """A cursor of a query after the row with these values, a JSON list."""
    return base64.urlsafe_b64encode(f"[{json.dumps(mark)},{values}]".encode()).decode().rstrip("=")


def read_cursor(text: str, mark: str, length: int) -> list[Any]:
    """The values in a cursor.

    Raises:
        BadRequest: it is none, or one of another query.
    """
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        known, values = _CURSOR.validate_python(json.loads(decoded))
    except (ValueError, RecursionError):  # of base64, JSON and the form of a cursor
        raise BadRequest(MALFORMED) from None
    if known != mark or len(values) != length:
        raise BadRequest(OTHER_QUERY)
    return values
