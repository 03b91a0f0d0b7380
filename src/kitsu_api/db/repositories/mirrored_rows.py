"""Queries that compare this database with the one that it is a copy of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from kitsu_api.db.projection import Projection, json_array
from kitsu_api.db.repositories.row_copies import ids_array


async def local_ids(session: AsyncSession, table: Table) -> list[str]:
    """The ids of all rows of a table."""
    return [str(id) for id in await session.scalars(select(table.c.id))]


async def local_rows(
    session: AsyncSession, projection: Projection, ids: Collection[Any]
) -> list[dict[str, Any]]:
    """Rows of a table with their relations, as the API shows them."""
    columns = projection.columns(relations=True).values()
    query = select(*columns).where(projection.key == func.any(ids_array(ids)))
    found: list[dict[str, Any]] = orjson.loads(await json_array(session, query))
    return found


async def rows_after(session: AsyncSession, projection: Projection, last: str | None, limit: int) -> bytes:
    """The next rows of a table by id, as a JSON array; from the first one when `last` is None."""
    query = select(*projection.columns().values()).order_by(projection.key).limit(limit)
    if last is not None:
        query = query.where(projection.key > UUID(last))
    return await json_array(session, query)


async def claim(connection: AsyncConnection) -> bool:
    """Whether this connection is now the only one that copies into this database; it is while it is open.

    It stays open for days: it should be one that commits each statement by itself.
    """
    name = func.hashtextextended("kitsu-api sync", 0)
    return bool(await connection.scalar(select(func.pg_try_advisory_lock(name))))
