"""Tasks of one type, made on many entities at once."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from kitsu_api.db.repositories.task_creation import TaskCreation
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.places import ManagedProject
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.task_creation import EntitySelection, NewTaskRead
from kitsu_api.services import task_creation as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Tasks"], responses=errors(BadRequest, Unauthorized, Forbidden, NotFound))


async def _create(
    uow: Uow, actor: Actor, project_id: UUID, task_type_id: UUID, kind: str, selection: EntitySelection | None
) -> Response:
    chosen = None if selection is None else selection.ids
    ids = await service.create_tasks(uow, actor, project_id, task_type_id, kind, chosen)
    return json_response(await TaskCreation(uow.session).tasks_json(ids), 201)


@router.post(
    "/actions/projects/{project_id}/task-types/{task_type_id}/assets/create-tasks",
    status_code=201,
    response_model=list[NewTaskRead],
    operation_id="create_tasks_for_assets",
    summary="Create tasks for assets",
)
async def create_tasks_for_assets(
    project_id: ManagedProject,
    task_type_id: UUID,
    uow: Uow,
    actor: CurrentActor,
    selection: EntitySelection | None = None,
) -> Response:
    """Give assets of a production a task of a type, unless they have one."""
    return await _create(uow, actor, project_id, task_type_id, "asset", selection)


@router.post(
    "/actions/projects/{project_id}/task-types/{task_type_id}/shots/create-tasks",
    status_code=201,
    response_model=list[NewTaskRead],
    operation_id="create_tasks_for_shots",
    summary="Create tasks for shots",
)
async def create_tasks_for_shots(
    project_id: ManagedProject,
    task_type_id: UUID,
    uow: Uow,
    actor: CurrentActor,
    selection: EntitySelection | None = None,
) -> Response:
    """Give shots of a production a task of a type, unless they have one."""
    return await _create(uow, actor, project_id, task_type_id, "shot", selection)


@router.post(
    "/actions/projects/{project_id}/task-types/{task_type_id}/edits/create-tasks",
    status_code=201,
    response_model=list[NewTaskRead],
    operation_id="create_tasks_for_edits",
    summary="Create tasks for edits",
)
async def create_tasks_for_edits(
    project_id: ManagedProject,
    task_type_id: UUID,
    uow: Uow,
    actor: CurrentActor,
    selection: EntitySelection | None = None,
) -> Response:
    """Give edits of a production a task of a type, unless they have one."""
    return await _create(uow, actor, project_id, task_type_id, "edit", selection)


@router.post(
    "/actions/projects/{project_id}/task-types/{task_type_id}/concepts/create-tasks",
    status_code=201,
    response_model=list[NewTaskRead],
    operation_id="create_tasks_for_concepts",
    summary="Create tasks for concepts",
)
async def create_tasks_for_concepts(
    project_id: ManagedProject,
    task_type_id: UUID,
    uow: Uow,
    actor: CurrentActor,
    selection: EntitySelection | None = None,
) -> Response:
    """Give concepts of a production a task of a type, unless they have one."""
    return await _create(uow, actor, project_id, task_type_id, "concept", selection)


@router.post(
    "/actions/projects/{project_id}/task-types/{task_type_id}/create-tasks/{entity_type}",
    status_code=201,
    response_model=list[NewTaskRead],
    operation_id="create_tasks_for_entity_type",
    summary="Create tasks for entities of a kind",
)
async def create_tasks_for_entity_type(
    project_id: ManagedProject,
    task_type_id: UUID,
    entity_type: str,
    uow: Uow,
    actor: CurrentActor,
    selection: EntitySelection | None = None,
) -> Response:
    """Give entities of a kind (`asset`, `shot`, `sequence`, …) a task of a type, unless they have one."""
    return await _create(uow, actor, project_id, task_type_id, entity_type.lower(), selection)
