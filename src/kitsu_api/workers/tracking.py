"""A tracked job while it runs: it holds its row by heartbeats, says how far it is, and hears when to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from arq import Retry

from kitsu_api.db.models import JobStatus, TrackedJob
from kitsu_api.db.repositories.jobs import Jobs, JobState
from kitsu_api.errors import ApiError
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.services.jobs import KINDS, event_of
from kitsu_api.unit_of_work import UnitOfWork
from kitsu_api.workers.context import JobContext

__all__ = ["JobCancelled", "JobFailed", "JobLost", "JobTaken", "Retry", "RunningJob", "begin"]

logger = logging.getLogger(__name__)

TRIES = 5
"""How often a job is begun that asks to be tried again, or that takes its worker down."""

FIRST_DELAY = 15.0
"""Seconds until a job is tried again that does not say when; four times as many after each further try."""

MISSED = 4
"""Heartbeats that a worker may miss before others take its jobs."""

WRITE_EVERY = 1.0
"""Seconds between two notes of how far a job is."""

UNTOLD = "The job failed; the log has more."
WORKERS_ENDED = "The job was given up: the workers that took it ended each time."


class JobTaken(Exception):
    """The job is not queued (any more): somebody else has it, or it was cancelled."""


class JobCancelled(Exception):
    """Somebody asked the job to stop."""


class JobLost(JobCancelled):
    """Another worker has the job, since this one was not heard of for too long: whatever is done now counts
    for nothing."""


class JobFailed(Exception):
    """The job can't be done; the message is fit for users."""


FOR_USERS = (JobFailed, BrokenMedia)
"""Exceptions whose text is fit for users, beside the API's refusals."""


def lease_seconds(heartbeat: float) -> float:
    """Seconds without a heartbeat after which others may take a job."""
    return heartbeat * MISSED


def told_of(error: BaseException | None) -> str:
    """What users are told of a failure: the text of errors that are meant for them."""
    if isinstance(error, ApiError):
        return error.text
    return (str(error) or UNTOLD) if isinstance(error, FOR_USERS) else UNTOLD


class RunningJob:
    """A job that this process holds."""

    result: Any = None
    """JSON that the job leaves; it is stored when the job succeeds."""

    def __init__(self, context: JobContext, row: TrackedJob) -> None:
        self.id = row.id
        self.kind = row.kind
        self.attempt = row.attempts
        self.tries = row.attempts - row.interruptions
        """How often it was begun, this time included."""
        known = KINDS.get(row.kind)
        self.time_limit = (known and known.time_limit) or context.settings.job_timeout
        """Seconds that it may take."""
        self._context = context
        self._done, self._total = 0, 0
        self._written = self._noted()
        self._heard = self._written_at = time.monotonic()
        self._stop: JobCancelled | None = None
        self._writing = asyncio.Lock()
        self._holding = False
        self.ended = False
        """Whether its end was committed, with what it did."""

    def _noted(self) -> tuple[int, int]:
        return self._done, self._total

    @property
    def lost(self) -> bool:
        """Whether another worker may have the job."""
        return isinstance(self._stop, JobLost)

    def is_cancelled(self) -> bool:
        """Whether the job should stop. From any thread."""
        return self._stop is not None

    def check_cancelled(self) -> None:
        """Go on, or stop. Costs nothing; from any thread.

        Raises:
            JobCancelled: somebody wants the job to stop, its time is over, or (`JobLost`) another has it.
        """
        if self._stop is not None:
            raise self._stop

    def note(self, done: int, total: int) -> None:
        """Say how far the job is, from any thread; it is written down within about a second.

        Raises:
            JobCancelled: as `check_cancelled`.
        """
        self._done, self._total = done, total
        self.check_cancelled()

    async def progress(self, done: int, total: int) -> None:
        """Say how far the job is. It is written down once a second at most, and when all is done.

        Raises:
            JobCancelled: as `check_cancelled`.
        """
        self.note(done, total)
        late = time.monotonic() - self._written_at >= WRITE_EVERY
        if self._noted() != self._written and (late or done >= total):
            await self.beat()
            self.check_cancelled()

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
        """A transaction that only commits while this process holds the job: what it does is done once, even
        where two workers believe that they have the job.

        Raises:
            JobCancelled: as `check_cancelled`.
        """
        self.check_cancelled()
        async with self._writing:
            # a heartbeat would wait for the row that this transaction holds; so would whoever takes the job
            self._holding = True
        try:
            async with self._context.unit_of_work() as uow:
                if not await Jobs(uow.session).hold(self.id, self.attempt):
                    self.stop(JobLost())
                self.check_cancelled()
                yield uow
        finally:
            self._holding = False
            self._heard = time.monotonic()

    async def mark(self, uow: UnitOfWork) -> None:
        """Have the transaction be ended by whoever takes the job: where this process is frozen, others would
        wait for what it has locked.

        Raises:
            JobCancelled: as `check_cancelled`.
        """
        if not await Jobs(uow.session).mark(self.id, self.attempt):
            self.stop(JobLost())
        self.check_cancelled()

    @asynccontextmanager
    async def last_unit_of_work(self, actor_id: UUID) -> AsyncIterator[UnitOfWork]:
        """A transaction in which a person's work is done that takes long; that the job succeeded, with its
        `result`, is committed with it. It commits only while this process holds the job.

        Until its end the job's row is free: it shows how far the job is, and takes the wish to cancel it.

        Raises:
            JobCancelled: as `check_cancelled`.
        """
        self.check_cancelled()
        try:
            async with self._context.unit_of_work() as uow:
                uow.actor_id = actor_id
                await self.mark(uow)
                yield uow
                self.check_cancelled()
                async with self._writing:
                    self._holding = True
                state = await Jobs(uow.session).finish(
                    self.id, self.attempt, JobStatus.SUCCEEDED, result=self.result
                )
                if state is None:
                    self.stop(JobLost())
                    self.check_cancelled()
                else:
                    uow.emit(event_of(state))
            self.ended = True
        finally:
            self._holding = self.ended

    def stop(self, reason: JobCancelled) -> None:
        """Have the job end where it next looks up."""
        if not self.lost:
            self._stop = reason

    async def beat(self) -> None:
        """Say that the job goes on, and how far it is; hear whether it should stop."""
        async with self._writing:
            if self._holding:
                return
            noted = self._noted()
            async with self._context.unit_of_work() as uow:
                answer = await Jobs(uow.session).beat(self.id, self.attempt, *noted)
                if answer is not None and noted != self._written:
                    uow.emit(event_of(answer[0]))
            self._heard = time.monotonic()
            if answer is None:
                self.stop(JobLost())
                return
            self._written, self._written_at = noted, self._heard
            if answer[1]:
                self.stop(JobCancelled())

    async def beat_forever(self) -> None:
        """Heartbeats, and notes of how far the job is, until cancelled."""
        every = self._context.settings.job_heartbeat_seconds
        while not self.lost:
            await asyncio.sleep(min(every, WRITE_EVERY))
            silent = time.monotonic() - self._heard
            if self._holding or (silent < every and self._noted() == self._written):
                continue
            try:
                await self.beat()
            except Exception:
                logger.exception("Job %s could not be kept; trying again.", self.id)
                if silent > lease_seconds(every):
                    self.stop(JobLost())

    async def end(self, status: JobStatus, **values: Any) -> None:
        """Write down how the job ended, unless another has it by now."""
        await self._leave(lambda jobs: jobs.finish(self.id, self.attempt, status, **values))

    async def put_back(self, delay: float | None) -> None:
        """Leave the job to whoever takes it next; see `Jobs.put_back`."""
        await self._leave(lambda jobs: jobs.put_back(self.id, self.attempt, delay))

    async def _leave(self, change: Callable[[Jobs], Awaitable[JobState | None]]) -> None:
        if self.ended:
            return
        async with self._writing, self._context.unit_of_work() as uow:
            state = await change(Jobs(uow.session))
            if state is None:
                logger.warning("Job %s is another worker's by now; what was done here is dropped.", self.id)
                self.stop(JobLost())
            else:
                uow.emit(event_of(state))


