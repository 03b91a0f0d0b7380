"""Assets, shots, sequences and episodes by the words in them: all kinds in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import SmallInteger, Text, and_, case, cast, func, literal, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from kitsu_api.db import models as m
from kitsu_api.db.repositories.search_by_words.pages import NO_MORE, Columns, Found, Slice, fenced, read
from kitsu_api.db.repositories.search_by_words.words import Condition, alike, any_of, order_of, says


def _kind(kinds: Mapping[str, Sequence[Condition]]) -> Any:
    """The place of the kind that an entity is of; null where it is of none, or not to be seen."""
    # a number: it is sorted by, and names are costly to compare
    cases = [(and_(*where), literal(place, SmallInteger)) for place, where in enumerate(kinds.values())]
    return case(*cases).label("kind")


def _columns(rows: Any) -> list[Any]:
    canceled = func.coalesce(rows.canceled, literal_column("false"))
    return [rows.id, rows.name, canceled.label("canceled")]


def _matching(rows: Any, query: str, *, forgiving: bool) -> Condition:
    return alike(rows.name, query) if forgiving else says(rows.name, rows.description, query)


def _hits(kind: Any, query: str, near: Collection[UUID] | None, *, forgiving: bool) -> Subquery:
    """Entities that match. Few of them are looked at one by one, without an index."""
    entity: Any = m.Entity
    if near is None:
        return (
            select(*_columns(entity), kind)
            .where(_matching(entity, query, forgiving=forgiving))
            .subquery("hits")
        )
    few = (
        select(*_columns(entity), entity.description, kind)
        .where(any_of(entity.id, near))
        .offset(literal_column("0"))
        .subquery("few")
    )
    return select(few).where(_matching(few.c, query, forgiving=forgiving)).subquery("hits")


async def find(
    session: AsyncSession,
    kinds: Mapping[str, Sequence[Condition]],
    query: str,
    columns: Columns,
    part: Slice,
    *,
    near: Collection[UUID] | None,
    forgiving: bool,
) -> dict[str, Found]:
    """A page of each kind, whose conditions are given.

    `near` are the ids of all that the caller may see, if they are few.
    """
    hits = _hits(_kind(kinds), query, near, forgiving=forgiving)
    order = [hits.c.canceled, *order_of(hits.c.name, query, forgiving=forgiving), hits.c.id]
    ranked = (
        select(
            hits.c.id,
            hits.c.kind,
            func.row_number().over(partition_by=hits.c.kind, order_by=order).label("place"),
            func.count().over(partition_by=hits.c.kind).label("total"),
            NO_MORE.label("more"),
        )
        .where(hits.c.kind.is_not(None))
        .subquery("ranked")
    )
    of_page = ranked.c.place > part.offset, ranked.c.place <= part.end
    number = cast(ranked.c.kind, Text).label("kind")
    page = select(ranked.c.id, number, ranked.c.place, ranked.c.total, ranked.c.more).where(*of_page)
    found = await read(session, m.Entity, fenced(page), columns)
    return {name: found[str(place)] for place, name in enumerate(kinds) if str(place) in found}
