"""Queries on how the server does: jobs, size, slow statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Float, func, or_, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import JobStatus, TrackedJob
from kitsu_api.db.repositories.jobs import PRESENT

RECENT = timedelta(days=1)


@dataclass(frozen=True)
class JobCount:
    """Jobs of a queue in a status; `oldest` is the age of the oldest in seconds."""

    queue: str
    status: str
    number: int
    oldest: float


@dataclass(frozen=True)
class SlowStatement:
    """A statement as PostgreSQL counts it; milliseconds."""

    text: str
    calls: int
    mean: float
    total: float


class HealthRepository:
    """How the database does, and what waits in it."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def job_counts(self) -> list[JobCount]:
        """Jobs that are queued or running, and those that ended within a day."""
        age = func.extract("epoch", PRESENT - func.min(TrackedJob.created_at)).cast(Float)
        query = (
            select(TrackedJob.queue, TrackedJob.status, func.count(), age)
            .where(or_(TrackedJob.ended_at.is_(None), TrackedJob.ended_at > PRESENT - RECENT))
            .group_by(TrackedJob.queue, TrackedJob.status)
            .order_by(TrackedJob.queue, TrackedJob.status)
        )
        return [JobCount(*row) for row in await self.session.execute(query)]

    async def jobs_to_look_at(self, limit: int) -> list[TrackedJob]:
        """Queued, running and failed jobs, the newest first."""
        wanted = or_(TrackedJob.ended_at.is_(None), TrackedJob.status == JobStatus.FAILED.value)
        query = select(TrackedJob).where(wanted).order_by(TrackedJob.created_at.desc(), TrackedJob.id)
        return list((await self.session.scalars(query.limit(limit))).all())

    async def database_facts(self) -> dict[str, Any]:
        """Version, bytes and connections of the database."""
        query = text(
            "SELECT current_setting('server_version') AS version,"
            " pg_database_size(current_database()) AS bytes,"
            " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,"
            " current_setting('max_connections')::int AS most_connections"
        )
        return dict((await self.session.execute(query)).mappings().one())

    async def slow_statements(self, limit: int) -> list[SlowStatement] | None:
        """Statements by the time that they took in all; None where PostgreSQL doesn't count them here, or
        doesn't show it."""
        present = text("SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements'")
        if await self.session.scalar(present) is None:
            return None
        query = text(
            "SELECT left(query, 300), calls, mean_exec_time, total_exec_time FROM pg_stat_statements"
            " WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " ORDER BY total_exec_time DESC LIMIT :limit"
        )
        try:
            async with self.session.begin_nested():
                rows = (await self.session.execute(query, {"limit": limit})).all()
        except DBAPIError:
            # created, but not preloaded by the server
            return None
        return [SlowStatement(*row) for row in rows]