async def _claim(context: JobContext, id: UUID) -> RunningJob:
    async with context.unit_of_work() as uow:
        jobs = Jobs(uow.session)
        row = await jobs.claim(id)
        if row is None:
            raise JobTaken
        if row.attempts > 1 and await jobs.end_others(id):
            logger.warning("An earlier worker of job %s was still at work; its work is dropped.", id)
        uow.emit(
            event_of(
                JobState(row.id, row.kind, row.status, row.done, row.total, row.project_id, row.created_by)
            )
        )
        return RunningJob(context, row)


@asynccontextmanager
async def begin(ctx: dict[str, Any], job_id: str) -> AsyncIterator[RunningJob]:
    """Take a queued job and hold it while the block runs; the job ends with the block, which is its last.

    A block that ends well is a success. `Retry` queues the job again, later and later, a few times. Any other
    exception is a failure: it is logged and noted, and goes no further. A worker that is stopped leaves
    the job queued; where one is killed, another begins the block anew, so that it must bear that.

    Raises:
        JobTaken: the job is not there to be taken; the caller has nothing to do.
    """
    job = await _claim(ctx["job"], UUID(job_id))
    beating = asyncio.create_task(job.beat_forever())
    limit = asyncio.timeout(job.time_limit)
    try:
        async with limit:
            yield job
    except asyncio.CancelledError:
        # a thread of the job may still run
        job.stop(JobCancelled())
        await asyncio.shield(_after(beating, job.put_back(None)))
        raise
    except Exception as error:
        if limit.expired():
            job.stop(JobCancelled())
            said = f"The job took longer than {job.time_limit} seconds and was ended."
            await _after(beating, job.end(JobStatus.FAILED, error=said))
        else:
            await _after(beating, _end_badly(job, error))
    else:
        await _after(beating, job.end(JobStatus.SUCCEEDED, result=job.result))


async def _after(beating: asyncio.Task[None], last: Awaitable[None]) -> None:
    """Let the heartbeats end, so that none comes after the last word."""
    beating.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await beating
    await last


async def _end_badly(job: RunningJob, error: Exception) -> None:
    """What becomes of a job whose block raised an exception."""
    if job.lost:
        logger.warning("Job %s is another worker's by now; this one stops.", job.id)
    elif job.ended:
        logger.error("Job %s of kind %s succeeded, and failed afterwards.", job.id, job.kind, exc_info=error)
    elif job.is_cancelled():
        await job.end(JobStatus.CANCELLED)
    elif isinstance(error, Retry) and job.tries < TRIES:
        wanted = error.defer_score
        await job.put_back(FIRST_DELAY * 4 ** (job.tries - 1) if wanted is None else wanted / 1000)
    else:
        cause = error.__cause__ if isinstance(error, Retry) else error
        told = told_of(cause)
        await job.end(JobStatus.FAILED, error=told)
        if job.lost:
            return  # its connection was closed by whoever has the job now
        if told == UNTOLD:
            logger.error("Job %s of kind %s failed.", job.id, job.kind, exc_info=error)
        else:  # such as a sheet with a wrong line: its owner is told, and nothing is wrong here
            logger.info("Job %s of kind %s was refused.", job.id, job.kind)
