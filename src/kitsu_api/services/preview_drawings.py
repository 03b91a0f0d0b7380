"""Frames of previews with what is drawn on them."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.media.annotations import annotated_pdf, draw
from kitsu_api.media.later import movies
from kitsu_api.services import preview_storage as places
from kitsu_api.services.annotations import Annotation, frame_of, objects_of, rate_of
from kitsu_api.services.preview_frames import borrowed
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork

MOST_FRAMES = 500
"""Frames with drawings that are given at a time."""


async def _drawings(uow: UnitOfWork, preview: PreviewFile) -> dict[int, list[Any]]:
    """What is drawn on each frame of a preview, by the frames' numbers from 0, in their order."""
    rate = rate_of(await PreviewMedia(uow.session).task_of(preview.task_id))
    listed = preview.annotations if isinstance(preview.annotations, list) else []
    found: dict[int, list[Any]] = {}
    for annotation in listed:
        if isinstance(annotation, dict) and (objects := objects_of(annotation)):
            number = frame_of(annotation, rate) if places.is_movie(preview) else 0
            found.setdefault(number, []).extend(_sized(annotation, objects))
    return dict(sorted(found.items()))


def _sized(annotation: Annotation, objects: Sequence[Any]) -> list[Any]:
    """Objects with the size of the canvas that they were drawn on, where they don't say it themselves."""
    size = {
        name: annotation[key]
        for name, key in (("canvasWidth", "width"), ("canvasHeight", "height"))
        if annotation.get(key)
    }
    return [{**size, **one} for one in objects if isinstance(one, dict)]


async def annotated_frame(
    uow: UnitOfWork, storage: FileStorage, preview: PreviewFile, number: int | None
) -> bytes:
    """A frame with what is drawn on it, as PNG. Frames of movies count from 1; a picture needs no number.

    Raises:
        BadRequest: a movie, and no number; nothing is drawn there; it can't be read.
        NotFound: it isn't in storage, or neither a picture nor a movie.
    """
    movie = places.is_movie(preview)
    if movie and number is None:
        raise BadRequest("frame_number is required for movie previews")
    index = number - 1 if movie and number is not None else 0
    drawings = await _drawings(uow, preview)
    if index not in drawings:
        raise BadRequest(f"No annotation found for frame {number or 1}")
    async with _pages(uow, storage, preview, {index: drawings[index]}) as pages:
        return await asyncio.to_thread(pages[0].read_bytes)


@asynccontextmanager
async def annotated_frames(
    uow: UnitOfWork, storage: FileStorage, preview: PreviewFile
) -> AsyncIterator[list[Path]]:
    """All frames that something is drawn on, as PNG files that are gone with the block.

    Raises:
        BadRequest: nothing is drawn on the preview, or too much; it can't be read.
        NotFound: it isn't in storage, or neither a picture nor a movie.
    """
    drawings = await _drawings(uow, preview)
    if not drawings:
        raise BadRequest("Preview file has no annotations")
    if len(drawings) > MOST_FRAMES:
        raise BadRequest(f"At most {MOST_FRAMES} frames with annotations are given at a time.")
    async with _pages(uow, storage, preview, drawings) as pages:
        yield pages


@asynccontextmanager
async def _pages(
    uow: UnitOfWork, storage: FileStorage, preview: PreviewFile, drawings: dict[int, list[Any]]
) -> AsyncIterator[list[Path]]:
    movie = places.is_movie(preview)
    if not movie and not places.is_still(preview):
        raise NotFound("This preview is neither a picture nor a movie.")
    place = places.HIGH if movie else places.ORIGINAL
    async with borrowed(uow, storage, preview, place) as (source, folder):
        yield await asyncio.to_thread(_draw_all, source, folder, drawings, movie)


def _draw_all(source: Path, folder: Path, drawings: dict[int, list[Any]], movie: bool) -> list[Path]:
    pages = []
    for index, objects in drawings.items():
        bare, page = source, folder / f"frame_{index + 1:05}.png"
        if movie:
            bare = folder / "bare.png"
            movies.extract_frame(source, index, bare)
        draw(bare, objects, page)
        pages.append(page)
    return pages


def zip_of(pages: Sequence[Path], target: Path) -> None:
    """Write the pages into a zip; they are compressed already."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for page in pages:
            archive.write(page, page.name)


def pdf_of(pages: Sequence[Path], target: Path) -> None:
    """Write the pages into a PDF, one on each page."""
    annotated_pdf(pages, target)
