"""Queries: what they may cost."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.query.running import run_query
from kitsu_api.db.query.sources import Enter
from kitsu_api.errors import BadRequest
from kitsu_api.schemas.queries import AndFilter, Comparison, Filter, NotFilter, OrFilter, QueryRequest

MOST_LEVELS = 8
MOST_COMPARISONS = 100
MOST_VALUES = 1000
"""Values of all lists of a filter."""

MILLISECONDS = 10_000
"""For how long a query may run."""


def _measure(wish: Filter, level: int = 1) -> tuple[int, int]:
    """Comparisons of a filter, and values in their lists.

    Raises:
        BadRequest: it is too deep.
    """
    if level > MOST_LEVELS:
        raise BadRequest(f"filter: at most {MOST_LEVELS} levels of `and`, `or` and `not`.")
    match wish:
        case AndFilter():
            parts = [_measure(one, level + 1) for one in wish.all_of]
        case OrFilter():
            parts = [_measure(one, level + 1) for one in wish.any_of]
        case NotFilter():
            parts = [_measure(wish.none_of, level + 1)]
        case Comparison():
            return 1, len(wish.value) if isinstance(wish.value, list) else 0
    return sum(part[0] for part in parts), sum(part[1] for part in parts)


def check_cost(wish: QueryRequest) -> None:
    """Refuse what would keep the database busy for nobody's good.

    Raises:
        BadRequest: the filter is too deep, or has too many comparisons or values.
    """
    if wish.where is None:
        return
    comparisons, values = _measure(wish.where)
    if comparisons > MOST_COMPARISONS:
        raise BadRequest(f"filter: at most {MOST_COMPARISONS} comparisons.")
    if values > MOST_VALUES:
        raise BadRequest(f"filter: at most {MOST_VALUES} values in lists.")


async def answer(session: AsyncSession, enter: Enter, source: str, wish: QueryRequest) -> bytes:
    """The answer to a query, as JSON.

    Raises:
        BadRequest: it can't be understood, asks for too much or takes too long.
        Forbidden: the caller may not read a field, or what a relation leads to.
    """
    check_cost(wish)
    return await run_query(session, enter, source, wish, MILLISECONDS)
