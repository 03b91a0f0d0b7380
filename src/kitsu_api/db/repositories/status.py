"""Queries on the health of the database, and on settings that the studio keeps there."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Organisation


async def ping(session: AsyncSession) -> None:
    """Ask the least that PostgreSQL can answer."""
    await session.execute(select(1))


async def dark_theme_by_default(session: AsyncSession) -> bool:
    """Whether the studio chose the dark theme; False when there is no studio yet."""
    query = select(Organisation.dark_theme_by_default).order_by(Organisation.created_at).limit(1)
    return bool(await session.scalar(query))
