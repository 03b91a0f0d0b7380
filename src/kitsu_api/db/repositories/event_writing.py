"""Events as they are written into the log: in statements that are built once, since every write has some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Insert, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import Base
from kitsu_api.db.models import ApiEvent, EventLogEntry
from kitsu_api.db.prepared import Statements
from kitsu_api.db.repositories.bulk import moments

Rows = Sequence[dict[str, Any]]

LOGGED = ("id", "name", "data", "project_id", "user_id", "created_at", "updated_at")
TOLD = ("name", "data", "user_id", "audience_id", "for_managers", "created_at")


def _insert(model: type[Base], names: Sequence[str]) -> Insert:
    """Rows whose values come as arrays, one for each column."""
    table = model.__table__
    columns = [func.unnest(bindparam(name, type_=ARRAY(table.c[name].type))).label(name) for name in names]
    return insert(model).from_select(list(names), select(*columns), include_defaults=False)


_LOGGED = Statements(lambda: _insert(ApiEvent, LOGGED))
_TOLD = Statements(lambda: _insert(EventLogEntry, TOLD))


async def log_events(session: AsyncSession, rows: Rows) -> None:
    """Write events into the log, in their order; rows have `id`, `name`, `data`, `project_id`, `user_id`."""
    if rows:
        made = moments(len(rows))
        values = {name: [row[name] for row in rows] for name in LOGGED[:-2]}
        await _LOGGED().run(session, **values, created_at=made, updated_at=made)


async def tell_events(session: AsyncSession, rows: Rows) -> None:
    """Write messages that are told and not kept, in their order; rows have all of `TOLD` but the moment."""
    if rows:
        values = {name: [row[name] for row in rows] for name in TOLD[:-1]}
        await _TOLD().run(session, **values, created_at=moments(len(rows)))
