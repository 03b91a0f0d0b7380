"""Queries on schedules and their versions."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import ProductionScheduleVersion


async def project_of_version(session: AsyncSession, version_id: UUID) -> UUID | None:
    """The production of a schedule version."""
    query = select(ProductionScheduleVersion.project_id).where(ProductionScheduleVersion.id == version_id)
    project_id: UUID | None = await session.scalar(query)
    return project_id
