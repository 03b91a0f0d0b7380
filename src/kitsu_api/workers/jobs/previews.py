"""What is made of uploaded movies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.repositories.jobs import Jobs
from kitsu_api.db.repositories.preview_media import PreviewMedia, PreviewTask
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.stored_files import note_removed
from kitsu_api.media.errors import BrokenMedia, MediaCancelled
from kitsu_api.services import preview_storage as places
from kitsu_api.services import preview_uploads as uploads
from kitsu_api.services.notices import tell_of_broken_preview
from kitsu_api.services.preview_making import MadeFiles, MoviePlan, make_movies, plan_of
from kitsu_api.storage.files import MissingFile
from kitsu_api.storage.temporary import temporary_folder
from kitsu_api.unit_of_work import UnitOfWork
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.tracking import JobCancelled, JobFailed, RunningJob, begin

BROKEN, MISSING = "broken", "missing"


async def make_movie_preview(
    ctx: dict[str, Any], *, job_id: str, preview_file_id: str, as_is: bool = False
) -> None:
    """Make the movies, the pictures and the contact sheet of a movie that waits in storage.

    Done again from the start it does the same: files are replaced whole, and the row changes once all
    of them are there.
    """
    context: JobContext = ctx["job"]
    id = UUID(preview_file_id)
    async with begin(ctx, job_id) as job:
        plan = await _plan(context, job, id, as_is)
        if plan is None:
            return
        with temporary_folder(context.settings) as folder:
            async with _failing(context, job, id):
                made = await _made(context, job, id, plan, folder)
                await _publish(context, job, id, plan, made)
        job.result = {"preview_file_id": preview_file_id, "status": "ready"}


@asynccontextmanager
async def _failing(context: JobContext, job: RunningJob, id: UUID) -> AsyncIterator[None]:
    """The preview says so when nothing can be made of its movie, or nothing is any more.

    Raises:
        JobFailed: the movie is damaged, or not in storage.
    """
    began = time.monotonic()
    try:
        yield
    except MissingFile as error:
        await _give_up(context, job, id, MISSING)
        raise JobFailed("The uploaded movie is not in storage.") from error
    except BrokenMedia as error:
        await _give_up(context, job, id, BROKEN)
        raise JobFailed(str(error)) from error
    except (MediaCancelled, JobCancelled):
        await _give_up(context, job, id, BROKEN)
        job.check_cancelled()
        raise
    except Exception:
        await _give_up(context, job, id, BROKEN)
        raise
    except asyncio.CancelledError:
        # a worker that stops leaves the job to another; one whose time is over leaves it to nobody
        if time.monotonic() - began >= job.time_limit:
            await asyncio.shield(_give_up(context, job, id, BROKEN))
        raise


async def _plan(context: JobContext, job: RunningJob, id: UUID, as_is: bool) -> MoviePlan | None:
    """What is to be made; None when the preview is gone, or has all its files."""
    async with job.unit_of_work() as uow:
        preview = await PreviewMedia(uow.session).lock(id)
        if preview is None or preview.status == "ready":
            return None
        if preview.status != "processing":
            await _tell(uow, preview, "processing")
        task = await PreviewMedia(uow.session).task_of(preview.task_id)
        plan = plan_of(context.settings, task)
        return MoviePlan(plan.wish, as_is, plan.skip_high, plan.keep_source)


async def _made(context: JobContext, job: RunningJob, id: UUID, plan: MoviePlan, folder: Path) -> MadeFiles:
    place = places.HIGH if plan.as_is else places.SOURCE
    source = await context.storage.borrow(*place, id, folder / "source")
    return await asyncio.to_thread(
        make_movies, source, folder, plan, context.settings, job.note, job.is_cancelled
    )


async def _publish(context: JobContext, job: RunningJob, id: UUID, plan: MoviePlan, made: MadeFiles) -> None:
    """Store what was made, and say that the preview is ready.

    Files are put into storage before the row says so: nobody is shown one of them before all are there.
    """
    waiting = places.HIGH if plan.as_is else places.SOURCE
    dropped = [] if waiting in made.files else [waiting]
    fresh = {place: path for place, path in made.files.items() if place != waiting}
    sizes = await uploads.put_files(context.storage, PreviewFile(id=id, extension="mp4"), fresh)
    async with job.unit_of_work() as uow:
        media = PreviewMedia(uow.session)
        preview = await media.lock(id)
        if preview is None:
            return
        before = preview.data if isinstance(preview.data, dict) else {}
        data = {**before, **made.values["data"]}
        values = {**made.values, "data": data, "status": "ready"}
        await Records(uow.session, PreviewFile).change(preview, values)
        await uploads.note_files(uow, id, sizes)
        task = await media.task_of(preview.task_id)
        uow.emit(uploads.finished_event(preview, task.project_id if task else None))
        if task is not None:
            await uploads.set_main_if_wanted(uow, preview, task)
        if dropped:
            await note_removed(uow.session, id, dropped)
            await media.forget_states(id, dropped)
    for place in dropped:
        await context.storage.delete(*place, id)


async def _give_up(context: JobContext, job: RunningJob, id: UUID, status: str) -> None:
    """Say that nothing was made of a preview's movie, unless another worker is at it by now: what failed here
    may be the connection that it has closed."""
    async with context.unit_of_work() as uow:
        if not await Jobs(uow.session).hold(job.id, job.attempt):
            return
        preview = await PreviewMedia(uow.session).lock(id)
        if preview is not None and preview.status == "processing":
            task = await _tell(uow, preview, status)
            if task is not None:
                await tell_of_broken_preview(uow, preview, task.project_id)


async def _tell(uow: UnitOfWork, preview: PreviewFile, status: str) -> PreviewTask | None:
    """Give a preview another status, and tell of it; its task."""
    await Records(uow.session, PreviewFile).change(preview, {"status": status})
    task = await PreviewMedia(uow.session).task_of(preview.task_id)
    uow.emit(uploads.finished_event(preview, task.project_id if task else None))
    return task


MEDIA_JOBS: dict[str, Callable[..., Awaitable[Any]]] = {uploads.MOVIE_JOB: make_movie_preview}
