"""Previews of a shared playlist: their rows, pictures, movies and files, and what guests draw on them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.responses import StreamingResponse

from kitsu_api.db.engine import Session
from kitsu_api.db.models import PreviewFile
from kitsu_api.db.projections import PREVIEW_FILE
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    RangeNotSatisfiable,
    TooManyRequests,
    errors,
)
from kitsu_api.permissions.shared_links import DrawablePreview, ShownPerson, ShownPreview, SpeakingGuest
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.preview_media import answer_preview
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.stored_files import FILE_ANSWERS, answer_file
from kitsu_api.schemas.previews import PreviewFileRead
from kitsu_api.schemas.shared_playlists import GuestAnnotations
from kitsu_api.services import shared_annotations as service
from kitsu_api.services.preview_storage import check_extension
from kitsu_api.storage.files import Bucket
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Shared playlists"], responses=errors(Forbidden, NotFound, TooManyRequests))

FILE = {
    **FILE_ANSWERS,
    302: {"description": "The object store gives the file itself."},
    **errors(RangeNotSatisfiable),
}
AVATARS: tuple[Bucket, str] = ("pictures", "thumbnails")
AVATAR_SECONDS = 86_400
"""How long a browser keeps somebody's picture."""


async def _row(session: Session, preview: PreviewFile) -> Response:
    row = await Records(session, PreviewFile).one_json(PREVIEW_FILE, preview.id)
    assert row is not None
    return json_response(row)


@router.get(
    "/shared/playlists/{token}/preview-files/{preview_file_id}",
    response_model=PreviewFileRead,
    operation_id="get_shared_preview_file",
    summary="Get a preview of a shared playlist",
)
async def get_shared_preview(preview: ShownPreview, session: Session) -> Response:
    """A preview that the playlist shows, or one beside it in the same revision."""
    return await _row(session, preview)


@router.get(
    "/shared/playlists/{token}/preview-files/{preview_file_id}/download",
    response_class=StreamingResponse,
    responses=FILE,
    operation_id="download_shared_preview_file",
    summary="Download a preview of a shared playlist",
)
async def download_shared_preview(
    preview: ShownPreview, request: Request, uow: Uow, storage: Storage
) -> Response:
    """The picture, movie or file, to be saved."""
    return await answer_preview(request, storage, uow, preview, "download")


@router.put(
    "/shared/playlists/{token}/annotations",
    response_model=PreviewFileRead,
    responses=errors(BadRequest),
    operation_id="annotate_as_guest",
    summary="Draw on a preview of a shared playlist",
)
async def annotate_as_guest(
    guest: SpeakingGuest, preview: DrawablePreview, payload: GuestAnnotations, uow: Uow
) -> Response:
    """Add drawings, and change and erase one's own; those of others stay as they are."""
    await service.draw(uow, guest.id, preview.id, payload)
    return await _row(uow.session, preview)


@router.get(
    "/shared/playlists/{token}/pictures/thumbnails/persons/{person_id}.png",
    response_class=StreamingResponse,
    responses=FILE,
    operation_id="read_shared_avatar",
    summary="Read the picture of somebody who comments on a shared playlist",
)
async def read_shared_avatar(person_id: ShownPerson, request: Request, storage: Storage) -> Response:
    """A PNG of those whose comments guests read; of nobody else."""
    place = (*AVATARS, person_id)
    name = f"{person_id}.png"
    return await answer_file(request, storage, place, name=name, kind="image/png", max_age=AVATAR_SECONDS)


@router.get(
    "/shared/playlists/{token}/pictures/thumbnails/preview-files/{preview_file_id}.png",
    response_class=StreamingResponse,
    responses=FILE,
    operation_id="read_shared_thumbnail",
    summary="Read the thumbnail of a preview of a shared playlist",
)
async def read_shared_thumbnail(
    preview: ShownPreview, request: Request, uow: Uow, storage: Storage
) -> Response:
    """A PNG of 150 x 100 pixels."""
    return await answer_preview(request, storage, uow, preview, "thumbnail")


@router.get(
    "/shared/playlists/{token}/pictures/originals/preview-files/{preview_file_id}.png",
    response_class=StreamingResponse,
    responses=FILE,
    operation_id="read_shared_original",
    summary="Read the picture of a preview of a shared playlist",
)
async def read_shared_original(
    preview: ShownPreview, request: Request, uow: Uow, storage: Storage
) -> Response:
    """The picture as PNG, or as the GIF that it was uploaded as; of a movie, its first frame."""
    return await answer_preview(request, storage, uow, preview, "original")


@router.get(
    "/shared/playlists/{token}/pictures/originals/preview-files/{preview_file_id}.{extension}",
    response_class=StreamingResponse,
    responses={**FILE, **errors(BadRequest)},
    operation_id="read_shared_file",
    summary="Read the file of a preview of a shared playlist",
)
async def read_shared_file(
    preview: ShownPreview,
    extension: Annotated[str, Path(description="The extension that the preview has.")],
    request: Request,
    uow: Uow,
    storage: Storage,
) -> Response:
    """The file as it was uploaded; of a movie, its high definition."""
    if check_extension(extension) != (preview.extension or "").lower():
        raise NotFound("The preview has another extension.")
    return await answer_preview(request, storage, uow, preview, "file")


@router.get(
    "/shared/playlists/{token}/movies/originals/preview-files/{preview_file_id}.mp4",
    response_class=StreamingResponse,
    responses=FILE,
    operation_id="read_shared_movie",
    summary="Read a movie of a shared playlist",
)
async def read_shared_movie(preview: ShownPreview, request: Request, uow: Uow, storage: Storage) -> Response:
    """The movie in high definition, or as it was uploaded while that is not made yet."""
    return await answer_preview(request, storage, uow, preview, "movie")


@router.get(
    "/shared/playlists/{token}/movies/tiles/preview-files/{preview_file_id}.png",
    response_class=StreamingResponse,
    responses=FILE,
    operation_id="read_shared_tiles",
    summary="Read the contact sheet of a movie of a shared playlist",
)
async def read_shared_tiles(preview: ShownPreview, request: Request, uow: Uow, storage: Storage) -> Response:
    """A PNG with one cell a frame, 100 pixels high, 8 in a row."""
    return await answer_preview(request, storage, uow, preview, "tiles")
