"""Jobs that somebody may watch, cancel and have tried again.

The kinds are known here by name, queue and arguments; what they do is the workers' affair, who register them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from kitsu_api.db.models import TrackedJob
from kitsu_api.db.repositories.jobs import JobMessage, Jobs, JobState
from kitsu_api.errors import Conflict, NotFound
from kitsu_api.events import Event
from kitsu_api.permissions.actor import Actor
from kitsu_api.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class JobKind:
    """A kind of jobs: which queue they wait in, and what they must be told."""

    name: str
    queue: str
    arguments: type[BaseModel]
    time_limit: int | None = None
    """Seconds that one may take; None: what the settings say."""


KINDS: dict[str, JobKind] = {}
"""The kinds that were asked for, by name; filled by the workers' register."""

FINDERS: list[Callable[[str], None]] = []
"""Who adds a kind that is asked for and not there yet, if there is one: the workers' register."""


def check_arguments(kind: str, arguments: dict[str, Any]) -> JobKind:
    """The kind of this name, which takes such arguments.

    Raises:
        LookupError: there is no such kind.
        ValueError: it takes other arguments, or they are no JSON.
    """
    if kind not in KINDS:
        for find in FINDERS:
            find(kind)
    found = KINDS.get(kind)
    if found is None:
        raise LookupError(f"There is no kind of jobs named {kind}.")
    try:
        found.arguments.model_validate(arguments)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        # the values stay out of the message: they may be what nobody should read in a log
        raise ValueError(f"Jobs of kind {kind} take other arguments; look at: {places}.") from None
    return found


def event_of(state: JobState) -> Event:
    """What the people of its production, else who started it, else admins, are told of a job; it is no part
    of the log."""
    data = {"job_id": str(state.id), "status": state.status, "done": state.done, "total": state.total}
    if state.project_id is not None:
        data["project_id"] = str(state.project_id)
    audience = state.project_id or state.created_by
    return Event("job:update", data, persist=False, audience=audience, for_managers=audience is None)


def message_key(message: JobMessage) -> str:
    """What sets a message about a job apart from others about it."""
    return f"{message.id}:{message.number}"


async def start(
    uow: UnitOfWork,
    actor_id: UUID | None,
    kind: str,
    arguments: dict[str, Any],
    *,
    project_id: UUID | None = None,
    key: str | None = None,
) -> UUID:
    """Have a worker do something once the transaction is committed; the job's id.

    Arguments are JSON (ids as text). Of one kind and key, one job is queued or running at a time: while there
    is one, its id is returned and nothing is added.

    Raises:
        LookupError: there is no such kind.
        ValueError: the kind takes other arguments.
    """
    known = check_arguments(kind, arguments)
    jobs = Jobs(uow.session)
    values = {
        "kind": kind,
        "key": key,
        "queue": known.queue,
        "arguments": arguments,
        "created_by": actor_id,
        "project_id": project_id,
    }
    while (id := await jobs.add(values)) is None:
        # the one that is in the way may end between the two statements
        present = None if key is None else await jobs.open_of(kind, key)
        if present is not None:
            return present
    _send(uow, JobMessage(id, kind, 1))
    uow.emit(event_of(JobState(id, kind, "queued", 0, 0, project_id, actor_id)))
    return id


def _send(uow: UnitOfWork, message: JobMessage) -> None:
    uow.enqueue(message.kind, key=message_key(message), job_id=str(message.id))


async def cancel(uow: UnitOfWork, actor: Actor, job: TrackedJob) -> TrackedJob:
    """End a queued job at once, and a running one as soon as it looks up; cancelling twice is no error.

    Raises:
        Conflict: the job has come to another end.
    """
    jobs = Jobs(uow.session)
    state = await jobs.cancel(job.id)
    if state is not None:
        uow.emit(event_of(state))
    return await _as_it_is(jobs, job.id, "cancelled", "queued", "running")


async def retry(uow: UnitOfWork, actor: Actor, job: TrackedJob) -> TrackedJob:
    """Queue a failed job again.

    Raises:
        Conflict: it has not failed, or the same work is queued or running already.
    """
    jobs = Jobs(uow.session)
    message = await jobs.queue_again(job.id)
    if message is None:
        raise Conflict("Only failed jobs are tried again, and not while the same work is under way.")
    _send(uow, message)
    uow.emit(event_of(JobState(job.id, job.kind, "queued", 0, job.total, job.project_id, job.created_by)))
    return await _as_it_is(jobs, job.id, "queued")


async def _as_it_is(jobs: Jobs, id: UUID, *statuses: str) -> TrackedJob:
    found = await jobs.find(id)
    if found is None:
        raise NotFound
    if found.status not in statuses:
        raise Conflict(f"The job has {found.status} already.")
    return found
