"""Where a page ends, and how the next one goes on from there.

A cursor holds what the page's last row is ordered by. Rows that are added or taken away meanwhile move no
other, so that each row that stays as it is comes once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, false, or_

from kitsu_api.db.query.rows import Column, constant
from kitsu_api.db.query.sources import Condition
from kitsu_api.errors import BadRequest

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
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def write_cursor(mark: str, values: str) -> str:
    """A cursor of a query after the row with these values, a JSON list."""
    text = orjson.dumps([mark, orjson.Fragment(values)])
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def read_cursor(text: str, mark: str, length: int) -> list[Any]:
    """The values in a cursor.

    Raises:
        BadRequest: it is none, or one of another query.
    """
    try:
        found = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise BadRequest(MALFORMED) from None
    if not isinstance(found, list) or len(found) != 2 or not isinstance(found[1], list):
        raise BadRequest(MALFORMED)
    if found[0] != mark or len(found[1]) != length:
        raise BadRequest(OTHER_QUERY)
    if any(isinstance(value, str) and "\x00" in value for value in found[1]):
        raise BadRequest(MALFORMED)
    return found[1]
