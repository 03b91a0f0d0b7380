"""A page of rows, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, Text, cast, func, literal_column, null, select
from sqlalchemy.sql.selectable import Subquery

from kitsu_api.db.query.conditions import condition_of
from kitsu_api.db.query.cursors import Key, after, fingerprint, read_cursor
from kitsu_api.db.query.rows import Row, Statement, split, to_one
from kitsu_api.db.query.shapes import check_cost, columns_of, tree_of
from kitsu_api.db.query.sources import Condition, Enter
from kitsu_api.db.query.values import is_list
from kitsu_api.errors import BadRequest
from kitsu_api.schemas.queries import QueryOrder, QueryRequest

OLDEST_FIRST = ("created_at",)


def _keys(row: Row, order: Sequence[QueryOrder]) -> list[Key]:
    """What rows are ordered by: what was asked for, and their ids, so that no two have the same place."""
    wishes = order or [QueryOrder(field=name) for name in OLDEST_FIRST if name in row.names]
    keys = [
        Key(to_one(row, split(wish.field), "order by"), descending=wish.direction == "desc")
        for wish in wishes
    ]
    for key in keys:
        if is_list(key.column.kind):
            raise BadRequest(f"{key.column.path} is a list: it is nothing to order by.")
    return [*keys, Key(row.column("id"))]


def mark_of(source: str, wish: QueryRequest) -> str:
    """What cursors of a query are known by."""
    told = wish.model_dump(mode="json", include={"where", "order"})
    return fingerprint(source, told["where"], told["order"])


def page_of(enter: Enter, source: str, wish: QueryRequest) -> Select[Any]:
    """A statement of one row: the texts of the page's rows and one more, where each stands, and how many
    rows there are in all.

    Raises:
        BadRequest: a path leads nowhere, a value does not fit, or the cursor is of another query.
        Forbidden: the caller may not read a field.
    """
    statement = Statement(enter)
    row = Row(statement, source)
    keys = _keys(row, wish.order)
    where: list[Condition] = [row.seen]
    if wish.where is not None:
        where.append(condition_of(row, wish.where))
    counted = null() if not wish.count else _counted(row, where)
    if wish.cursor is not None:
        where.append(after(keys, read_cursor(wish.cursor, mark_of(source, wish), len(keys))))
    page = _places(row, keys, where, wish.limit + 1)
    text = _text_of(Row(statement, source), page, wish)
    order = [key.ordering(page.c[f"k{place}"]) for place, key in enumerate(keys)]
    rows = select(text.label("text"), page.c.place).order_by(*order).subquery("rows")
    return select(func.array_agg(rows.c.text), func.array_agg(rows.c.place), counted)


def _places(row: Row, keys: Sequence[Key], where: Sequence[Condition], limit: int) -> Subquery:
    """The rows of a page and where they stand: narrow ones, what is costly is read of them alone."""
    places = func.json_build_array(*(key.column.raw for key in keys))
    return (
        select(
            row.alias.id.label("id"),
            cast(places, Text).label("place"),
            *(key.column.raw.label(f"k{place}") for place, key in enumerate(keys)),
        )
        .select_from(row.tables())
        .where(*where)
        .order_by(*(key.ordered for key in keys))
        .limit(limit)
        .subquery("page")
    )


def _text_of(row: Row, page: Subquery, wish: QueryRequest) -> ColumnElement[Any]:
    """What is shown of a row of the page, as the text of a JSON object."""
    tree = tree_of(row, wish.fields)
    check_cost(row, tree, wish.limit)
    whole = (
        select(*columns_of(row, tree))
        .select_from(row.tables())
        .where(row.alias.id == page.c.id)
        .correlate(page)
        .subquery("whole")
    )
    text = cast(func.row_to_json(literal_column('"whole"')), Text)
    return select(text).select_from(whole).scalar_subquery()


def _counted(row: Row, where: Sequence[Condition]) -> Any:
    """How many rows meet all conditions, as a column."""
    return select(func.count()).select_from(row.tables()).where(*where).scalar_subquery()


def page_json(texts: Sequence[str], next_cursor: str | None, total: int | None) -> bytes:
    """The answer of a page, out of rows that are JSON already."""
    rest = {"next_cursor": next_cursor, "total": total, "groups": None, "has_more": next_cursor is not None}
    return b'{"data":[' + ",".join(texts).encode() + b"]," + orjson.dumps(rest)[1:]
