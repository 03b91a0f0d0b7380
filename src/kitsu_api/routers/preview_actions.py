"""What people do to previews: draw on them, order them, show one as the picture of its entity."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.projections import PREVIEW_FILE
from kitsu_api.db.repositories.preview_files import PreviewFiles
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import (
    BadRequest,
    Forbidden,
    InsufficientStorage,
    NotFound,
    Unauthorized,
    Unavailable,
    errors,
)
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.preview_places import OwnPreview, SeenPreview
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.media_slots import media_turn
from kitsu_api.routers.storage import Storage
from kitsu_api.schemas.annotations import AnnotationChanges
from kitsu_api.schemas.main_previews import EntityWithPicture
from kitsu_api.schemas.preview_actions import MainFrame, PreviewPosition
from kitsu_api.schemas.records import PreviewFileRead
from kitsu_api.services import preview_files, preview_frames, preview_positions
from kitsu_api.services.annotations import update_annotations
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Previews"], responses=errors(BadRequest, Unauthorized, Forbidden, NotFound))


@router.put(
    "/actions/preview-files/{preview_file_id}/update-annotations",
    response_model=PreviewFileRead,
    operation_id="update_preview_annotations",
    summary="Draw on a preview",
)
async def update_preview_annotations(
    place: SeenPreview, changes: AnnotationChanges, uow: Uow, actor: CurrentActor
) -> Response:
    """Add, change and erase what is drawn on a preview. Send what you changed, not everything: what others
    draw meanwhile stays. Two times within one frame are one."""
    await update_annotations(uow, actor.id, place.preview.id, changes)
    row = await Records(uow.session, PreviewFile).one_json(PREVIEW_FILE, place.preview.id)
    assert row is not None
    return json_response(row)


@router.put(
    "/actions/preview-files/{preview_file_id}/update-position",
    response_model=list[PreviewFileRead],
    operation_id="update_preview_position",
    summary="Move a preview within its revision",
)
async def update_preview_position(place: OwnPreview, wish: PreviewPosition, uow: Uow) -> Response:
    """Put a preview at another place of its revision; all previews of the revision, in their order. A place
    that there isn't changes nothing."""
    previews = await preview_positions.move(uow, place.preview, wish.position)
    return json_response(await PreviewMedia(uow.session).in_order_json([one.id for one in previews]))


@router.put(
    "/actions/preview-files/{preview_file_id}/set-main-preview",
    response_model=EntityWithPicture,
    responses=errors(Unavailable, InsufficientStorage),
    operation_id="set_main_preview",
    summary="Make a preview the picture of its entity",
)
async def set_main_preview(
    place: OwnPreview,
    request: Request,
    uow: Uow,
    storage: Storage,
    wish: MainFrame | None = None,
    frame_number: Annotated[
        int | None, Query(ge=0, description="As in the body: which frame of a movie, from 0.")
    ] = None,
) -> Response:
    """Make a preview the picture of its entity. Of a movie, `frame_number` (from 0) says which frame its
    pictures are made of from now on."""
    number = wish.frame_number if wish is not None and wish.frame_number is not None else frame_number
    if number is not None:
        await uow.pause()
        async with media_turn(request):
            await preview_frames.remake_pictures(uow, storage, place.preview, number)
    entity_id = await preview_files.set_main(uow, place.preview)
    rows = await PreviewFiles(uow.session).entities_json([entity_id])
    return json_response(rows[1:-1])
