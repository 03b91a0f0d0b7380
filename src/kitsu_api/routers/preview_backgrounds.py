"""Files of backgrounds that models are shown in front of."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from starlette.responses import StreamingResponse

from kitsu_api.db.models import PreviewBackgroundFile
from kitsu_api.db.projections import PREVIEW_BACKGROUND_FILE
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import (
    BadRequest,
    Forbidden,
    InsufficientStorage,
    MethodNotAllowed,
    NotFound,
    RangeNotSatisfiable,
    TooLarge,
    Unauthorized,
    Unavailable,
    errors,
)
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.policies.roles import admins, anyone
from kitsu_api.rendering import answer
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.media_slots import media_turn
from kitsu_api.routers.preview_uploads import UPLOAD
from kitsu_api.routers.received_files import received_file
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.stored_files import FILE_ANSWERS, answer_file
from kitsu_api.schemas.records import PreviewBackgroundFileRead
from kitsu_api.services import preview_backgrounds as service
from kitsu_api.services.attachments import safe_name
from kitsu_api.services.preview_storage import THUMBNAIL
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Previews"], responses=errors(Unauthorized, Forbidden, NotFound))

READING = {**FILE_ANSWERS, **errors(RangeNotSatisfiable)}


async def _existing(preview_background_file_id: UUID, uow: Uow) -> PreviewBackgroundFile:
    file = await Records(uow.session, PreviewBackgroundFile).find(preview_background_file_id)
    if file is None:
        raise NotFound
    return file


def _keeps(actor: Actor, file: PreviewBackgroundFile) -> bool:
    return admins(actor)


def _reads(actor: Actor, file: PreviewBackgroundFile) -> bool:
    return anyone(actor)


KeptBackground = Annotated[PreviewBackgroundFile, guard(_existing, _keeps)]
SeenBackground = Annotated[PreviewBackgroundFile, guard(_existing, _reads)]


@router.post(
    "/pictures/preview-background-files/{preview_background_file_id}",
    status_code=201,
    response_model=PreviewBackgroundFileRead,
    responses=errors(BadRequest, TooLarge, Unavailable, InsufficientStorage),
    openapi_extra=UPLOAD,
    operation_id="upload_preview_background",
    summary="Upload the file of a preview background",
)
async def upload_preview_background(
    background: KeptBackground, request: Request, uow: Uow, storage: Storage
) -> Response:
    """Give a background its picture: Radiance HDR or OpenEXR. A file that can't be used (400) takes a
    background that no production uses with it."""
    id = background.id
    await uow.pause()
    async with received_file(request) as received:
        try:
            async with media_turn(request):
                thumbnail = await service.make_thumbnail(uow, received)
        except BadRequest as error:
            await service.refuse(uow, storage, id)
            # answered, not raised: that the background is gone is to be committed
            return answer(error)
        await service.publish(uow, storage, id, received, thumbnail)
    row = await Records(uow.session, PreviewBackgroundFile).one_json(PREVIEW_BACKGROUND_FILE, id)
    assert row is not None
    return json_response(row, 201)


@router.get(
    "/pictures/preview-background-files/{preview_background_file_id}.{extension}",
    response_class=StreamingResponse,
    responses=READING,
    operation_id="read_preview_background",
    summary="Read the file of a preview background",
)
async def read_preview_background(
    background: SeenBackground,
    extension: Annotated[str, Path(description="The extension that the background has.")],
    request: Request,
    storage: Storage,
) -> Response:
    """The background as it was uploaded."""
    if not background.extension or extension.lower() != background.extension:
        raise NotFound("The background has another extension, or no file yet.")
    name = safe_name(f"{background.original_name or background.id}.{background.extension}")
    place = (*service.BACKGROUND, background.id)
    return await answer_file(request, storage, place, name=name, kind=service.type_of(background))


@router.get(
    "/pictures/thumbnails/preview-background-files/{preview_background_file_id}.png",
    response_class=StreamingResponse,
    responses=READING,
    operation_id="read_preview_background_thumbnail",
    summary="Read the thumbnail of a preview background",
)
async def read_preview_background_thumbnail(
    background: SeenBackground, request: Request, storage: Storage
) -> Response:
    """A small PNG of the background."""
    name, place = f"{background.id}.png", (*THUMBNAIL, background.id)
    return await answer_file(request, storage, place, name=name, kind="image/png")


@router.post(
    "/pictures/thumbnails/preview-background-files/{preview_background_file_id}.png",
    status_code=405,
    response_model=None,
    responses=errors(MethodNotAllowed),
    operation_id="refuse_preview_background_thumbnail",
    summary="Refuse a thumbnail of a preview background",
)
async def refuse_preview_background_thumbnail(background: KeptBackground) -> Response:
    """Thumbnails of backgrounds are made of their files."""
    raise MethodNotAllowed("Upload the background itself: its thumbnail is made of it.")
