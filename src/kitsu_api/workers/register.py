"""Jobs as the queues know them: which queue each waits in, what it must be told, how it is called."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, get_type_hints
from uuid import UUID

from pydantic import BaseModel, ConfigDict, create_model

from kitsu_api.db.attribution import Author, writing_as
from kitsu_api.db.models import JobStatus
from kitsu_api.db.repositories.jobs import Jobs
from kitsu_api.services.jobs import KINDS, JobKind, check_arguments, event_of
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.jobs import JOBS, MEDIA_JOBS, TIME_LIMITS
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


FUNCTIONS: dict[str, dict[str, Job]] = {QUICK: {}, MEDIA: {}}
"""The functions that serve each queue, by name."""


def register(queue: str, name: str, job: Job) -> None:
    """Make a job known to the queues and, when it is tracked, to the services."""
    if is_tracked(job):
        KINDS[name] = JobKind(name, queue, arguments_of(job), TIME_LIMITS.get(name))
        FUNCTIONS[queue][name] = _tracked(name, job)
    else:
        FUNCTIONS[queue][name] = job


for _queue, _jobs in ((QUICK, JOBS), (MEDIA, MEDIA_JOBS)):
    for _name, _job in _jobs.items():
        register(_queue, _name, _job)


def queue_of(name: str) -> str:
    """The queue that jobs of this name wait in.

    Raises:
        LookupError: there is no such job.
    """
    for queue, functions in FUNCTIONS.items():
        if name in functions:
            return queue
    raise LookupError(f"There is no job named {name}.")
