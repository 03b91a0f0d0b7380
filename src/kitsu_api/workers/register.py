"""Jobs as the queues know them: which queue each waits in, what it must be told, how it is called."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import Any, get_type_hints
from uuid import UUID

from pydantic import BaseModel, ConfigDict, create_model

from kitsu_api.db.attribution import Author, writing_as
from kitsu_api.db.models import JobStatus
from kitsu_api.db.repositories.jobs import Jobs
from kitsu_api.services.jobs import FINDERS, KINDS, JobKind, check_arguments, event_of
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.jobs import JOBS, MEDIA_JOBS, time_limit
from kitsu_api.workers.tracking import JobTaken

logger = logging.getLogger(__name__)

Job = Callable[..., Awaitable[Any]]

QUICK = "quick"
MEDIA = "media"
QUEUES = {QUICK: "arq:queue", MEDIA: "arq:queue:media"}
"""Queues as operators name them, and under which key each lies in Valkey."""


def is_tracked(job: Job) -> bool:
    """Whether the job has a row that people watch."""
    return "job_id" in inspect.signature(job).parameters


def arguments_of(job: Job) -> type[BaseModel]:
    """What a job must be told beside its id, as its signature says."""
    hints = get_type_hints(job)
    fields: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(job).parameters.items())[1:]:
        if name != "job_id":
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[name] = (hints[name], default)
    model: type[BaseModel] = create_model(
        "Arguments", __config__=ConfigDict(extra="forbid", strict=True), **fields
    )
    return model


def _tracked(kind: str, job: Job) -> Job:
    """The job as a queue calls it, with its id alone: what else it must be told stands in its row."""

    async def run(ctx: dict[str, Any], *, job_id: str) -> None:
        context: JobContext = ctx["job"]
        async with context.sessions() as session:
            row = await Jobs(session).find(UUID(job_id))
        if row is None or row.status != JobStatus.QUEUED:
            return
        try:
            check_arguments(kind, row.arguments)
        except ValueError:
            await _refuse(context, row.id)
            return
        try:
            with writing_as(Author(row.created_by, f"worker: {kind}")):
                await job(ctx, job_id=job_id, **row.arguments)
        except JobTaken:
            logger.debug("Job %s is done by somebody else.", job_id)

    return run


async def _refuse(context: JobContext, id: UUID) -> None:
    """End a job that was queued by a release whose jobs of this kind took other arguments."""
    async with context.unit_of_work() as uow:
        jobs = Jobs(uow.session)
        held = await jobs.claim(id)
        error = "The job was queued by another release. Start it anew."
        state = held and await jobs.finish(id, held.attempts, JobStatus.FAILED, error=error)
        if state:
            logger.error("Job %s was queued with arguments that its kind does not take.", id)
            uow.emit(event_of(state))


class _Functions(MutableMapping[str, Job]):
    """Functions by the names of their jobs; a module is loaded when one of its functions is wanted."""

    def __init__(self, queue: str, jobs: Mapping[str, Job]) -> None:
        self._queue, self._jobs = queue, jobs
        self._found: dict[str, Job | None] = dict.fromkeys(jobs)

    def __getitem__(self, name: str) -> Job:
        found = self._found[name]
        if found is None:
            found = _made(self._queue, name, self._jobs[name], time_limit(name))
            self._found[name] = found
        return found

    def __setitem__(self, name: str, job: Job) -> None:
        self._found[name] = job

    def __delitem__(self, name: str) -> None:
        del self._found[name]

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


FUNCTIONS: dict[str, MutableMapping[str, Job]] = {
    QUICK: _Functions(QUICK, JOBS),
    MEDIA: _Functions(MEDIA, MEDIA_JOBS),
}
"""The functions that serve each queue, by name."""


def _made(queue: str, name: str, job: Job, limit: int | None) -> Job:
    """The job as its queue calls it; a tracked one is made known to the services."""
    if not is_tracked(job):
        return job
    KINDS[name] = JobKind(name, queue, arguments_of(job), limit)
    return _tracked(name, job)


def register(queue: str, name: str, job: Job) -> None:
    """Make a job known to the queues and, when it is tracked, to the services."""
    FUNCTIONS[queue][name] = _made(queue, name, job, None)


def _look_for(name: str) -> None:
    """Have the services know a kind whose module nobody has loaded yet."""
    for queue, jobs in ((QUICK, JOBS), (MEDIA, MEDIA_JOBS)):
        if name in jobs:
            _made(queue, name, jobs[name], time_limit(name))


FINDERS.append(_look_for)


def queue_of(name: str) -> str:
    """The queue that jobs of this name wait in.

    Raises:
        LookupError: there is no such job.
    """
    for queue, functions in FUNCTIONS.items():
        if name in functions:
            return queue
    raise LookupError(f"There is no job named {name}.")
