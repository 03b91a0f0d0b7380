"""Contact sheets of a board: the thumbnails of many previews in one picture."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from redis.exceptions import RedisError
from starlette.responses import StreamingResponse

from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    RangeNotSatisfiable,
    Unauthorized,
    Unavailable,
    errors,
)
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import Valkey
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.previews import sees
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.sheet_places import AWAY, SeenSheet
from kitsu_api.routers.picture_forms import FORM_ANSWERS, LONGEST_WAIT, picture_turn
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.stored_files import FILE_ANSWERS, answer_file
from kitsu_api.schemas.picture_sheets import SheetRead, SheetWish
from kitsu_api.services import picture_sheets as service
from kitsu_api.services.picture_forms import MEDIA_TYPES, best_format
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/pictures/sheets", tags=["Previews"], responses=errors(BadRequest, Unauthorized, Unavailable)
)


@router.post("", operation_id="order_picture_sheet", summary="Put thumbnails together")
async def order_sheet(wish: SheetWish, uow: Uow, valkey: Valkey, actor: Actor = allow(anyone)) -> SheetRead:
    """One picture with the thumbnails of many previews, and where on it each is. What the caller doesn't see
    is left out, as if it weren't there. The picture itself is made when it is read."""
    places = await PreviewMedia(uow.session).places(wish.preview_file_ids, actor.id)
    seen = [place.preview for place in places.values() if sees(actor, place)]
    try:
        return await service.order(uow.session, valkey, wish.preview_file_ids, seen, wish.kind)
    except RedisError as error:
        raise Unavailable(AWAY) from error


@router.get(
    "/{sheet_id}",
    response_class=StreamingResponse,
    responses={**FILE_ANSWERS, **FORM_ANSWERS, **errors(Forbidden, NotFound, RangeNotSatisfiable)},
    operation_id="read_picture_sheet",
    summary="Read a contact sheet",
)
async def read_sheet(sheet: SeenSheet, request: Request, uow: Uow, storage: Storage) -> Response:
    """The picture of a sheet that was ordered within the last hours, for who sees all that is on it: PNG, or
    AVIF or WebP as `Accept` says."""
    format = best_format(request.headers.get("accept", ""))
    if not await service.is_made(uow.session, sheet, format):
        async with picture_turn(request, LONGEST_WAIT) as mine:
            if not mine:
                raise Unavailable("Other pictures are being made. Try again in a moment.")
            await service.make(uow, storage, sheet, format)
    place = (service.BUCKET, service.PREFIXES[format], sheet.id)
    name, kind = f"sheet.{format}", MEDIA_TYPES[format]
    answer = await answer_file(request, storage, place, name=name, kind=kind)
    answer.headers.add_vary_header("Accept")
    return answer
