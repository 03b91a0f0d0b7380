"""Queries on jobs. Leases are measured by PostgreSQL's clock: those of the workers' machines may differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Update,
    and_,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db.models import JobStatus, TrackedJob

PRESENT: ColumnElement[datetime] = func.timezone("UTC", func.clock_timestamp(), type_=DateTime)
OPEN = TrackedJob.ended_at.is_(None)


@dataclass(frozen=True)
class JobState:
    """What listeners are told of a job, and who they are."""

    id: UUID
    kind: str
    status: str
    done: int
    total: int
    project_id: UUID | None
    created_by: UUID | None


@dataclass(frozen=True)
class JobMessage:
    """What tells a worker of a queued job. `number` counts the messages about it."""

    id: UUID
    kind: str
    number: int


_STATE = (
    TrackedJob.id,
    TrackedJob.kind,
    TrackedJob.status,
    TrackedJob.done,
    TrackedJob.total,
    TrackedJob.project_id,
    TrackedJob.created_by,
)


def _state(row: Any) -> JobState:
    return JobState(**{column.key: getattr(row, column.key) for column in _STATE})


_END_OTHERS = sql(
    """SELECT pg_terminate_backend(activity.pid, :wait)
       FROM pg_locks AS mark JOIN pg_stat_activity AS activity USING (pid)
       WHERE mark.locktype = 'advisory' AND mark.objsubid = 1 AND mark.classid = :high AND mark.objid = :low
         AND activity.datname = current_database() AND activity.usename = current_user
         AND activity.pid <> pg_backend_pid()"""
)
_SILENT_HOLDERS = sql(
    """SELECT pg_terminate_backend(activity.pid, :wait)
       FROM kitsu_api_job AS job
       JOIN pg_locks AS mark ON mark.locktype = 'advisory' AND mark.objsubid = 1
         AND (mark.classid::bigint << 32 | mark.objid::bigint)
           = ('x' || left(replace(job.id::text, '-', ''), 16))::bit(64)::bigint
       JOIN pg_stat_activity AS activity USING (pid)
       WHERE job.ended_at IS NULL AND job.status = 'running'
         AND job.heartbeat_at < timezone('UTC', clock_timestamp()) - make_interval(secs => :silence)
         AND activity.state LIKE 'idle in transaction%'
         AND activity.state_change < clock_timestamp() - make_interval(secs => :silence)
         AND activity.datname = current_database() AND activity.usename = current_user
         AND activity.pid <> pg_backend_pid()"""
)
ENDING = 5_000
"""Milliseconds within which PostgreSQL ends another transaction."""


def mark_of(id: UUID) -> int:
    """Key of the advisory lock by which transactions that do a job are known."""
    return int.from_bytes(id.bytes[:8], "big", signed=True)


def _held(id: UUID, attempt: int) -> ColumnElement[bool]:
    """The job, as long as this attempt holds it."""
    return and_(
        TrackedJob.id == id, TrackedJob.attempts == attempt, TrackedJob.status == JobStatus.RUNNING.value
    )


class Jobs:
    """Rows of `kitsu_api_job`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, values: dict[str, Any]) -> UUID | None:
        """Queue a job; None when one of its kind and key is queued or running. Waits for another
        transaction that is about to queue the same."""
        statement = (
            insert(TrackedJob)
            .values(**values, sends=1, sent_at=PRESENT)
            .on_conflict_do_nothing(index_elements=["kind", "key"], index_where=sql("ended_at IS NULL"))
            .returning(TrackedJob.id)
        )
        id: UUID | None = await self.session.scalar(statement)
        return id

    async def open_of(self, kind: str, key: str) -> UUID | None:
        """The job of this kind and key that is queued or running."""
        query = select(TrackedJob.id).where(TrackedJob.kind == kind, TrackedJob.key == key, OPEN)
        id: UUID | None = await self.session.scalar(query)
        return id

    async def find(self, id: UUID) -> TrackedJob | None:
        """A job as it is now."""
        return await self.session.get(TrackedJob, id, populate_existing=True)

    # --- a worker and the job that it holds ------------------------------------------------------

    async def claim(self, id: UUID) -> TrackedJob | None:
        """Take a queued job that is due; None when somebody else has it, or nobody should."""
        due = or_(TrackedJob.run_after.is_(None), TrackedJob.run_after <= PRESENT)
        statement = (
            update(TrackedJob)
            .where(TrackedJob.id == id, TrackedJob.status == JobStatus.QUEUED.value, due)
            .values(
                status=JobStatus.RUNNING.value,
                attempts=TrackedJob.attempts + 1,
                started_at=PRESENT,
                heartbeat_at=PRESENT,
                run_after=None,
            )
            .returning(TrackedJob)
            .execution_options(populate_existing=True, synchronize_session=False)
        )
        return (await self.session.scalars(statement)).one_or_none()

    async def beat(self, id: UUID, attempt: int, done: int, total: int) -> tuple[JobState, bool] | None:
        """Say that the attempt goes on, and how far it is; with whether it should stop.
        None: it lost the job."""
        statement = (
            update(TrackedJob)
            .where(_held(id, attempt))
            .values(heartbeat_at=PRESENT, done=done, total=total)
            .returning(*_STATE, TrackedJob.cancel_requested)
            .execution_options(synchronize_session=False)
        )
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else (_state(row), bool(row.cancel_requested))

    async def hold(self, id: UUID, attempt: int) -> bool:
        """Keep everybody else from taking the job until the transaction ends; False: it is lost."""
        marked = func.pg_advisory_xact_lock_shared(mark_of(id))
        query = select(TrackedJob.id, marked).where(_held(id, attempt)).with_for_update(of=TrackedJob)
        return await self.session.scalar(query) is not None

    async def mark(self, id: UUID, attempt: int) -> bool:
        """Have whoever takes the job end this transaction, which leaves its row free; False: it is lost."""
        # two statements: what the second one sees is no older than the mark
        await self.session.execute(select(func.pg_advisory_xact_lock_shared(mark_of(id))))
        return await self.session.scalar(select(TrackedJob.id).where(_held(id, attempt))) is not None

    async def end_others(self, id: UUID) -> int:
        """End the transactions of earlier attempts, whose worker is frozen or cut off: what they locked would
        be waited for in vain. How many there were. The caller has just claimed the job."""
        high, low = divmod(mark_of(id) & 0xFFFF_FFFF_FFFF_FFFF, 1 << 32)
        values = {"wait": ENDING, "high": high, "low": low}
        return len((await self.session.execute(_END_OTHERS, values)).all())

    async def end_silent(self, silence: float) -> int:
        """End the transactions of jobs whose worker was not heard of for so many seconds and asked nothing
        of PostgreSQL either: they hold the job's row, so that nobody could take it. How many there were."""
        values = {"wait": ENDING, "silence": silence}
        return len((await self.session.execute(_SILENT_HOLDERS, values)).all())

    async def finish(self, id: UUID, attempt: int, status: JobStatus, **values: Any) -> JobState | None:
        """End the attempt and the job; None: it was lost."""
        values |= {"status": status.value, "ended_at": PRESENT}
        return await self._changed(update(TrackedJob).where(_held(id, attempt)).values(**values))

    async def put_back(self, id: UUID, attempt: int, delay: float | None) -> JobState | None:
        """Queue the job again: after so many seconds as a further try, or, without, at once and for free."""
        values: dict[str, Any] = {"status": JobStatus.QUEUED.value, "sent_at": None, "heartbeat_at": None}
        if delay is None:
            values["interruptions"] = TrackedJob.interruptions + 1
        else:
            values["run_after"] = PRESENT + timedelta(seconds=delay)
        return await self._changed(update(TrackedJob).where(_held(id, attempt)).values(**values))

    # --- jobs that nobody holds -------------------------------------------------------------------

    async def take_from_the_dead(self, silence: float, tries: int, error: str) -> Sequence[JobState]:
        """Queue the jobs again whose worker was not heard of for so many seconds; those that were to be
        cancelled, or have ended a worker too often, end here. What they are now."""
        dead = (
            select(TrackedJob.id)
            .where(OPEN, TrackedJob.status == JobStatus.RUNNING.value)
            .where(TrackedJob.heartbeat_at < PRESENT - timedelta(seconds=silence))
            .order_by(TrackedJob.created_at)
            .limit(100)
            .with_for_update(skip_locked=True)
        )
        exhausted = TrackedJob.attempts - TrackedJob.interruptions >= tries
        ends = or_(TrackedJob.cancel_requested, exhausted)
        status = case(
            (TrackedJob.cancel_requested, literal(JobStatus.CANCELLED.value)),
            (exhausted, literal(JobStatus.FAILED.value)),
            else_=literal(JobStatus.QUEUED.value),
        )
        statement = (
            update(TrackedJob)
            .where(TrackedJob.id.in_(dead))
            .values(
                status=status,
                error=case((and_(exhausted, ~TrackedJob.cancel_requested), error), else_=None),
                ended_at=case((ends, PRESENT), else_=None),
                sent_at=None,
                heartbeat_at=None,
            )
            .returning(*_STATE)
            .execution_options(synchronize_session=False)
        )
        return [_state(row) for row in await self.session.execute(statement)]

    async def waiting(self, patience: float, limit: int) -> Sequence[JobMessage]:
        """Jobs that are due and queued for so many seconds since a worker was told, with the last message."""
        told = or_(TrackedJob.sent_at.is_(None), TrackedJob.sent_at < PRESENT - timedelta(seconds=patience))
        due = or_(TrackedJob.run_after.is_(None), TrackedJob.run_after <= PRESENT)
        query = (
            select(TrackedJob.id, TrackedJob.kind, TrackedJob.sends)
            .where(OPEN, TrackedJob.status == JobStatus.QUEUED.value, told, due)
            .order_by(TrackedJob.sent_at.asc().nulls_first(), TrackedJob.created_at)
            .limit(limit)
        )
        return [JobMessage(*row) for row in await self.session.execute(query)]

    async def count_message(self, messages: Sequence[JobMessage], *, lost: bool) -> Sequence[JobMessage]:
        """Note that workers know of these jobs: by the message that they have, or, when it was `lost`, by the
        next one, which is returned for those that no other process is about to send."""
        numbers = {message.id: message.number for message in messages}
        if not numbers:
            return []
        same = or_(*(and_(TrackedJob.id == id, TrackedJob.sends == n) for id, n in numbers.items()))
        statement = (
            update(TrackedJob)
            .where(same, TrackedJob.status == JobStatus.QUEUED.value)
            .values(sent_at=PRESENT, sends=TrackedJob.sends + (1 if lost else 0))
            .returning(TrackedJob.id, TrackedJob.kind, TrackedJob.sends)
            .execution_options(synchronize_session=False)
        )
        return [JobMessage(*row) for row in await self.session.execute(statement)]

    # --- people and their jobs ----------------------------------------------------------------------

    async def cancel(self, id: UUID) -> JobState | None:
        """End a queued job, and ask a running one to end; None when it has ended before."""
        queued = TrackedJob.status == JobStatus.QUEUED.value
        statement = (
            update(TrackedJob)
            .where(TrackedJob.id == id, OPEN)
            .values(
                cancel_requested=True,
                status=case((queued, literal(JobStatus.CANCELLED.value)), else_=TrackedJob.status),
                ended_at=case((queued, PRESENT), else_=None),
            )
        )
        return await self._changed(statement)

    async def queue_again(self, id: UUID) -> JobMessage | None:
        """Queue a failed job anew, with all its tries; None when it has not failed, or when another of its
        kind and key is queued or running."""
        other = aliased(TrackedJob)
        same = select(other.id).where(
            other.kind == TrackedJob.kind, other.key == TrackedJob.key, other.ended_at.is_(None)
        )
        statement = (
            update(TrackedJob)
            .where(TrackedJob.id == id, TrackedJob.status == JobStatus.FAILED.value, ~same.exists())
            .values(
                status=JobStatus.QUEUED.value,
                error=None,
                ended_at=None,
                cancel_requested=False,
                run_after=None,
                done=0,
                sends=TrackedJob.sends + 1,
                sent_at=PRESENT,
                interruptions=TrackedJob.attempts,
            )
            .returning(TrackedJob.id, TrackedJob.kind, TrackedJob.sends)
            .execution_options(synchronize_session=False)
        )
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else JobMessage(*row)

    async def delete_ended(self, before: datetime, limit: int) -> int:
        """Forget at most so many jobs that ended before a moment; how many there were."""
        old = select(TrackedJob.id).where(TrackedJob.ended_at < before).limit(limit)
        done = await self.session.execute(delete(TrackedJob).where(TrackedJob.id.in_(old)))
        return int(done.rowcount)  # type: ignore[attr-defined]  # the result of a DELETE has one

    async def _changed(self, statement: Update) -> JobState | None:
        row = (
            await self.session.execute(
                statement.returning(*_STATE).execution_options(synchronize_session=False)
            )
        ).one_or_none()
        return None if row is None else _state(row)
