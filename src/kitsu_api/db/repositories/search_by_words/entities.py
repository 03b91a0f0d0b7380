"""Assets, shots, sequences and episodes by the words in them: all kinds in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import SmallInteger, Text, and_, case, cast, func, literal, literal_column, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.prepared import Statements
from kitsu_api.db.repositories.search_by_words.kinds import SEARCHED
from kitsu_api.db.repositories.search_by_words.pages import (
    FENCE,
    LIMIT,
    NO_MORE,
    OFFSET,
    Found,
    Sight,
    Wanted,
    fenced,
    found_in,
    shown,
)
from kitsu_api.db.repositories.search_by_words.words import (
    alike,
    has_parts,
    named,
    names_of,
    order_of,
    ranks_of,
    same_way,
    says,
)

KINDS = tuple(name for name, searched in SEARCHED.items() if searched.model is m.Entity)


def _kind(sight: Sight, kinds: Sequence[str]) -> Any:
    """The place of the kind that an entity is of; null where it is of none, or not to be seen."""
    # a number: it is sorted by, and names are costly to compare
    cases = [
        (and_(*_of_kind(name), *sight.where(name)), literal(place, SmallInteger))
        for place, name in enumerate(kinds)
    ]
    return case(*cases).label("kind")


def _of_kind(name: str) -> list[Any]:
    kind = SEARCHED[name].kind
    return [] if kind is None else [kind]


def _statement(sight: Sight, kinds: tuple[str, ...], forgiving: bool, parts: bool) -> Any:
    """A page of each kind. All that match are counted, but none but the first are put in order."""
    entity: Any = m.Entity
    matching = alike(entity.name, parts=parts) if forgiving else says(entity.name, entity.description)
    canceled = func.coalesce(entity.canceled, literal_column("false")).label("canceled")
    # the fence: or the kind would be worked out twice, for the condition and for the column
    matches = (
        select(entity.id, *names_of(entity.name), canceled, _kind(sight, kinds))
        .where(matching)
        .offset(FENCE)
        .subquery("matches")
    )
    hits = select(matches).where(matches.c.kind.is_not(None)).cte("hits").prefix_with("MATERIALIZED")
    totals = select(hits.c.kind, func.count().label("total")).group_by(hits.c.kind).subquery("totals")
    order = [hits.c.canceled, *order_of(hits.c, forgiving=forgiving), hits.c.id]
    first = (
        select(hits.c.id, *named(order))
        .where(hits.c.kind == totals.c.kind)
        .order_by(*order)
        .limit(LIMIT)
        .offset(OFFSET)
        .correlate(totals)
        .lateral("first")
    )
    places = func.row_number().over(partition_by=totals.c.kind, order_by=same_way(ranks_of(first), order))
    page = select(
        first.c.id,
        cast(totals.c.kind, Text).label("kind"),
        places.label("place"),
        totals.c.total,
        NO_MORE.label("more"),
    ).select_from(totals.join(first, true()))
    return shown(entity, fenced(page), sight.columns(kinds[0]))


_FOUND = Statements(_statement)


async def find(
    session: AsyncSession, wanted: Wanted, kinds: Sequence[str], *, forgiving: bool
) -> dict[str, Found]:
    """A page of each kind."""
    kinds = tuple(name for name in KINDS if name in kinds)
    statement = _FOUND(wanted.sight, kinds, forgiving, forgiving and has_parts(wanted.query))
    found = found_in(await statement.rows(session, **wanted.parameters))
    return {name: found[str(place)] for place, name in enumerate(kinds) if str(place) in found}
