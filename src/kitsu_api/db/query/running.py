"""Queries run against the database, for no longer than they may."""

from __future__ import annotations

from typing import Any

from asyncpg.exceptions import QueryCanceledError
from sqlalchemy import Select, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.query.cursors import write_cursor
from kitsu_api.db.query.groups import groups_json, groups_of, mark_of_groups
from kitsu_api.db.query.pages import mark_of, page_json, page_of
from kitsu_api.db.query.sources import Enter
from kitsu_api.errors import BadRequest
from kitsu_api.schemas.queries import QueryRequest


async def _rows(session: AsyncSession, statement: Select[Any], milliseconds: int) -> list[Any]:
    """The rows of a statement.

    Raises:
        BadRequest: it takes too long.
    """
    await session.execute(select(func.set_config("statement_timeout", str(milliseconds), True)))
    try:
        return list((await session.execute(statement)).all())
    except DBAPIError as error:
        cause: Any = error.orig
        if isinstance(getattr(cause, "__cause__", None), QueryCanceledError):
            raise BadRequest(
                f"The query takes more than {milliseconds / 1000:g} s. Narrow it, by a production first."
            ) from None
        raise


async def run_query(
    session: AsyncSession, enter: Enter, source: str, wish: QueryRequest, milliseconds: int
) -> bytes:
    """The answer to a query as JSON, in two statements.

    Raises:
        BadRequest: it can't be understood, or takes too long.
        Forbidden: the caller may not read a field.
    """
    if wish.is_grouped:
        statement, mark, write = groups_of(enter, source, wish), mark_of_groups(source, wish), groups_json
    else:
        statement, mark, write = page_of(enter, source, wish), mark_of(source, wish), page_json
    [row] = await _rows(session, statement, milliseconds)
    texts, places = row[0] or [], row[1] or []
    more = len(texts) > wish.limit
    cursor = write_cursor(mark, places[wish.limit - 1]) if more else None
    return write(texts[: wish.limit], cursor, row[2])
