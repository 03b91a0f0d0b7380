"""Statements that are built and compiled once, for what is asked all the time.

Building a statement of twenty columns out of objects and finding its text in a cache takes longer than
PostgreSQL needs for it. Here the text is kept; a request only brings the values.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any

from sqlalchemy import Insert, Select
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter, True_

from kitsu_api.db.straight import StraightSession

built_once = lru_cache(maxsize=512)
"""For functions that make a piece of a statement out of columns: they make it once. An alias of a table and
its columns take SQLAlchemy longer than PostgreSQL takes to answer. Pieces are never changed, so that they
can be shared; one that joins a table must not be used twice in one FROM."""


def is_everything(condition: Any) -> bool:
    """Whether a condition holds for all rows, so that the statement without it can be kept."""
    return condition is None or isinstance(condition, True_)


_DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types there


def _written(write: Any, value: Any) -> Any:
    """A constant as the driver takes it."""
    return write(value) if callable(write) else value


class Prepared:
    """The text of one statement, whose values are its named parameters (`bindparam`).

    Lists are compared with `= ANY (…)`, for an `IN` has another text for each number of values. Columns
    come as the driver reads them: UUIDs, dates and numbers as such, JSON as dictionaries and lists.
    """

    def __init__(self, statement: Select[Any] | Insert) -> None:
        names = {
            part.key
            for part in visitors.iterate(statement)
            if isinstance(part, BindParameter) and part.required
        }
        compiled = statement.compile(dialect=_DIALECT)
        writers = {
            name: part.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
            for name, part in compiled.binds.items()
        }
        # the lists of constants that an IN compares with get their places now, once and for all
        state = compiled.construct_expanded_state(dict.fromkeys(names))
        self._sql = state.statement
        self._order = list(state.positiontup or ())
        self._write = {name: write for name in names if (write := writers[name]) is not None}
        self._constants = {
            name: value if name in names else _written(writers.get(name) or state.processors.get(name), value)
            for name, value in state.parameters.items()
        }

    def _values(self, given: dict[str, Any]) -> tuple[Any, ...]:
        values = []
        for name in self._order:
            value = given[name] if name in given else self._constants[name]
            write = self._write.get(name)
            values.append(value if write is None else write(value))
        return tuple(values)

    async def rows(self, session: AsyncSession, **values: Any) -> list[Any]:
        """All rows of the answer."""
        given = self._values(values)
        if isinstance(session, StraightSession):
            rows = await session.fetch(self._sql, given)
            if rows is not None:
                return rows
        connection = await session.connection()
        return list((await connection.exec_driver_sql(self._sql, given)).all())

    async def run(self, session: AsyncSession, **values: Any) -> None:
        """Run a statement that writes. What the session holds back is not written before."""
        connection = await session.connection()
        await connection.exec_driver_sql(self._sql, self._values(values))

    async def row(self, session: AsyncSession, **values: Any) -> Any:
        """The first row, or None."""
        found = await self.rows(session, **values)
        return found[0] if found else None

    async def scalar(self, session: AsyncSession, **values: Any) -> Any:
        """The first column of the first row, or None."""
        found = await self.row(session, **values)
        return None if found is None else found[0]


class Statements:
    """Statements of one kind, each built when it is first asked for and kept by its shape.

    A shape is what changes the text: which columns, which joins. It must come from few, never from what
    a caller may make up.
    """

    LIMIT = 500

    def __init__(self, build: Callable[..., Select[Any] | Insert]) -> None:
        self._build = build
        self._kept: dict[tuple[Hashable, ...], Prepared] = {}

    def __call__(self, *shape: Hashable) -> Prepared:
        """The statement of this shape."""
        found = self._kept.get(shape)
        if found is None:
            if len(self._kept) >= self.LIMIT:
                self._kept.clear()
            found = self._kept[shape] = Prepared(self._build(*shape))
        return found
