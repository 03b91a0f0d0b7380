"""Many rows in one statement: their values travel as arrays, one for each column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Uuid,
    any_,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import Base, now

Rows = Sequence[Mapping[str, Any]]


def among(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column has one of these values. They travel as one array: PostgreSQL takes 32,767 parameters
    at most, and `IN` needs one for each."""
    found: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(column.type)))
    return found


def _arrays(model: type[Base], rows: Rows) -> Select[Any]:
    """Rows of values as a query; all have the same columns."""
    table = model.__table__
    columns = [
        func.unnest(literal([row[name] for row in rows], ARRAY(table.c[name].type))).label(name)
        for name in rows[0]
    ]
    return select(*columns)


def in_order(ids: Sequence[UUID]) -> FromClause:
    """Ids (`id`) and their places (`place`, from 0), to join with."""
    return select(
        func.unnest(literal(list(ids), ARRAY(Uuid()))).label("id"),
        func.unnest(literal(list(range(len(ids))), ARRAY(Integer))).label("place"),
    ).subquery("wanted")


def moments(count: int) -> list[dt.datetime]:
    """As many moments from now on, a microsecond apart: rows that are made together keep their order."""
    start = now()
    return [start + dt.timedelta(microseconds=place) for place in range(count)]


async def insert_rows(session: AsyncSession, model: type[Base], rows: Rows, **same: Any) -> None:
    """Insert rows, which all have the same columns, ids among them; `same` are values that all share.

    Defaults fill in what is absent. Rows of tables with timestamps are made a microsecond apart.
    """
    if not rows:
        return
    if "created_at" in model.__table__.c and "created_at" not in rows[0]:
        stamps = [name for name in ("created_at", "updated_at") if name in model.__table__.c]
        made = moments(len(rows))
        rows = [{**row, **dict.fromkeys(stamps, moment)} for row, moment in zip(rows, made, strict=True)]
    shared = [literal(value, model.__table__.c[name].type).label(name) for name, value in same.items()]
    query = _arrays(model, rows).add_columns(*shared)
    await session.execute(insert(model).from_select([*rows[0], *same], query))


def values_of(model: type[Base], rows: Rows, name: str = "fresh") -> FromClause:
    """Rows of values as something to join with; all have the same columns."""
    return _arrays(model, rows).subquery(name)


async def update_rows(session: AsyncSession, model: type[Base], rows: Rows, **same: Any) -> None:
    """Set columns of the rows of the ids given; all rows set the same columns, and `updated_at` moves.

    `same` are values that all share. Objects of the session that stand for these rows are not refreshed.
    """
    if not rows:
        return
    fresh = values_of(model, rows)
    changed: dict[str, Any] = {name: fresh.c[name] for name in rows[0] if name != "id"}
    statement = (
        update(model)
        .where(model.__table__.c["id"] == fresh.c.id)
        .values({**changed, **same, "updated_at": now()})
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)
