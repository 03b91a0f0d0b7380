"""Frames of previews with what is drawn on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from kitsu_api.db.repositories.preview_media import PreviewPlace
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, Unavailable, errors
from kitsu_api.permissions.preview_places import RunPreview
from kitsu_api.routers.media_slots import media_turn
from kitsu_api.routers.preview_frames import PNG, show_frame
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.stored_files import disposition
from kitsu_api.services import preview_drawings as service
from kitsu_api.services.preview_making import size_of
from kitsu_api.services.preview_names import saved_stem, shown_stem
from kitsu_api.storage.files import CHUNK, FileStorage
from kitsu_api.unit_of_work import UnitOfWork, Uow

router = APIRouter(
    tags=["Previews"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound, Unavailable),
    default_response_class=StreamingResponse,
)


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk


@router.get(
    "/actions/preview-files/{preview_file_id}/extract-annotated-frame",
    responses=PNG,
    operation_id="extract_annotated_frame",
    summary="Extract a frame with what is drawn on it",
)
async def extract_annotated_frame(
    place: RunPreview,
    request: Request,
    uow: Uow,
    storage: Storage,
    frame_number: Annotated[
        int | None, Query(ge=1, le=10_000_000, description="From 1; movies need it.")
    ] = None,
) -> Response:
    """A frame with what is drawn on it as PNG, for those who run the production."""
    async with media_turn(request):
        content = await service.annotated_frame(uow, storage, place.preview, frame_number)
    return show_frame(content, f"{shown_stem(place.preview)}_{frame_number or 1}.png")


async def _gathered(
    place: PreviewPlace,
    request: Request,
    uow: UnitOfWork,
    storage: FileStorage,
    gather: Callable[[Sequence[Path], Path], None],
    extension: str,
) -> Response:
    """All frames with drawings, gathered in one file to save."""
    name = f"{await saved_stem(uow.session, place.preview)}_annotated_frames.{extension}"
    async with (
        media_turn(request),
        service.annotated_frames(uow, storage, place.preview) as pages,
    ):
        target = pages[0].with_name(f"gathered.{extension}")
        await asyncio.to_thread(gather, pages, target)
        size = await size_of(target)
        # the folder goes now; the open file stays readable until it is sent
        file = await asyncio.to_thread(target.open, "rb")
    headers = {
        "content-disposition": disposition(name, inline=False),
        "content-length": str(size),
        "cache-control": "private, no-cache",
    }
    return StreamingResponse(_chunks(file), media_type=f"application/{extension}", headers=headers)


@router.get(
    "/actions/preview-files/{preview_file_id}/extract-annotated-frames",
    responses={200: {"description": "The frames.", "content": {"application/zip": {}}}},
    operation_id="extract_annotated_frames",
    summary="Extract all frames with drawings as a zip",
)
async def extract_annotated_frames(
    place: RunPreview, request: Request, uow: Uow, storage: Storage
) -> Response:
    """All frames that something is drawn on, with it, as PNGs in a zip; for those who run the production."""
    return await _gathered(place, request, uow, storage, service.zip_of, "zip")


@router.get(
    "/actions/preview-files/{preview_file_id}/extract-annotated-frames-pdf",
    responses={200: {"description": "The frames.", "content": {"application/pdf": {}}}},
    operation_id="extract_annotated_frames_pdf",
    summary="Extract all frames with drawings as a PDF",
)
async def extract_annotated_frames_pdf(
    place: RunPreview, request: Request, uow: Uow, storage: Storage
) -> Response:
    """All frames that something is drawn on, with it, as pages of a PDF; for those who run the production."""
    return await _gathered(place, request, uow, storage, service.pdf_of, "pdf")
