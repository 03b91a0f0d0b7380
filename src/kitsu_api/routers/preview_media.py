"""Pictures, movies and files of previews, as browsers and players read them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, StreamingResponse

from kitsu_api.db.models import PreviewFile
from kitsu_api.errors import BadRequest, Forbidden, NotFound, RangeNotSatisfiable, Unauthorized, errors
from kitsu_api.permissions.preview_places import DownloadedPreview, SeenPreview
from kitsu_api.rendering import answer
from kitsu_api.routers.picture_forms import (
    FORM_ANSWERS,
    PREVIEW_SIZE,
    SQUARE_SIZE,
    THUMBNAIL_SIZE,
    Desk,
    Pictured,
    answer_form,
)
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.stored_files import FILE_ANSWERS, answer_file
from kitsu_api.services import preview_storage as files
from kitsu_api.services.picture_forms import (
    PREVIEWS,
    SQUARES,
    THUMBNAILS,
    PictureKind,
    PreviewWidth,
    SquareWidth,
    ThumbnailWidth,
)
from kitsu_api.services.preview_names import saved_stem, shown_stem
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork, Uow

PreviewKind = Literal[
    "thumbnail", "square", "preview", "original", "tiles", "movie", "low", "source", "file", "download"
]
"""Files of a preview: `original` is its picture, or the first frame of its movie; `file` is what it is
about, whatever that is; `download` is the same, to be saved under the name that the studio wants."""

PLACES: dict[PreviewKind, files.Place] = {
    "thumbnail": files.THUMBNAIL,
    "square": files.SQUARE,
    "preview": files.PREVIEW,
    "original": files.ORIGINAL,
    "tiles": files.TILES,
    "movie": files.HIGH,
    "low": files.LOW,
    "source": files.SOURCE,
}

FORMS: dict[PreviewKind, PictureKind] = {"thumbnail": THUMBNAILS, "square": SQUARES, "preview": PREVIEWS}
"""Those that come in several sizes and forms."""

EXTENSIONS = {"image/png": "png", "image/gif": "gif", "video/mp4": "mp4"}

router = APIRouter(
    tags=["Previews"],
    responses={
        **FILE_ANSWERS,
        302: {"description": "The object store gives the file itself."},
        **errors(Unauthorized, Forbidden, NotFound, RangeNotSatisfiable),
    },
    default_response_class=StreamingResponse,
)


async def answer_preview(
    request: Request,
    storage: FileStorage,
    uow: UnitOfWork,
    preview: PreviewFile,
    kind: PreviewKind,
    width: int | None = None,
) -> Response:
    """A file of a preview; whoever calls has made sure that it may be seen.

    What is seen of the storage is noted. A file that isn't there is answered with a 404.

    Raises:
        NotFound: the file should be there, and is not.
        RangeNotSatisfiable: the part that was asked for lies beyond its end.
    """
    if kind not in FORMS:
        return await _answer_file(request, storage, uow.session, preview, kind)
    pictured = Pictured(FORMS[kind], preview.id, shown_stem(preview))
    return await answer_form(
        Desk(request, uow, storage),
        pictured,
        width,
        lambda: _answer_file(request, storage, uow.session, preview, kind),
    )


async def _answer_file(
    request: Request, storage: FileStorage, session: AsyncSession, preview: PreviewFile, kind: PreviewKind
) -> Response:
    place = await files.locate(session, storage, preview, PLACES.get(kind) or files.own_place(preview))
    if place is None:
        # answered, not raised: what was seen of the storage is to be committed
        return answer(NotFound("The preview has no such file."))
    type_ = files.media_type(place, preview)
    saved = kind == "download"
    if not saved and (address := await storage.signed_url(*place, preview.id)):
        seconds = storage.settings.fs_s3_signed_seconds // 2
        return RedirectResponse(address, 302, {"cache-control": f"private, max-age={seconds}"})
    stem = await saved_stem(session, preview) if saved else shown_stem(preview)
    extension = EXTENSIONS.get(type_) or preview.extension or "bin"
    name = f"{stem}.{extension}"
    return await answer_file(request, storage, (*place, preview.id), name=name, kind=type_, download=saved)


@router.get(
    "/pictures/thumbnails/preview-files/{preview_file_id}.png",
    responses={**FORM_ANSWERS},
    operation_id="read_preview_thumbnail",
    summary="Read the thumbnail of a preview",
)
async def read_thumbnail(
    place: SeenPreview,
    request: Request,
    uow: Uow,
    storage: Storage,
    size: Annotated[ThumbnailWidth | None, THUMBNAIL_SIZE] = None,
) -> Response:
    """A PNG of 150 x 100 pixels; AVIF or WebP for clients that name one of these in `Accept`."""
    return await answer_preview(request, storage, uow, place.preview, "thumbnail", size)


@router.get(
    "/pictures/thumbnails-square/preview-files/{preview_file_id}.png",
    responses={**FORM_ANSWERS},
    operation_id="read_preview_square",
    summary="Read the square thumbnail of a preview",
)
async def read_square(
    place: SeenPreview,
    request: Request,
    uow: Uow,
    storage: Storage,
    size: Annotated[SquareWidth | None, SQUARE_SIZE] = None,
) -> Response:
    """A PNG of 100 x 100 pixels; AVIF or WebP for clients that name one of these in `Accept`."""
    return await answer_preview(request, storage, uow, place.preview, "square", size)


@router.get(
    "/pictures/previews/preview-files/{preview_file_id}.png",
    responses={**FORM_ANSWERS},
    operation_id="read_preview_picture",
    summary="Read a preview in the size of a page",
)
async def read_preview(
    place: SeenPreview,
    request: Request,
    uow: Uow,
    storage: Storage,
    size: Annotated[PreviewWidth | None, PREVIEW_SIZE] = None,
) -> Response:
    """A PNG, 1200 pixels wide; AVIF or WebP for clients that name one of these in `Accept`."""
    return await answer_preview(request, storage, uow, place.preview, "preview", size)


@router.get(
    "/pictures/originals/preview-files/{preview_file_id}.png",
    operation_id="read_preview_original",
    summary="Read the picture of a preview in full size",
)
async def read_original(place: SeenPreview, request: Request, uow: Uow, storage: Storage) -> Response:
    """The picture as PNG, or as the GIF that it was uploaded as; of a movie, its first frame."""
    return await answer_preview(request, storage, uow, place.preview, "original")


@router.get(
    "/pictures/originals/preview-files/{preview_file_id}/download",
    operation_id="download_preview",
    summary="Download a preview",
)
async def download_preview(
    place: DownloadedPreview, request: Request, uow: Uow, storage: Storage
) -> Response:
    """The picture, movie or file, to be saved; clients may where their production allows it."""
    return await answer_preview(request, storage, uow, place.preview, "download")


@router.get(
    "/pictures/originals/preview-files/{preview_file_id}.{extension}",
    responses=errors(BadRequest),
    operation_id="read_preview_file",
    summary="Read the file of a preview",
)
async def read_file(
    place: SeenPreview,
    extension: Annotated[str, Path(description="The extension that the preview has.")],
    request: Request,
    uow: Uow,
    storage: Storage,
) -> Response:
    """The file as it was uploaded; of a movie, its high definition."""
    if files.check_extension(extension) != (place.preview.extension or "").lower():
        raise NotFound("The preview has another extension.")
    return await answer_preview(request, storage, uow, place.preview, "file")


@router.get(
    "/movies/originals/preview-files/{preview_file_id}.mp4",
    operation_id="read_movie",
    summary="Read a movie in high definition",
)
async def read_movie(place: SeenPreview, request: Request, uow: Uow, storage: Storage) -> Response:
    """The movie in high definition, or as it was uploaded while that is not made yet."""
    return await answer_preview(request, storage, uow, place.preview, "movie")


@router.get(
    "/movies/originals/preview-files/{preview_file_id}/download",
    operation_id="download_movie",
    summary="Download a movie",
)
async def download_movie(place: DownloadedPreview, request: Request, uow: Uow, storage: Storage) -> Response:
    """The movie in high definition, to be saved; clients may where their production allows it."""
    return await answer_preview(request, storage, uow, place.preview, "download")


@router.get(
    "/movies/low/preview-files/{preview_file_id}.mp4",
    operation_id="read_movie_low",
    summary="Read a movie in low definition",
)
async def read_movie_low(place: SeenPreview, request: Request, uow: Uow, storage: Storage) -> Response:
    """The movie in low definition, or in high where there is no lower one."""
    return await answer_preview(request, storage, uow, place.preview, "low")


@router.get(
    "/movies/source/preview-files/{preview_file_id}.mp4",
    operation_id="read_movie_source",
    summary="Read a movie as it was uploaded",
)
async def read_movie_source(place: SeenPreview, request: Request, uow: Uow, storage: Storage) -> Response:
    """The movie as it was uploaded, where that is kept."""
    return await answer_preview(request, storage, uow, place.preview, "source")


@router.get(
    "/movies/tiles/preview-files/{preview_file_id}.png",
    operation_id="read_movie_tiles",
    summary="Read the contact sheet of a movie",
)
async def read_tiles(place: SeenPreview, request: Request, uow: Uow, storage: Storage) -> Response:
    """A PNG with one cell a frame, 100 pixels high, 8 in a row."""
    return await answer_preview(request, storage, uow, place.preview, "tiles")
