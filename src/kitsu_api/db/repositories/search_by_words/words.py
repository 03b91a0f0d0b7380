"""Conditions by the words of a query: what says them, and what is spelt much like them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, collate, func, literal, or_

Condition = ColumnElement[bool]

ALIKE = "0.3"
"""How alike a part of a name must be, from 0 to 1, to be what was meant: two letters in each other's place
leave a third of a short word's trigrams."""

ALIKE_WITH_DIGITS = "0.45"
"""The same for a query with digits: by what their names begin with, all shots of a film are a third alike."""

SHORTEST_PART = 3
"""Letters that an index of trigrams finds within words."""

MAXIMUM_WORDS = 12
"""Words of a query that count; each is a condition."""

_WORD = re.compile(r"[^\W_]+")


def words_of(query: str) -> list[str]:
    """The words of a query, in lower case."""
    return [word.lower() for word in _WORD.findall(query)][:MAXIMUM_WORDS]


def threshold_of(query: str) -> str:
    """How alike names must be to a query."""
    return ALIKE_WITH_DIGITS if any(letter.isdigit() for letter in query) else ALIKE


def any_of(column: Any, ids: Collection[UUID]) -> Condition:
    """Rows of these ids, whose number does not change the statement."""
    found: Condition = column == func.any(literal(list(ids), ARRAY(Uuid)))
    return found


def says(first: Any, second: Any, query: str) -> Condition:
    """Rows in whose text every word of the query begins a word."""
    found: Condition = func.kitsu_api_document(first, second).op("@@")(func.kitsu_api_words(query))
    return found


def alike(column: Any, query: str) -> Condition:
    """Rows whose name holds the query, or something that is spelt much like it.

    One or two letters within a word are not looked for, as no index has them; but where a script has no
    spaces between words, two signs are much.
    """
    folded, name = func.kitsu_api_fold(query), func.kitsu_api_fold(column)
    near: Condition = func.kitsu_api_alike(folded, name)
    if len(query.strip()) < SHORTEST_PART and query.isascii():
        return near
    holds: Condition = name.like(func.concat("%", func.btrim(folded), "%"))
    return or_(near, holds)


def order_of(name: Any, query: str, *, forgiving: bool) -> list[Any]:
    """The best first: a name that is the query, names that begin with it, the shorter ones; or, forgiving,
    what is most like it.

    Plain functions of PostgreSQL, and the plainest of its orders: a word that begins ten thousand names is
    ranked as fast as a rare one.
    """
    lower, wanted = func.lower(name), query.strip().lower()
    plain = collate(lower, "C")
    if forgiving:
        likeness = func.kitsu_api_likeness(func.kitsu_api_fold(query), func.kitsu_api_fold(name))
        return [likeness.desc(), plain]
    return [(lower == wanted).desc(), func.starts_with(lower, wanted).desc(), func.length(name), plain]
