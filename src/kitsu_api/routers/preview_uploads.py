"""Uploads of previews."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.projections import PREVIEW_FILE
from kitsu_api.db.repositories.preview_media import PreviewMedia, PreviewTask
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    InsufficientStorage,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
    errors,
)
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.preview_places import OwnPreview
from kitsu_api.rendering import answer
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.media_slots import media_turn
from kitsu_api.routers.received_files import sent_file
from kitsu_api.routers.storage import Storage
from kitsu_api.schemas.bodies import reference
from kitsu_api.schemas.preview_actions import UploadForm
from kitsu_api.schemas.records import PreviewFileRead
from kitsu_api.services import preview_uploads as service
from kitsu_api.services.preview_making import ReceivedFile
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    tags=["Previews"],
    responses=errors(
        BadRequest, Unauthorized, Forbidden, NotFound, TooLarge, Unavailable, InsufficientStorage
    ),
)

UPLOAD = {
    "requestBody": {
        "content": {"multipart/form-data": {"schema": reference(UploadForm)}},
    }
}
"""A form with one file, for the document."""


@router.post(
    "/pictures/preview-files/{preview_file_id}",
    status_code=201,
    response_model=PreviewFileRead,
    responses=errors(Conflict),
    openapi_extra=UPLOAD,
    operation_id="upload_preview",
    summary="Upload the file of a preview",
)
async def upload_preview(
    preview_file_id: UUID,
    place: OwnPreview,
    actor: CurrentActor,
    request: Request,
    uow: Uow,
    storage: Storage,
    normalize: Annotated[bool, Query(description="False keeps a movie as it is.")] = True,
    upload_id: Annotated[
        UUID | None, Query(description="A finished upload (`/uploads`) in place of a form.")
    ] = None,
    no_job: Annotated[bool, Query(description="True has a movie made before the answer.")] = False,
) -> Response:
    """Give a preview its picture, movie or file. Pictures are ready with the answer; a movie is `processing`
    until a worker has made its two movies, its pictures and its contact sheet, unless `no_job` has the
    request wait for them.

    A file that can't be used (400) takes the preview with it.
    """
    await service.check_open(uow, place.preview)
    task = await PreviewMedia(uow.session).task_of(place.preview.task_id)
    await uow.pause()
    async with sent_file(request, uow, actor, upload_id) as received:
        wishes = {"normalize": normalize, "at_once": no_job}
        return await use_file(request, uow, storage, actor, preview_file_id, task, received, **wishes)


async def use_file(
    request: Request,
    uow: Uow,
    storage: Storage,
    actor: Actor,
    preview_file_id: UUID,
    task: PreviewTask | None,
    received: ReceivedFile,
    **wishes: bool,
) -> Response:
    """Give a preview a file that has arrived, or take the preview away when the file can't be used."""
    try:
        async with media_turn(request):
            made = await service.make(uow, task, received, received.path.parent, **wishes)
    except (BrokenMedia, BadRequest) as error:
        await service.refuse(uow, preview_file_id)
        # answered, not raised: that the preview is gone is to be committed
        return answer(error if isinstance(error, BadRequest) else BadRequest(str(error)))
    await service.publish(uow, storage, actor, preview_file_id, received, made)
    row = await Records(uow.session, PreviewFile).one_json(PREVIEW_FILE, preview_file_id)
    assert row is not None
    return json_response(row, 201)
