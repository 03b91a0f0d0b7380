"""Statements that are built and compiled once, for what is asked all the time.

Building a statement of twenty columns out of objects and finding its text in a cache takes longer than
PostgreSQL needs for it. Here the text is kept; a request only brings the values.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Hashable, Mapping, Sequence
from contextlib import aclosing
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Insert, Select, cast, select
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.asyncio import AsyncResult, AsyncSession
from sqlalchemy.sql.elements import BindParameter, True_

from kitsu_api.db.straight import StraightSession

V = TypeVar("V")

built_once = lru_cache(maxsize=512)
"""For functions that make a piece of a statement out of columns: they make it once. An alias of a table and
its columns take SQLAlchemy longer than PostgreSQL takes to answer. Pieces are never changed, so that they
can be shared; one that joins a table must not be used twice in one FROM."""


def is_everything(condition: Any) -> bool:
    """Whether a condition holds for all rows, so that the statement without it can be kept."""
    return condition is None or isinstance(condition, True_)


class Given:
    """The parameters that a request's conditions brought, and what they are called in a statement's text."""

    def __init__(self, parameters: Sequence[BindParameter[Any]]) -> None:
        self._places = {parameter: place for place, parameter in enumerate(parameters)}
        self.names: dict[str, int] = {}

    @property
    def are_all_named(self) -> bool:
        """Whether each of them is a parameter of the text: one that is not may be a constant there."""
        return set(self.names.values()) == set(self._places.values())

    def place(self, parameter: BindParameter[Any]) -> int | None:
        """Which of them a parameter is, or was before the statement was put together; None: a constant."""
        found = self._places.get(parameter)
        if found is None and self._places:
            found = next((self._places[one] for one in parameter._cloned_set if one in self._places), None)
        return found


def unseen(value: BindParameter[V]) -> ColumnElement[V]:
    """A value that PostgreSQL doesn't look at when it plans.

    For statements whose planning takes longer than their rows. Where a plan for just this value seems better
    than one for any, even by a little, PostgreSQL plans anew each time; with what it can't see it plans once,
    as for a value of average frequency. Not where some values are a thousand times as frequent as others.
    """
    return cast(select(value).scalar_subquery(), value.type)


class _WithConstants(PGCompiler_asyncpg):
    """Writes constants into the text, typed as they would be as parameters.

    A statement of twenty columns holds a hundred of them: names of fields, formats, types. As parameters
    they are sent each time, and PostgreSQL plans each time, since other values might have a better plan.
    """

    def visit_bindparam(
        self, bindparam: BindParameter[Any], *args: Any, given: Given | None = None, **how: Any
    ) -> Any:
        """A parameter, or the value of a constant."""
        written: Any = super().visit_bindparam
        if given is not None and (place := given.place(bindparam)) is not None:
            text = written(bindparam, *args, **how)
            given.names[self.bind_names[bindparam]] = place
            return text
        if bindparam.required or bindparam.callable is not None or how.get("literal_binds"):
            return written(bindparam, *args, **how)
        try:
            text = written(bindparam, *args, **how, literal_binds=True)
        except (NotImplementedError, CompileError):
            # of a type that has no text; it stays a parameter
            return written(bindparam, *args, **how)
        kind = bindparam.type.dialect_impl(self.dialect)
        typed = kind.render_bind_cast and not bindparam.expanding
        cast: Any = self.render_bind_cast
        return cast(bindparam.type, kind, text) if typed else text


class _Dialect(asyncpg_dialect):
    """The dialect of statements that are kept: nothing in their text comes from a request."""

    statement_compiler = _WithConstants
    supports_statement_cache = True
    _backslash_escapes = False  # as PostgreSQL reads texts since 9.1


_DIALECT = _Dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types there


def _written(write: Any, value: Any) -> Any:
    """A constant as the driver takes it."""
    return write(value) if callable(write) else value


class Prepared:
    """The text of one statement, whose values are its named parameters (`bindparam`).

    Lists are compared with `= ANY (…)`, for an `IN` has another text for each number of values. Columns
    come as the driver reads them: UUIDs, dates and numbers as such, JSON as dictionaries and lists.
    """

    def __init__(
        self,
        statement: Select[Any] | Insert,
        given: Given | None = None,
        lists: Mapping[int, int] | None = None,
    ) -> None:
        """`given` are parameters that have no names of their own; `lists` says how long those are that are
        lists, as an IN writes out each of their values."""
        compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"given": given} if given else {})
        # of what is written: SQLAlchemy leaves out what can't hold (nothing AND something is nothing)
        names = {name for name, part in compiled.binds.items() if part.required}
        writers = {
            name: part.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
            for name, part in compiled.binds.items()
        }
        # the lists of constants that an IN compares with get their places now, once and for all
        filled: dict[str, Any] = dict.fromkeys(names)
        for name, place in given.names.items() if given else ():
            length = (lists or {}).get(place)
            filled[name] = None if length is None else [None] * length
        state = compiled.construct_expanded_state(filled)
        self._sql = state.statement
        self._order = list(state.positiontup or ())
        self._write = {
            name: write
            for name in (self._order if given else names)
            if (write := writers.get(name) or state.processors.get(name)) is not None and callable(write)
        }
        self._constants = {
            name: value
            if name in self._write
            else _written(writers.get(name) or state.processors.get(name), value)
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

    async def joined(self, session: AsyncSession, **values: Any) -> str:
        """The texts in the first column, with commas between them.

        What PostgreSQL joins comes when the last row is made; rows come, and are read, while others are made.
        """
        return ",".join([row[0] for row in await self.rows(session, **values)])

    async def batches(self, session: AsyncSession, size: int, **values: Any) -> AsyncGenerator[list[Any]]:
        """The rows of a long answer, `size` at a time; the session is asked nothing else meanwhile."""
        given = self._values(values)
        if isinstance(session, StraightSession):
            found = await session.batches(self._sql, given, size)
            if found is not None:
                async with aclosing(found):
                    async for rows in found:
                        yield rows
                return
        connection = await session.connection()
        wish = {"stream_results": True, "yield_per": size}
        result = await connection.run_sync(
            lambda sync: sync.exec_driver_sql(self._sql, given, execution_options=wish)
        )
        async for some in AsyncResult(result).partitions(size):
            yield list(some)

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
