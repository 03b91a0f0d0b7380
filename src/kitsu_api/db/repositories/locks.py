"""Advisory locks: one transaction at a time does a thing, without a row to lock for it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Text, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession


def lock_of(what: str, id: ColumnElement[UUID]) -> ColumnElement[None]:
    """The call that waits for the lock of this name for this id; held until the end of the transaction."""
    name = func.concat(literal(f"{what}:", Text), cast(id, Text), type_=Text)
    waited: ColumnElement[None] = func.pg_advisory_xact_lock(func.hashtextextended(name, literal(0, Integer)))
    return waited


async def lock(session: AsyncSession, what: str, id: UUID) -> None:
    """Wait until no other transaction holds the lock of this name for this id; held until the end of ours."""
    name = func.hashtextextended(f"{what}:{id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(name)))
