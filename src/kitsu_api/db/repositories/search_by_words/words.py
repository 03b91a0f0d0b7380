"""Conditions by the words of a query: what says them, and what is spelt much like them.

What the query says is a parameter of the statements, which are kept. Functions of it stand in subqueries of
their own: PostgreSQL works those out once, not for each row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, UnaryExpression, bindparam, collate, func, or_, select

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


def has_parts(query: str) -> bool:
    """Whether a query can be looked for within words.

    One or two letters are not, as no index has them; but where a script has no spaces between words, two
    signs are much.
    """
    return len(query.strip()) >= SHORTEST_PART or not query.isascii()


def values_of(query: str) -> dict[str, Any]:
    """The parameters that a query is of statements with these conditions."""
    return {"query": query, "wanted": query.strip().lower()}


def _parameter(name: str) -> Any:
    return bindparam(name, type_=Text())


def said(first: Any, second: Any) -> ColumnElement[Any]:
    """The words of a row, as an index has them."""
    return func.kitsu_api_document(first, second)


def says(first: Any, second: Any, words: str = "query") -> Condition:
    """Rows in whose text every word of the parameter of this name begins a word."""
    wanted = select(func.kitsu_api_words(_parameter(words))).scalar_subquery()
    found: Condition = said(first, second).op("@@")(wanted)
    return found


def alike(column: Any, *, parts: bool) -> Condition:
    """Rows whose name holds the query (with `parts`), or something that is spelt much like it."""
    folded, name = func.kitsu_api_fold(_parameter("query")), func.kitsu_api_fold(column)
    near: Condition = func.kitsu_api_alike(select(folded).scalar_subquery(), name)
    if not parts:
        return near
    part = func.concat("%", func.btrim(folded), "%")
    holds: Condition = name.like(select(part).scalar_subquery())
    return or_(near, holds)


def order_of(rows: Any, *, forgiving: bool) -> list[Any]:
    """The best first: a name that is the query, names that begin with it, the shorter ones; or, forgiving,
    what is most like it. The rows have a column `name`, and `lower` for the same in lower case.

    Plain functions of PostgreSQL, and the plainest of its orders: a word that begins ten thousand names is
    ranked as fast as a rare one.
    """
    name, lower, wanted = rows.name, rows.lower, _parameter("wanted")
    plain = collate(lower, "C")
    if forgiving:
        folded = select(func.kitsu_api_fold(_parameter("query"))).scalar_subquery()
        return [func.kitsu_api_likeness(folded, func.kitsu_api_fold(name)).desc(), plain]
    return [(lower == wanted).desc(), func.starts_with(lower, wanted).desc(), func.length(name), plain]


def names_of(name: Any) -> list[Any]:
    """The columns that `order_of` takes, in a subquery with a fence: worked out once for each row."""
    return [name.label("name"), func.lower(name).label("lower")]


def named(order: Sequence[Any]) -> list[Any]:
    """What an order goes by, as columns, so that PostgreSQL knows them again outside."""
    plain = (rank.element if isinstance(rank, UnaryExpression) else rank for rank in order)
    return [rank.label(f"rank{place}") for place, rank in enumerate(plain)]


def ranks_of(rows: Any) -> list[Any]:
    """The columns that `named` made."""
    return [column for column in rows.c if column.key.startswith("rank")]


def same_way(columns: Iterable[Any], order: Sequence[Any]) -> list[Any]:
    """Columns that `named` made, in the directions of the order that they come from."""
    return [
        column.desc() if isinstance(rank, UnaryExpression) else column
        for column, rank in zip(columns, order, strict=True)
    ]
