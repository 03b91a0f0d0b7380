"""Pictures of entities, taken from the previews of their tasks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from kitsu_api.db.repositories.preview_files import PreviewFiles
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.tasks import SeenTask
from kitsu_api.schemas.assignations import TaskSelection
from kitsu_api.schemas.main_previews import EntityWithPicture
from kitsu_api.services import preview_files as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Tasks"], responses=errors(BadRequest, Unauthorized, Forbidden))


@router.put(
    "/actions/tasks/set-main-preview",
    response_model=list[EntityWithPicture],
    operation_id="set_main_previews",
    summary="Set main previews from tasks",
)
async def set_main_previews(
    selection: TaskSelection, uow: Uow, actor: Annotated[Actor, allow(anyone)]
) -> Response:
    """Make the newest previews of tasks the pictures of their entities; these entities.

    Tasks without a preview are skipped.
    """
    entities = await service.set_main_previews(uow, actor, selection.task_ids)
    if not entities:
        return json_response(b"[]")
    return json_response(await PreviewFiles(uow.session).entities_json(entities))


@router.put(
    "/actions/tasks/{task_id}/set-main-preview",
    response_model=EntityWithPicture,
    operation_id="set_main_preview_from_task",
    summary="Set main preview from a task",
    responses=errors(NotFound),
)
async def set_main_preview(task: SeenTask, uow: Uow, actor: Annotated[Actor, allow(anyone)]) -> Response:
    """Make the newest preview of a task the picture of its entity."""
    entity_id = await service.set_main_preview(uow, actor, task[0])
    rows = await PreviewFiles(uow.session).entities_json([entity_id])
    return json_response(rows[1:-1])
