"""Files attached to comments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from kitsu_api.db.engine import Session
from kitsu_api.db.models import AttachmentFile
from kitsu_api.db.projections import ATTACHMENT_FILE
from kitsu_api.db.repositories.attachments import of_project, of_task
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    RangeNotSatisfiable,
    TooLarge,
    Unauthorized,
    errors,
)
from kitsu_api.permissions.attachment_places import AttachableComment, OwnAttachment, SeenAttachment
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.places import OpenProject
from kitsu_api.permissions.scopes import attachments
from kitsu_api.routers.comment_bodies import read_body, uploads
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.stored_files import FILE_ANSWERS, answer_file
from kitsu_api.routers.tasks import existing_task, is_seen
from kitsu_api.schemas.bodies import reference
from kitsu_api.schemas.comments import AttachmentFileRead
from kitsu_api.schemas.task_comments import Attachment, AttachmentForm
from kitsu_api.services import attachments as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Comments"], responses=errors(Unauthorized, Forbidden, NotFound))
SeenTask = Annotated[tuple[UUID, bool], guard(existing_task, is_seen)]

FORM = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": reference(AttachmentForm)}},
    }
}


@router.post(
    "/actions/tasks/{task_id}/comments/{comment_id}/add-attachment",
    status_code=201,
    response_model=list[Attachment],
    responses=errors(BadRequest, TooLarge),
    openapi_extra=FORM,
    operation_id="add_attachments",
    summary="Attach files to a comment",
)
async def add_attachments(
    place: AttachableComment, request: Request, uow: Uow, storage: Storage
) -> list[Attachment]:
    """Attach the files of a form to a comment; `reply_id` attaches them to a reply of it."""
    values, files = await read_body(request)
    sent = uploads(files)
    if not sent:
        raise BadRequest("The form holds no file.")
    reply_id = place.reply_named(values.get("reply_id") if isinstance(values, dict) else None)
    ids = await service.attach(uow, storage, place.comment.id, sent, reply_id)
    rows = [await Records(uow.session, AttachmentFile).find(id) for id in ids]
    return [Attachment.model_validate(row) for row in rows]


@router.delete(
    "/data/tasks/{task_id}/comments/{comment_id}/attachments/{attachment_file_id}",
    status_code=204,
    operation_id="delete_attachment_of_comment",
    summary="Delete a file of a comment",
)
async def delete_attachment(attachment: OwnAttachment, uow: Uow) -> Response:
    """Take a file away from a comment: one's own, or any for those who run the production."""
    await service.detach(uow, attachment)
    return Response(status_code=204)


@router.get(
    "/data/tasks/{task_id}/attachment-files",
    response_model=list[AttachmentFileRead],
    operation_id="list_attachment_files_of_task",
    summary="List files attached to comments of a task",
)
async def list_attachments_of_task(task: SeenTask, session: Session, actor: CurrentActor) -> Response:
    """The files of the comments that the caller may read."""
    where = [of_task(task[0]), attachments(actor)]
    return json_response(await Records(session, AttachmentFile).list_json(ATTACHMENT_FILE, where))


@router.get(
    "/data/projects/{project_id}/attachment-files",
    response_model=list[AttachmentFileRead],
    operation_id="list_attachment_files_of_project",
    summary="List files attached to comments of a project",
)
async def list_attachments_of_project(
    project_id: OpenProject, session: Session, actor: CurrentActor
) -> Response:
    """The files of the comments that the caller may read."""
    where = [of_project(project_id), attachments(actor)]
    return json_response(await Records(session, AttachmentFile).list_json(ATTACHMENT_FILE, where))


@router.get(
    "/data/attachment-files/{attachment_file_id}/file/{file_name}",
    response_class=StreamingResponse,
    responses={**FILE_ANSWERS, **errors(RangeNotSatisfiable)},
    operation_id="download_attachment",
    summary="Download an attached file",
)
async def download_attachment(
    attachment: SeenAttachment, file_name: str, request: Request, storage: Storage
) -> Response:
    """The file itself. Its name in the path is for people: the file is found by its id."""
    place = (service.BUCKET, service.PREFIX, attachment.id)
    name = service.safe_name(attachment.name or "file")
    return await answer_file(request, storage, place, name=name, kind=attachment.mimetype)
