"""Sheets on their way to the job that takes them in, and what the job says to whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID, uuid4

import orjson
from redis.asyncio import Redis

from kitsu_api.db.engine import Sessions
from kitsu_api.db.models import JobStatus, TrackedJob
from kitsu_api.db.repositories.jobs import Jobs
from kitsu_api.db.repositories.stored_files import forget
from kitsu_api.errors import Conflict, NotFound, Unavailable
from kitsu_api.permissions.actor import Actor
from kitsu_api.services import jobs
from kitsu_api.services.import_csv.plans import Outcome, Wish
from kitsu_api.services.import_csv.sheets import SheetError
from kitsu_api.storage.files import Bucket, FileStorage
from kitsu_api.unit_of_work import UnitOfWork

KIND = "import_sheet"
BUCKET: Bucket = "files"
PREFIX = "sheets"
ANSWER_SECONDS = 3600
"""How long Valkey keeps what a job says to whoever waits for it."""

SHORTEST_NAP = 0.02
LONGEST_NAP = 0.5
"""Seconds between two looks at a job that somebody waits for."""


async def submit(uow: UnitOfWork, storage: FileStorage, actor: Actor, wish: Wish, file: BinaryIO) -> UUID:
    """Store a sheet and start the job that takes it in; the job's id.

    Commits, unlike other services: whoever waits for the job must let it begin.
    """
    sheet_id = uuid4()
    await asyncio.to_thread(file.seek, 0)
    await storage.put(BUCKET, PREFIX, sheet_id, file)
    arguments = {
        "sheet_id": str(sheet_id),
        "actor_id": str(actor.id),
        "sheet_kind": wish.kind,
        "project_id": _text(wish.project_id),
        "episode_id": _text(wish.episode_id),
        "task_type_id": _text(wish.task_type_id),
        "update": wish.update,
        "dry_run": wish.dry_run,
        "create_columns": wish.create_columns,
    }
    try:
        # the job deletes it; where none comes to that, the purge does
        await forget(uow.session, BUCKET, PREFIX, [sheet_id])
        job_id = await jobs.start(uow, actor.id, KIND, arguments, project_id=wish.project_id)
        uow.actor_id = actor.id
        await uow.commit()
    except BaseException:
        await storage.delete(BUCKET, PREFIX, sheet_id)
        raise
    return job_id


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def result_of(wish: Wish, outcome: Outcome) -> dict[str, Any]:
    """What a job leaves for everybody who looks at it."""
    return {
        "kind": wish.kind,
        "dry_run": wish.dry_run,
        "rows": outcome.rows,
        **outcome.counts.as_json(),
        "ignored_columns": outcome.ignored_columns,
        "conflict_lines": outcome.conflicts,
    }


def told_of(error: SheetError) -> str:
    """What everybody who looks at the job reads of a sheet that is refused: where, and what."""
    line, column = error.details.get("line_number"), error.details.get("column")
    if error.text.startswith(f"Line {line} "):  # it says so itself
        line = None
    place = ", ".join(filter(None, [f"line {line}" if line else "", f"column {column}" if column else ""]))
    return f"{place[0].upper()}{place[1:]}: {error.text}" if place else error.text


class Answers:
    """What jobs say to whoever waits for them: refusals with all their details, and the ids of the rows. It
    lies in Valkey for an hour: too much for the row of a job, and of no use to others."""

    def __init__(self, valkey: Redis) -> None:
        self.valkey = valkey

    async def refuse(self, job_id: UUID, error: SheetError) -> None:
        """Say why a sheet is refused."""
        refusal = {"message": error.text, "details": error.details}
        await self.valkey.set(f"{KIND}:{job_id}:refusal", orjson.dumps(refusal), ex=ANSWER_SECONDS)

    async def accept(self, job_id: UUID, ids: list[UUID]) -> None:
        """Say what the rows of a sheet are about."""
        text = "".join(id.hex for id in ids)
        await self.valkey.set(f"{KIND}:{job_id}:ids", text, ex=ANSWER_SECONDS)

    async def refusal(self, job_id: UUID) -> SheetError | None:
        """Why a sheet was refused."""
        text = await self.valkey.getdel(f"{KIND}:{job_id}:refusal")
        if text is None:
            return None
        told = orjson.loads(text)
        error = SheetError(told["message"])
        error.details.update(told["details"])
        return error

    async def ids(self, job_id: UUID) -> list[UUID]:
        """What the rows are about."""
        text: str = await self.valkey.getdel(f"{KIND}:{job_id}:ids") or ""
        return [UUID(hex=text[start : start + 32]) for start in range(0, len(text), 32)]


@dataclass(frozen=True)
class Patience:
    """How long somebody waits for a job, in seconds, and how they say that they have gone."""

    seconds: float
    gone: Callable[[], Awaitable[bool]]


async def wait_for(sessions: Sessions, job_id: UUID, patience: Patience) -> TrackedJob:
    """The job once it has ended; as it is, when whoever waits runs out of patience. It goes on in any case.

    Raises:
        NotFound: the job is gone.
    """
    loop = asyncio.get_running_loop()
    until, nap = loop.time() + patience.seconds, SHORTEST_NAP
    while True:
        async with sessions() as session:
            job = await Jobs(session).find(job_id)
        if job is None:
            raise NotFound
        if job.ended_at is not None or loop.time() >= until or await patience.gone():
            return job
        await asyncio.sleep(nap)
        nap = min(nap * 1.5, LONGEST_NAP)


async def check_success(job: TrackedJob, answers: Answers) -> None:
    """A job that has ended has ended well.

    Raises:
        SheetError: the sheet was refused.
        Conflict: the job was cancelled.
        Unavailable: the job failed for reasons that are not the sheet's.
    """
    if job.status == JobStatus.CANCELLED:
        raise Conflict("The import was cancelled; nothing was written.", job_id=str(job.id))
    if job.status == JobStatus.FAILED:
        refusal = await answers.refusal(job.id)
        if refusal is not None:
            raise refusal
        raise Unavailable(job.error, job_id=str(job.id))
