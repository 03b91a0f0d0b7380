"""Frames of movies."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, Unavailable, errors
from kitsu_api.permissions.preview_places import RunPreview, SeenPreview
from kitsu_api.routers.media_slots import media_turn
from kitsu_api.routers.preview_answers import answer_preview
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.stored_files import disposition
from kitsu_api.services import preview_frames as service
from kitsu_api.services.preview_names import shown_stem
from kitsu_api.unit_of_work import Uow

PNG: dict[int | str, dict[str, Any]] = {200: {"description": "The frame.", "content": {"image/png": {}}}}

router = APIRouter(
    tags=["Previews"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound, Unavailable),
    default_response_class=StreamingResponse,
)


def show_frame(content: bytes, name: str) -> Response:
    """A frame as an answer."""
    headers = {"content-disposition": disposition(name, inline=True), "cache-control": "private, no-cache"}
    return Response(content, media_type="image/png", headers=headers)


@router.get(
    "/actions/preview-files/{preview_file_id}/extract-frame",
    responses=PNG,
    operation_id="extract_frame",
    summary="Extract a frame of a movie",
)
async def extract_frame(
    place: RunPreview,
    request: Request,
    uow: Uow,
    storage: Storage,
    frame_number: Annotated[int, Query(ge=0, le=10_000_000, description="From 0.")] = 0,
) -> Response:
    """A frame of a movie as PNG, for those who run the production."""
    async with media_turn(request):
        content = await service.frame(uow, storage, place.preview, frame_number)
    return show_frame(content, f"{shown_stem(place.preview)}_{frame_number}.png")


@router.get(
    "/actions/preview-files/{preview_file_id}/extract-tile",
    responses=PNG,
    operation_id="extract_tile",
    summary="Make the contact sheet of a movie anew",
)
async def extract_tile(place: SeenPreview, request: Request, uow: Uow, storage: Storage) -> Response:
    """Make the contact sheet of a movie anew, and read it."""
    async with media_turn(request):
        await service.remake_tiles(uow, storage, place.preview)
    return await answer_preview(request, storage, uow, place.preview, "tiles")
