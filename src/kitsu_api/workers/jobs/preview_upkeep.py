"""Files and measures of previews, made anew when an operator asks for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.db.repositories.records import Records
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.later import movies, tiles
from kitsu_api.media.pictures import read_picture
from kitsu_api.services import jobs
from kitsu_api.services import preview_storage as places
from kitsu_api.services import preview_uploads as uploads
from kitsu_api.services.preview_making import make_pictures, pictures_of_frame, size_of
from kitsu_api.services.preview_storage import Place
from kitsu_api.services.upkeep import EXTRAS_JOB, PROBE_JOB, RENORMALISE_JOB
from kitsu_api.settings import Settings
from kitsu_api.storage.files import MissingFile
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.tracking import RunningJob, begin

logger = logging.getLogger(__name__)

Mend = Callable[[JobContext, RunningJob, PreviewFile], Awaitable[None]]


async def _each(ctx: dict[str, Any], job_id: str, ids: list[str], mend: Mend) -> None:
    """Mend previews one after the other; the result names those that can't be mended, which stop no other."""
    context: JobContext = ctx["job"]
    async with begin(ctx, job_id) as job:
        skipped: list[str] = []
        for number, id in enumerate(ids):
            job.check_cancelled()
            job.note(number, len(ids))
            async with context.sessions() as session:
                preview = await Records(session, PreviewFile).find(UUID(id))
            if preview is None or preview.status != "ready":
                skipped.append(id)
                continue
            try:
                await mend(context, job, preview)
            except (MissingFile, BrokenMedia) as error:
                logger.warning("The preview %s can't be mended: %s.", id, type(error).__name__)
                skipped.append(id)
        job.note(len(ids), len(ids))
        job.result = {"mended": len(ids) - len(skipped), "skipped": skipped}


def _measures(source: Path, preview: PreviewFile, settings: Settings) -> dict[str, Any]:
    if places.is_movie(preview):
        facts = movies.probe(source)
        return {"width": facts.width, "height": facts.height, "duration": round(facts.duration, 6)}
    picture = read_picture(source, max_pixels=settings.max_image_pixels)
    return {"width": picture.width, "height": picture.height}


async def _probe(context: JobContext, job: RunningJob, preview: PreviewFile) -> None:
    with context.temporary_folder() as folder:
        place = places.own_place(preview)
        source = await context.storage.borrow(*place, preview.id, folder / "source")
        values = await asyncio.to_thread(_measures, source, preview, context.settings)
        values["file_size"] = await size_of(source)
    async with job.unit_of_work() as uow:
        held = await PreviewMedia(uow.session).lock(preview.id)
        if held is not None:
            await Records(uow.session, PreviewFile).change(held, values)


async def probe_previews(ctx: dict[str, Any], *, job_id: str, preview_file_ids: list[str]) -> None:
    """Measure stored pictures and movies, and note their size and length."""
    await _each(ctx, job_id, preview_file_ids, _probe)


def _extras(source: Path, folder: Path, preview: PreviewFile, settings: Settings) -> dict[Place, Path]:
    if not places.is_movie(preview):
        files = make_pictures(source, folder, settings).files
        # the file that the others are made of stays as it is
        return {place: path for place, path in files.items() if place != places.ORIGINAL}
    files = pictures_of_frame(source, 0, folder, settings)
    sheet = folder / "tiles.png"
    tiles.make_tiles(source, sheet)
    return {**files, places.TILES: sheet}


async def _make_extras(context: JobContext, job: RunningJob, preview: PreviewFile) -> None:
    with context.temporary_folder() as folder:
        place = places.own_place(preview)
        source = await context.storage.borrow(*place, preview.id, folder / "source")
        files = await asyncio.to_thread(_extras, source, folder, preview, context.settings)
        sizes = await uploads.put_files(context.storage, preview, files)
    async with job.unit_of_work() as uow:
        await uploads.note_files(uow, preview.id, sizes)


async def make_preview_extras(ctx: dict[str, Any], *, job_id: str, preview_file_ids: list[str]) -> None:
    """Make thumbnails, and contact sheets of movies, anew."""
    await _each(ctx, job_id, preview_file_ids, _make_extras)


async def _renormalise(context: JobContext, job: RunningJob, preview: PreviewFile) -> None:
    storage = context.storage
    fresh = {}
    if not await places.is_stored(storage, places.SOURCE, preview):
        # the movie as it was uploaded is gone: the best that is left takes its place
        with context.temporary_folder() as folder:
            copy = folder / "source"
            await storage.fetch(*places.HIGH, preview.id, copy)
            fresh = await uploads.put_files(storage, preview, {places.SOURCE: copy})
    async with job.unit_of_work() as uow:
        media = PreviewMedia(uow.session)
        held = await media.lock(preview.id)
        if held is None or held.status != "ready":
            return
        await uploads.note_files(uow, held.id, fresh)
        await Records(uow.session, PreviewFile).change(held, {"status": "processing"})
        task = await media.task_of(held.task_id)
        project_id = task.project_id if task else None
        uow.emit(uploads.finished_event(held, project_id))
        arguments = {"preview_file_id": str(held.id), "as_is": False}
        await jobs.start(uow, None, uploads.MOVIE_JOB, arguments, project_id=project_id, key=str(held.id))


async def renormalise_previews(ctx: dict[str, Any], *, job_id: str, preview_file_ids: list[str]) -> None:
    """Queue movies to be made anew, of the uploaded ones where these were kept."""
    await _each(ctx, job_id, preview_file_ids, _renormalise)


MEDIA_JOBS: dict[str, Callable[..., Awaitable[Any]]] = {
    PROBE_JOB: probe_previews,
    EXTRAS_JOB: make_preview_extras,
    RENORMALISE_JOB: renormalise_previews,
}
