"""Previews that are hung on comments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.projections import PREVIEW_FILE
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.comment_previews import NewPreview
from kitsu_api.schemas.records import PreviewFileRead
from kitsu_api.services import comment_previews as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Tasks"], responses=errors(BadRequest, Unauthorized, Forbidden, NotFound))


@router.post(
    "/actions/tasks/{task_id}/comments/{comment_id}/add-preview",
    status_code=201,
    response_model=PreviewFileRead,
    operation_id="add_preview_to_comment",
    summary="Add a preview to a comment",
)
async def add_preview_to_comment(
    task_id: UUID, comment_id: UUID, payload: NewPreview, uow: Uow, actor: Annotated[Actor, allow(anyone)]
) -> Response:
    """Make the row of a preview; its picture or movie is uploaded to it afterwards."""
    id = await service.add_preview(uow, actor, task_id, comment_id, payload.revision)
    row = await Records(uow.session, PreviewFile).one_json(PREVIEW_FILE, id, relations=True)
    assert row is not None
    return json_response(row, 201)


@router.post(
    "/actions/tasks/{task_id}/comments/{comment_id}/preview-files/{preview_file_id}",
    status_code=201,
    response_model=PreviewFileRead,
    operation_id="add_extra_preview_to_comment",
    summary="Add a preview to a revision",
)
async def add_extra_preview_to_comment(
    task_id: UUID,
    comment_id: UUID,
    preview_file_id: UUID,
    uow: Uow,
    actor: Annotated[Actor, allow(anyone)],
) -> Response:
    """Make the row of another preview of the same revision; its file is uploaded to it afterwards."""
    id = await service.add_extra_preview(uow, actor, task_id, comment_id, preview_file_id)
    row = await Records(uow.session, PreviewFile).one_json(PREVIEW_FILE, id, relations=True)
    assert row is not None
    return json_response(row, 201)


@router.delete(
    "/actions/tasks/{task_id}/comments/{comment_id}/preview-files/{preview_file_id}",
    status_code=204,
    operation_id="remove_preview_from_comment",
    summary="Remove a preview from a comment",
)
async def remove_preview_from_comment(
    task_id: UUID,
    comment_id: UUID,
    preview_file_id: UUID,
    uow: Uow,
    actor: Annotated[Actor, allow(anyone)],
    force: Annotated[bool, Query(description="Delete it even if it hangs on other comments too.")] = False,
) -> Response:
    """Delete a preview of a comment; one that hangs on other comments too is only taken off this one."""
    await service.remove_preview(uow, actor, task_id, comment_id, preview_file_id, force=force)
    return Response(status_code=204)
