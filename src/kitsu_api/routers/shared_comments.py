"""What guests of a share link read and say about its playlist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import StreamingResponse

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.shared_playlists import SharedPlaylists
from kitsu_api.db.repositories.task_comments import TaskComments
from kitsu_api.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    RangeNotSatisfiable,
    TooLarge,
    TooManyRequests,
    errors,
)
from kitsu_api.permissions.authentication import AppSettings
from kitsu_api.permissions.shared_links import (
    CommentableLink,
    GuestsComment,
    OpenLink,
    OwnSharedAttachment,
    OwnSharedComment,
    ReadAttachment,
    SharedTask,
    SpeakingGuest,
    comment_of,
    speaking_guest,
)
from kitsu_api.routers.comment_bodies import read_body, uploads, validated
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.stored_files import FILE_ANSWERS, answer_file
from kitsu_api.schemas import shared_playlists as s
from kitsu_api.schemas.bodies import reference
from kitsu_api.schemas.task_comments import MadeComment
from kitsu_api.services import attachments as files
from kitsu_api.services import shared_comments as service
from kitsu_api.services.attachments import Upload
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Shared playlists"], responses=errors(NotFound, TooManyRequests))

FORM = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": reference(s.GuestAttachmentForm)}},
    }
}


async def _answer(session: Session, place: GuestsComment, status: int = 200) -> Response:
    shown = SharedPlaylists(session, place.shared.things)
    return json_response(await shown.own_comment_json(place.comment.id), status)


@router.get(
    "/shared/playlists/{token}/comments",
    response_model=list[s.SharedComment],
    operation_id="list_shared_comments",
    summary="List comments of a shared playlist",
)
async def list_shared_comments(shared: OpenLink, session: Session) -> Response:
    """The comments on its tasks that are for clients or by clients, newest first."""
    return json_response(await SharedPlaylists(session, shared.things).comments_json())


@router.post(
    "/shared/playlists/{token}/comments",
    status_code=201,
    response_model=MadeComment,
    responses=errors(BadRequest, Forbidden),
    operation_id="comment_as_guest",
    summary="Comment on a task of a shared playlist",
)
async def comment_as_guest(
    shared: CommentableLink,
    guest: SpeakingGuest,
    task: SharedTask,
    payload: s.GuestComment,
    uow: Uow,
    storage: Storage,
) -> Response:
    """Say something about a task, and give it a status that is open to clients."""
    id = await service.post(uow, storage, shared, guest, task, payload)
    rows = await TaskComments(uow.session).made_json([id], departments=True)
    return json_response(rows[1:-1], 201)


@router.put(
    "/shared/playlists/{token}/comments/{comment_id}",
    response_model=s.OwnComment,
    responses=errors(BadRequest, Forbidden),
    operation_id="update_comment_as_guest",
    summary="Update one's own comment on a shared playlist",
)
async def update_comment_as_guest(
    place: OwnSharedComment, payload: s.GuestCommentChange, uow: Uow
) -> Response:
    """Change the text or the checklist of a comment."""
    await service.change(uow, place, payload)
    return await _answer(uow.session, place)


@router.delete(
    "/shared/playlists/{token}/comments/{comment_id}",
    status_code=204,
    responses=errors(BadRequest, Forbidden),
    operation_id="delete_comment_as_guest",
    summary="Delete one's own comment on a shared playlist",
)
async def delete_comment_as_guest(place: OwnSharedComment, payload: s.ByGuest, uow: Uow) -> Response:
    """Delete a comment; its task falls back to what the others say."""
    await service.remove(uow, place)
    return Response(status_code=204)


@dataclass(frozen=True)
class _Sent:
    place: GuestsComment
    uploads: list[Upload]


async def sent_files(
    shared: CommentableLink, comment_id: UUID, request: Request, settings: AppSettings, uow: Uow
) -> _Sent:
    """The files of a form, and the comment of the guest whom the form names. The link is checked before
    anything of the form is read.

    Raises:
        BadRequest: it is no form, or names no guest.
        TooLarge: it is larger than guests may send.
        NotFound: the playlist has no such comment.
        Forbidden: the comment is not the guest's, or the guest not of this link.
    """
    values, sent = await read_body(request, settings.max_guest_upload_mb)
    guest = await speaking_guest(shared, validated(s.ByGuest, values), request, settings)
    return _Sent(await comment_of(shared, guest, comment_id, uow), uploads(sent))


@router.post(
    "/shared/playlists/{token}/comments/{comment_id}/attachments",
    status_code=201,
    response_model=s.OwnComment,
    responses=errors(BadRequest, Forbidden, TooLarge),
    openapi_extra=FORM,
    operation_id="attach_as_guest",
    summary="Attach files to one's own comment on a shared playlist",
)
async def attach_as_guest(
    sent: Annotated[_Sent, Depends(sent_files, scope="function")], uow: Uow, storage: Storage
) -> Response:
    """Attach the files of a form to a comment."""
    await service.attach(uow, storage, sent.place, sent.uploads)
    return await _answer(uow.session, sent.place, 201)


@router.delete(
    "/shared/playlists/{token}/comments/{comment_id}/attachments/{attachment_file_id}",
    status_code=204,
    responses=errors(BadRequest, Forbidden),
    operation_id="delete_attachment_as_guest",
    summary="Delete a file of one's own comment on a shared playlist",
)
async def delete_attachment_as_guest(
    attachment: OwnSharedAttachment, payload: s.ByGuest, uow: Uow
) -> Response:
    """Take a file away from a comment."""
    await service.detach(uow, attachment)
    return Response(status_code=204)


@router.get(
    "/shared/playlists/{token}/attachment-files/{attachment_file_id}/file/{file_name}",
    response_class=StreamingResponse,
    responses={**FILE_ANSWERS, **errors(RangeNotSatisfiable)},
    operation_id="download_shared_attachment",
    summary="Download a file of a comment on a shared playlist",
)
async def download_shared_attachment(
    attachment: ReadAttachment, file_name: str, request: Request, storage: Storage
) -> Response:
    """The file itself, to be kept and never to be shown in place: strangers sent it. Its name in the path is
    for people: the file is found by its id."""
    place = (files.BUCKET, files.PREFIX, attachment.id)
    name = files.safe_name(attachment.name or "file")
    return await answer_file(request, storage, place, name=name, kind=attachment.mimetype, download=True)
