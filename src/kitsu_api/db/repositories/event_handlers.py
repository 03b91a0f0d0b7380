"""Queries on runs of event handlers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import EventHandlerRun, RunStatus

WAITING = RunStatus.WAITING.value


@dataclass(frozen=True)
class DueRun:
    """A run that this process is to do now."""

    id: UUID
    handler: str
    event: dict[str, Any]
    attempts: int


class EventHandlerRuns:
    """Rows of `kitsu_api_event_handler_run`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Note runs to be done; one that is known already is not noted twice."""
        if rows:
            statement = insert(EventHandlerRun).on_conflict_do_nothing(index_elements=["handler", "sequence"])
            await self.session.execute(statement, [{"id": uuid4(), **row} for row in rows])

    async def claim_due(self, limit: int, lease: dt.timedelta) -> list[DueRun]:
        """Runs to do now, the oldest event first; left alone by others for the length of the lease."""
        due = (
            select(EventHandlerRun.id)
            .where(EventHandlerRun.status == WAITING, EventHandlerRun.next_attempt_at <= now())
            .order_by(EventHandlerRun.next_attempt_at, EventHandlerRun.sequence)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        query = (
            update(EventHandlerRun)
            .where(EventHandlerRun.id == due.c.id)
            .values(attempts=EventHandlerRun.attempts + 1, next_attempt_at=now() + lease)
            .returning(
                EventHandlerRun.id, EventHandlerRun.handler, EventHandlerRun.event, EventHandlerRun.attempts
            )
            .execution_options(synchronize_session=False)
        )
        return [DueRun(*row) for row in (await self.session.execute(query)).all()]

    async def note(self, run: DueRun, values: Mapping[str, Any]) -> None:
        """Write down how a run ended."""
        await self.session.execute(
            update(EventHandlerRun)
            .where(EventHandlerRun.id == run.id, EventHandlerRun.attempts == run.attempts)
            .values(next_attempt_at=None, updated_at=now(), **values)
        )

    async def newest(self, status: str | None, handler: str | None, limit: int) -> Sequence[EventHandlerRun]:
        """Runs, newest event first."""
        query = select(EventHandlerRun).order_by(EventHandlerRun.sequence.desc(), EventHandlerRun.id)
        if status is not None:
            query = query.where(EventHandlerRun.status == status)
        if handler is not None:
            query = query.where(EventHandlerRun.handler == handler)
        return (await self.session.scalars(query.limit(limit))).all()

    async def delete_old(self, moment: dt.datetime, limit: int) -> int:
        """Delete runs that ended before a moment; how many there were."""
        old = (
            select(EventHandlerRun.id)
            .where(EventHandlerRun.created_at < moment, EventHandlerRun.status != WAITING)
            .limit(limit)
        )
        done = await self.session.execute(delete(EventHandlerRun).where(EventHandlerRun.id.in_(old)))
        return int(done.rowcount)  # type: ignore[attr-defined]  # the result of a DELETE has one
