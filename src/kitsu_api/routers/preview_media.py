"""Pictures, movies and files of previews, as browsers and players read them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Path, Response
from starlette.responses import StreamingResponse

from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.preview_places import DownloadedPreview, SeenPreview
from kitsu_api.routers.picture_forms import PREVIEW_SIZE, SQUARE_SIZE, THUMBNAIL_SIZE
from kitsu_api.routers.preview_answers import (
    ABOUT,
    PREVIEW_ANSWERS,
    PreviewAnswers,
    PreviewKind,
    Read,
    add_reads,
)
from kitsu_api.services.picture_forms import PreviewWidth, SquareWidth, ThumbnailWidth

SEEN = (
    Read(
        "/pictures/thumbnails/preview-files/{preview_file_id}.png",
        "thumbnail",
        "read_preview_thumbnail",
        "Read the thumbnail of a preview",
    ),
    Read(
        "/pictures/thumbnails-square/preview-files/{preview_file_id}.png",
        "square",
        "read_preview_square",
        "Read the square thumbnail of a preview",
    ),
    Read(
        "/pictures/previews/preview-files/{preview_file_id}.png",
        "preview",
        "read_preview_picture",
        "Read a preview in the size of a page",
    ),
    Read(
        "/pictures/originals/preview-files/{preview_file_id}.png",
        "original",
        "read_preview_original",
        "Read the picture of a preview in full size",
    ),
    Read(
        "/movies/originals/preview-files/{preview_file_id}.mp4",
        "movie",
        "read_movie",
        "Read a movie in high definition",
    ),
    Read(
        "/movies/low/preview-files/{preview_file_id}.mp4",
        "low",
        "read_movie_low",
        "Read a movie in low definition",
    ),
    Read(
        "/movies/source/preview-files/{preview_file_id}.mp4",
        "source",
        "read_movie_source",
        "Read a movie as it was uploaded",
    ),
    Read(
        "/movies/tiles/preview-files/{preview_file_id}.png",
        "tiles",
        "read_movie_tiles",
        "Read the contact sheet of a movie",
    ),
)
DOWNLOADED = (
    Read(
        "/pictures/originals/preview-files/{preview_file_id}/download",
        "download",
        "download_preview",
        "Download a preview",
        "The picture, movie or file, to be saved; clients may where their production allows it.",
    ),
    Read(
        "/movies/originals/preview-files/{preview_file_id}/download",
        "download",
        "download_movie",
        "Download a movie",
        "The movie in high definition, to be saved; clients may where their production allows it.",
    ),
)

router = APIRouter(tags=["Previews"], responses=errors(Unauthorized, Forbidden, NotFound))


async def _thumbnail(
    place: SeenPreview,
    desk: PreviewAnswers,
    size: Annotated[ThumbnailWidth | None, THUMBNAIL_SIZE] = None,
) -> Response:
    return await desk.answer(place.preview, "thumbnail", size)


async def _square(
    place: SeenPreview, desk: PreviewAnswers, size: Annotated[SquareWidth | None, SQUARE_SIZE] = None
) -> Response:
    return await desk.answer(place.preview, "square", size)


async def _page(
    place: SeenPreview, desk: PreviewAnswers, size: Annotated[PreviewWidth | None, PREVIEW_SIZE] = None
) -> Response:
    return await desk.answer(place.preview, "preview", size)


IN_SIZES: dict[PreviewKind, Callable[..., Awaitable[Response]]] = {
    "thumbnail": _thumbnail,
    "square": _square,
    "preview": _page,
}
"""Those that come in several sizes: each has its own."""


def _seen(kind: PreviewKind) -> Callable[..., Awaitable[Response]]:
    if kind in IN_SIZES:
        return IN_SIZES[kind]

    async def read(place: SeenPreview, desk: PreviewAnswers) -> Response:
        return await desk.answer(place.preview, kind)

    return read


def _downloaded(kind: PreviewKind) -> Callable[..., Awaitable[Response]]:
    async def download(place: DownloadedPreview, desk: PreviewAnswers) -> Response:
        return await desk.answer(place.preview, kind)

    return download


add_reads(router, SEEN, _seen)
add_reads(router, DOWNLOADED, _downloaded)


# after the paths that end on .png: this one fits them as well
@router.get(
    "/pictures/originals/preview-files/{preview_file_id}.{extension}",
    response_class=StreamingResponse,
    responses={**PREVIEW_ANSWERS, **errors(BadRequest)},
    operation_id="read_preview_file",
    summary="Read the file of a preview",
    description=ABOUT["file"],
)
async def read_file(
    place: SeenPreview,
    extension: Annotated[str, Path(description="The extension that the preview has.")],
    desk: PreviewAnswers,
) -> Response:
    """The file of a preview by its extension."""
    return await desk.answer_by_extension(place.preview, extension)
