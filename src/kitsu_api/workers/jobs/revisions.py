"""Revisions that tasks take over from others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from arq import Retry

from kitsu_api.services import preview_uploads
from kitsu_api.services import revision_import as service
from kitsu_api.services.status_changes import IMPORT_JOB
from kitsu_api.workers.context import JobContext

TRIES = 5
DELAY = 15
"""Seconds; twice as many before each further try."""


async def import_last_revision(
    ctx: dict[str, Any], *, source_task_id: str, target_task_id: str, person_id: str, comment_id: str
) -> None:
    """Copy the newest revision of a task to another, on a comment of its own; tried again it adds nothing.

    While a movie of it is still made, the job comes back later.
    """
    context: JobContext = ctx["job"]
    said, person = UUID(comment_id), UUID(person_id)
    attempt = ctx.get("job_try")
    try:
        async with context.unit_of_work() as uow:
            wait = attempt is not None and attempt < TRIES
            copies = await service.planned(uow, UUID(source_task_id), said, wait=wait)
    except service.NotReady as error:
        raise Retry(defer=DELAY * 2 ** (attempt or 1)) from error
    if not copies:
        return
    done = False
    try:
        with context.temporary_folder() as folder:
            sizes = await service.copy_files(context.storage, copies, folder)
        async with context.unit_of_work() as uow:
            done = await service.publish(uow, UUID(target_task_id), person, said, copies, sizes)
    finally:
        if not done:
            for copy in copies:
                await preview_uploads.take_back(context.storage, copy.id, list(copy.files))


MEDIA_JOBS: dict[str, Callable[..., Awaitable[Any]]] = {IMPORT_JOB: import_last_revision}
