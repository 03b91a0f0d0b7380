"""Pages of hits, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, Text, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import FromClause

Columns = Mapping[str, ColumnElement[Any]]

OWN = ("_place", "_total", "_more", "_kind")
"""Columns of a page that are not shown."""

NO_MORE: ColumnElement[Any] = literal_column("false")
NO_KIND: ColumnElement[Any] = literal_column("''", Text())


@dataclass(frozen=True)
class Found:
    """A page of hits: how many there are in all, and the rows as JSON texts."""

    total: int
    rows: list[str]
    more: bool = False
    """Whether there are more than were counted."""


NOTHING = Found(0, [])


@dataclass(frozen=True)
class Slice:
    """Which hits of a kind a page holds."""

    limit: int
    offset: int

    @property
    def end(self) -> int:
        """The place after the last hit."""
        return self.limit + self.offset


def page_of(hits: FromClause, order: Sequence[Any], part: Slice) -> CTE:
    """The ids of a page of hits, with their places and how many hits there are."""
    query = select(
        hits.c.id,
        NO_KIND.label("kind"),
        func.row_number().over(order_by=order).label("place"),
        func.count().over().label("total"),
        NO_MORE.label("more"),
    )
    return fenced(query.order_by(literal_column("place")).limit(part.limit).offset(part.offset))


def fenced(query: Select[Any]) -> CTE:
    """A page that is made before anything is read of its rows."""
    return query.cte("page").prefix_with("MATERIALIZED")


async def read(session: AsyncSession, model: type[Any], page: CTE, columns: Columns) -> dict[str, Found]:
    """The rows of a page by their kinds."""
    rows = (
        select(
            *columns.values(),
            *(page.c[name.removeprefix("_")].label(name) for name in OWN),
        )
        .join(page, page.c.id == model.id)
        .subquery("row")
    )
    shown: Any = cast(func.to_jsonb(literal_column('"row"')), JSONB)
    for name in OWN:
        shown = shown.op("-")(literal(name, Text))
    query = select(rows.c._kind, rows.c._total, rows.c._more, cast(shown, Text)).select_from(rows)
    found: dict[str, Found] = {}
    for kind, total, more, text in await session.execute(query.order_by(rows.c._kind, rows.c._place)):
        found.setdefault(kind, Found(total, [], more)).rows.append(text)
    return found
