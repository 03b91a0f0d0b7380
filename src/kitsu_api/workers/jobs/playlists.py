"""Jobs that make movies of playlists."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.repositories.jobs import Jobs
from kitsu_api.media.errors import BrokenMedia, MediaCancelled
from kitsu_api.media.later import joining, movies
from kitsu_api.media.pictures import read_picture
from kitsu_api.services import playlist_builds as builds
from kitsu_api.services.playlist_movies import MoviePlan, plan, told_of_left_out
from kitsu_api.services.preview_storage import ORIGINAL, is_still
from kitsu_api.storage.files import MissingFile
from kitsu_api.storage.temporary import temporary_folder
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.tracking import JobCancelled, JobFailed, RunningJob, begin, told_of

logger = logging.getLogger(__name__)

CANCELLED = "The build was cancelled."
TOO_LONG = "The build took longer than a build may take."
NOTHING_WHOLE = "None of the movies and pictures of the playlist is in storage and whole."


async def build_playlist(ctx: dict[str, Any], *, job_id: str, build_job_id: str, full: bool) -> None:
    """Make the movie of a build, store it, and note how that ended."""
    context: JobContext = ctx["job"]
    id = UUID(build_job_id)
    began = time.monotonic()
    async with begin(ctx, job_id) as job:
        try:
            await _build(context, job, id, full=full)
        except asyncio.CancelledError:
            # a worker that stops leaves the job to another; one whose time is over leaves it to nobody
            if time.monotonic() - began >= job.time_limit:
                await asyncio.shield(_give_up(context, job, id, TOO_LONG))
            raise
        except Exception as error:
            said = CANCELLED if isinstance(error, JobCancelled) else told_of(error)
            await _give_up(context, job, id, said)
            raise


async def _give_up(context: JobContext, job: RunningJob, id: UUID, message: str) -> None:
    """Say that a build has failed, unless another worker is at it by now."""
    async with context.unit_of_work() as uow:
        if await Jobs(uow.session).hold(job.id, job.attempt):
            await builds.fail(uow, id, message)


async def _build(context: JobContext, job: RunningJob, id: UUID, *, full: bool) -> None:
    async with job.unit_of_work() as uow:
        if not await builds.begin(uow, id):
            return
        wanted = await plan(uow.session, context.settings, id, full=full)
    if wanted is None:
        return
    with temporary_folder(context.settings) as folder:
        clips, left_out = await _gather(context, job, wanted, folder)
        target = folder / "playlist.mp4"
        facts = await _joined(context, job, wanted, clips, target)
        await job.progress(facts.frames, facts.frames)
        size = target.stat().st_size
        await context.storage.put(builds.BUCKET, builds.PREFIX, id, target, "video/mp4")
    message = told_of_left_out(left_out, len(wanted.entries))
    async with job.unit_of_work() as uow:
        await builds.succeed(uow, id, size, message)
    job.result = {"build_job_id": str(id), "frames": facts.frames, "left_out": len(left_out)}


async def _gather(
    context: JobContext, job: RunningJob, wanted: MoviePlan, folder: Path
) -> tuple[list[joining.Clip], list[str]]:
    """The clips on the local disk, each file once, and the names of the entries that have none."""
    files: dict[UUID, Path | None] = {}
    clips, left_out = [], []
    for place, entry in enumerate(wanted.entries, start=1):
        job.check_cancelled()
        preview = entry.preview
        if preview is not None and preview.id not in files:
            files[preview.id] = await _whole_file(context, wanted, preview, folder)
        path = None if preview is None else files[preview.id]
        if path is None or preview is None:
            left_out.append(entry.name)
        else:
            still = is_still(preview)
            name = f"{entry.name} (entry {place} of {len(wanted.entries)})"
            clips.append(joining.Clip(path, still, wanted.still_frames if still else 0, name))
    if not clips:
        raise JobFailed(NOTHING_WHOLE)
    return clips, left_out


async def _whole_file(
    context: JobContext, wanted: MoviePlan, preview: PreviewFile, folder: Path
) -> Path | None:
    """The movie or the picture of a preview on the local disk; None when it is missing or broken."""
    still = is_still(preview)
    for place in (ORIGINAL,) if still else wanted.places:
        try:
            path = await context.storage.borrow(*place, preview.id, folder / str(preview.id))
        except MissingFile:
            continue
        try:
            await asyncio.to_thread(_look_at, context, path, still=still)
        except BrokenMedia as error:
            logger.warning("Preview %s is left out of a movie: %s", preview.id, error)
            return None
        return path
    return None


def _look_at(context: JobContext, path: Path, *, still: bool) -> None:
    """Find out whether a file is what it should be.

    Raises:
        BrokenMedia: it is not.
    """
    if still:
        read_picture(path, max_pixels=context.settings.max_image_pixels)
    else:
        movies.probe(path)


async def _joined(
    context: JobContext, job: RunningJob, wanted: MoviePlan, clips: list[joining.Clip], target: Path
) -> movies.MovieFacts:
    """The clips in one movie. When this ends, no thread writes any more.

    Raises:
        JobFailed: a clip turned out to be broken.
        JobCancelled: the job is to stop.
    """
    stop = threading.Event()

    def work() -> movies.MovieFacts:
        return joining.join(
            clips,
            target,
            width=wanted.width,
            height=wanted.height,
            rate=wanted.rate,
            bitrate=wanted.bitrate,
            preset=context.settings.movie_encoding_preset,
            progress=job.note,
            cancelled=lambda: stop.is_set() or job.is_cancelled(),
        )

    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except MediaCancelled:
        job.check_cancelled()
        raise
    except BrokenMedia as error:
        raise JobFailed(str(error)) from error
    finally:
        # a worker that is stopped must not leave a thread behind that writes into a folder that goes
        stop.set()
        await asyncio.wait({task})
        task.cancelled() or task.exception()


async def settle_builds(ctx: dict[str, Any]) -> int:
    """Note the end of builds whose jobs were ended while no worker had them; how many there were."""
    context: JobContext = ctx["job"]
    async with context.unit_of_work() as uow:
        return await builds.settle(uow)


JOBS: dict[str, Callable[..., Awaitable[Any]]] = {"settle_builds": settle_builds}
MEDIA_JOBS: dict[str, Callable[..., Awaitable[Any]]] = {"build_playlist": build_playlist}
TIME_LIMITS: dict[str, int] = {"build_playlist": 6 * 3600}
