"""Pages of hits, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import FromClause

from kitsu_api.db.repositories.search_by_words.words import Condition, values_of

Columns = Mapping[str, ColumnElement[Any]]

OWN = ("_place", "_total", "_more", "_kind")
"""Columns of a page that are not shown."""

NO_MORE: ColumnElement[Any] = literal_column("false")
NO_KIND: ColumnElement[Any] = literal_column("''", Text())
FENCE: ColumnElement[int] = literal_column("0")
"""An OFFSET that leaves nothing out: PostgreSQL works out what is inside of it by itself."""


def unknown(name: str, kind: Any) -> Any:
    """A parameter in a subquery of its own.

    PostgreSQL plans for it as for one that it does not know. Did it know, it would take the plan that it can
    keep for a worse one, and plan for each request; what is here is written so that one plan is good for all.
    """
    parameter: Any = bindparam(name, type_=kind)
    return cast(select(parameter).scalar_subquery(), kind)


LIMIT = unknown("limit", Integer())
OFFSET = unknown("offset", Integer())
END = unknown("end", Integer())


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


@dataclass(frozen=True)
class Sight:
    """What of each kind may be found, and what is shown of it: what statements are made of, and kept by.

    Ids are parameters of the conditions, never in them. Sights with the same key have the same conditions and
    columns.
    """

    key: Hashable
    where: Callable[[str], Sequence[Condition]] = field(compare=False)
    where_few: Callable[[str], Sequence[Condition]] = field(compare=False)
    """The same conditions, written for rows that are few: they are asked of one after the other."""
    columns: Callable[[str], Columns] = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to look for.

    `values` are the parameters of the sight; `worker` is who sees nothing but what they are assigned to, and
    what is around it.
    """

    query: str
    kinds: Sequence[str]
    part: Slice
    sight: Sight
    values: Mapping[str, Any] = field(default_factory=dict)
    worker: UUID | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of all statements that look for it."""
        part = self.part
        page = {"limit": part.limit, "offset": part.offset, "end": part.end}
        return {**self.values, **values_of(self.query), **page}


def page_of(hits: FromClause, order: Sequence[Any]) -> CTE:
    """The ids of a page of hits, with their places and how many hits there are."""
    query = select(
        hits.c.id,
        NO_KIND.label("kind"),
        func.row_number().over(order_by=order).label("place"),
        func.count().over().label("total"),
        NO_MORE.label("more"),
    )
    return fenced(query.order_by(literal_column("place")).limit(LIMIT).offset(OFFSET))


def fenced(query: Select[Any]) -> CTE:
    """A page that is made before anything is read of its rows."""
    return query.cte("page").prefix_with("MATERIALIZED")


def shown(model: type[Any], page: CTE, columns: Columns) -> Select[Any]:
    """The rows of a page, as `found_in` takes them."""
    rows = (
        select(
            *columns.values(),
            *(page.c[name.removeprefix("_")].label(name) for name in OWN),
        )
        .join(page, page.c.id == model.id)
        .subquery("row")
    )
    row: Any = cast(func.to_jsonb(literal_column('"row"')), JSONB)
    for name in OWN:
        row = row.op("-")(literal(name, Text))
    query = select(rows.c._kind, rows.c._total, rows.c._more, cast(row, Text)).select_from(rows)
    return query.order_by(rows.c._kind, rows.c._place)


def found_in(rows: Iterable[Any]) -> dict[str, Found]:
    """The rows of a page by their kinds."""
    found: dict[str, Found] = {}
    for kind, total, more, text in rows:
        found.setdefault(kind, Found(total, [], more)).rows.append(text)
    return found
