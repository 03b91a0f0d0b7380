"""What finished uploads are used for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from kitsu_api.db.repositories.preview_media import PreviewMedia, PreviewPlace
from kitsu_api.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    InsufficientStorage,
    Locked,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
    errors,
)
from kitsu_api.middleware import UPLOADS
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.policies.previews import makes
from kitsu_api.permissions.preview_places import preview_place
from kitsu_api.permissions.upload_places import OwnUpload
from kitsu_api.routers.preview_uploads import use_file
from kitsu_api.routers.storage import Storage
from kitsu_api.schemas.records import PreviewFileRead
from kitsu_api.schemas.uploads import AttachUpload
from kitsu_api.services import preview_uploads, uploads
from kitsu_api.services.preview_making import ReceivedFile
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix=UPLOADS,
    tags=["Uploads"],
    responses=errors(
        *(BadRequest, Unauthorized, Forbidden, NotFound, Conflict, TooLarge, Locked),
        *(Unavailable, InsufficientStorage),
    ),
)


async def named_preview(payload: AttachUpload, uow: Uow, actor: CurrentActor) -> PreviewPlace:
    """The preview that an upload is for.

    Raises:
        NotFound: there is none.
    """
    return await preview_place(payload.preview_file_id, uow, actor)


NamedPreview = Annotated[PreviewPlace, guard(named_preview, makes)]


@router.post(
    "/{upload_id}/attach",
    status_code=201,
    response_model=PreviewFileRead,
    operation_id="attach_upload",
    summary="Make a finished upload the file of a preview",
)
async def attach_upload(
    upload: OwnUpload,
    place: NamedPreview,
    payload: AttachUpload,
    actor: CurrentActor,
    request: Request,
    uow: Uow,
    storage: Storage,
) -> Response:
    """Give a preview its picture, movie or file from a finished upload, which is gone then.

    It is treated as one that `POST /pictures/preview-files/{preview_file_id}` gets: a file that can't be used
    (400) takes the preview with it.
    """
    await preview_uploads.check_open(uow, place.preview)
    task = await PreviewMedia(uow.session).task_of(place.preview.task_id)
    async with uploads.take(uow, actor, upload.id) as (path, filename, size):
        received = ReceivedFile(path, filename, size)
        wishes = {"normalize": payload.normalize}
        id = payload.preview_file_id
        return await use_file(request, uow, storage, actor, id, task, received, **wishes)
