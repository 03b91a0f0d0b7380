"""Queries on sign-ins."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db.models import LoginLog
from kitsu_api.db.projection import json_array, wire


async def last_json(
    session: AsyncSession,
    *,
    limit: int,
    after: datetime | None = None,
    before: datetime | None = None,
    older_than: UUID | None = None,
    person_ids: Collection[UUID] = (),
) -> bytes:
    """The last sign-ins, newest first; `older_than` is the last one of the page before."""
    columns = [
        wire(LoginLog.__table__.c[name]).label(name)
        for name in ("id", "created_at", "ip_address", "person_id", "origin")
    ]
    query = select(*columns).select_from(LoginLog)
    if after is not None:
        query = query.where(LoginLog.created_at > after)
    if before is not None:
        query = query.where(LoginLog.created_at < before)
    if person_ids:
        query = query.where(LoginLog.person_id.in_(list(person_ids)))
    if older_than is not None:
        last = aliased(LoginLog)
        place = select(last.created_at, last.id).where(last.id == older_than)
        query = query.where(tuple_(LoginLog.created_at, LoginLog.id) < place.scalar_subquery())
    query = query.order_by(LoginLog.created_at.desc(), LoginLog.id.desc()).limit(limit)
    return await json_array(session, query)
