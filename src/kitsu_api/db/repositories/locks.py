"""Advisory locks: one transaction at a time does a thing, without a row to lock for it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession


async def lock(session: AsyncSession, what: str, id: UUID) -> None:
    """Wait until no other transaction holds the lock of this name for this id; held until the end of ours."""
    name = func.hashtextextended(f"{what}:{id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(name)))
