"""What productions take from the library of types, statuses, automations and backgrounds."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Project
from kitsu_api.db.projections import PROJECT
from kitsu_api.db.repositories.entity_lists import EntityLists
from kitsu_api.db.repositories.project_settings import (
    ASSET_TYPES,
    BACKGROUNDS,
    STATUS_AUTOMATIONS,
    TASK_STATUSES,
    TASK_TYPES,
    ProjectSettings,
    Setting,
)
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.places import ManagedProject, OpenProject
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import project_settings as s
from kitsu_api.schemas.base import Payload
from kitsu_api.schemas.previews import PreviewBackgroundFileRead
from kitsu_api.schemas.projects import ProjectRead
from kitsu_api.schemas.tasks import StatusAutomationRead, TaskStatusRead, TaskTypeRead
from kitsu_api.services import project_settings as service
from kitsu_api.unit_of_work import UnitOfWork, Uow

router = APIRouter(
    prefix="/data/projects/{project_id}",
    tags=["Projects"],
    responses=errors(Unauthorized, Forbidden, NotFound),
)


async def _choose(uow: UnitOfWork, project_id: UUID, setting: Setting, payload: Payload) -> Response:
    id, values = s.chosen(payload, setting.column)
    await service.choose(uow, project_id, setting, id, values)
    return await _project(uow, project_id, 201)


async def _project(uow: UnitOfWork, project_id: UUID, status: int) -> Response:
    row = await Records(uow.session, Project).one_json(PROJECT, project_id)
    assert row is not None
    return json_response(row, status)


async def _drop(uow: UnitOfWork, project_id: UUID, setting: Setting, id: UUID) -> Response:
    await service.drop(uow, project_id, setting, id)
    return Response(status_code=204)


@router.post(
    "/settings/asset-types",
    status_code=201,
    response_model=ProjectRead,
    responses=errors(BadRequest),
    operation_id="add_asset_type_to_project",
    summary="Add an asset type to a project",
)
async def add_asset_type(project_id: ManagedProject, payload: s.NewAssetType, uow: Uow) -> Response:
    """Let the production work with an asset type of the library; one that it has is changed."""
    return await _choose(uow, project_id, ASSET_TYPES, payload)


@router.delete(
    "/settings/asset-types/{asset_type_id}",
    status_code=204,
    operation_id="remove_asset_type_from_project",
    summary="Remove an asset type from a project",
)
async def remove_asset_type(project_id: ManagedProject, asset_type_id: UUID, uow: Uow) -> Response:
    """The production no longer works with an asset type; what it has made with it stays."""
    return await _drop(uow, project_id, ASSET_TYPES, asset_type_id)


@router.get(
    "/settings/task-types",
    response_model=list[TaskTypeRead],
    operation_id="list_chosen_task_types_of_project",
    summary="List task types that a project has chosen",
)
async def list_chosen_task_types(project_id: OpenProject, session: Session) -> Response:
    """The task types that the production works with."""
    return json_response(await ProjectSettings(session, project_id).list_json(TASK_TYPES))


@router.post(
    "/settings/task-types",
    status_code=201,
    response_model=ProjectRead,
    responses=errors(BadRequest),
    operation_id="add_task_type_to_project",
    summary="Add a task type to a project",
)
async def add_task_type(project_id: ManagedProject, payload: s.NewTaskType, uow: Uow) -> Response:
    """Let the production work with a task type of the library; one that it has is changed."""
    return await _choose(uow, project_id, TASK_TYPES, payload)


@router.delete(
    "/settings/task-types/{task_type_id}",
    status_code=204,
    operation_id="remove_task_type_from_project",
    summary="Remove a task type from a project",
)
async def remove_task_type(project_id: ManagedProject, task_type_id: UUID, uow: Uow) -> Response:
    """The production no longer works with a task type; what it has made with it stays."""
    return await _drop(uow, project_id, TASK_TYPES, task_type_id)


@router.get(
    "/settings/task-status",
    response_model=list[TaskStatusRead],
    operation_id="list_task_statuses_of_project",
    summary="List task statuses of a project",
)
async def list_task_statuses(project_id: OpenProject, session: Session) -> Response:
    """The task statuses that the production works with."""
    return json_response(await ProjectSettings(session, project_id).list_json(TASK_STATUSES))


@router.post(
    "/settings/task-status",
    status_code=201,
    response_model=ProjectRead,
    responses=errors(BadRequest),
    operation_id="add_task_status_to_project",
    summary="Add a task status to a project",
)
async def add_task_status(project_id: ManagedProject, payload: s.NewTaskStatus, uow: Uow) -> Response:
    """Let the production work with a task status of the library; one that it has is changed."""
    return await _choose(uow, project_id, TASK_STATUSES, payload)


@router.delete(
    "/settings/task-status/{task_status_id}",
    status_code=204,
    operation_id="remove_task_status_from_project",
    summary="Remove a task status from a project",
)
async def remove_task_status(project_id: ManagedProject, task_status_id: UUID, uow: Uow) -> Response:
    """The production no longer works with a task status; what it has made with it stays."""
    return await _drop(uow, project_id, TASK_STATUSES, task_status_id)


@router.get(
    "/settings/status-automations",
    response_model=list[StatusAutomationRead],
    operation_id="list_status_automations_of_project",
    summary="List status automations of a project",
)
async def list_status_automations(project_id: OpenProject, session: Session) -> Response:
    """The status automations that the production works with."""
    return json_response(await ProjectSettings(session, project_id).list_json(STATUS_AUTOMATIONS))


@router.post(
    "/settings/status-automations",
    status_code=201,
    response_model=ProjectRead,
    responses=errors(BadRequest),
    operation_id="add_status_automation_to_project",
    summary="Add a status automation to a project",
)
async def add_status_automation(
    project_id: ManagedProject, payload: s.NewStatusAutomation, uow: Uow
) -> Response:
    """Let the production work with a status automation of the library; one that it has is changed."""
    return await _choose(uow, project_id, STATUS_AUTOMATIONS, payload)


@router.delete(
    "/settings/status-automations/{status_automation_id}",
    status_code=204,
    operation_id="remove_status_automation_from_project",
    summary="Remove a status automation from a project",
)
async def remove_status_automation(
    project_id: ManagedProject, status_automation_id: UUID, uow: Uow
) -> Response:
    """The production no longer works with a status automation; what it has made with it stays."""
    return await _drop(uow, project_id, STATUS_AUTOMATIONS, status_automation_id)


@router.get(
    "/settings/preview-background-files",
    response_model=list[PreviewBackgroundFileRead],
    operation_id="list_preview_backgrounds_of_project",
    summary="List preview backgrounds of a project",
)
async def list_preview_backgrounds(project_id: OpenProject, session: Session) -> Response:
    """The preview backgrounds that the production works with."""
    return json_response(await ProjectSettings(session, project_id).list_json(BACKGROUNDS))


@router.post(
    "/settings/preview-background-files",
    status_code=201,
    response_model=ProjectRead,
    responses=errors(BadRequest),
    operation_id="add_preview_background_file_to_project",
    summary="Add a preview background to a project",
)
async def add_preview_background_file(
    project_id: ManagedProject, payload: s.NewBackground, uow: Uow
) -> Response:
    """Let the production work with a preview background of the library; one that it has is changed."""
    return await _choose(uow, project_id, BACKGROUNDS, payload)


@router.delete(
    "/settings/preview-background-files/{preview_background_file_id}",
    status_code=204,
    operation_id="remove_preview_background_file_from_project",
    summary="Remove a preview background from a project",
)
async def remove_preview_background_file(
    project_id: ManagedProject, preview_background_file_id: UUID, uow: Uow
) -> Response:
    """The production no longer works with a preview background; what it has made with it stays."""
    return await _drop(uow, project_id, BACKGROUNDS, preview_background_file_id)


@router.put(
    "/settings/task-status/{task_status_id}",
    response_model=s.ProjectTaskStatusLinkRead,
    responses=errors(BadRequest),
    operation_id="update_task_status_of_project",
    summary="Update a task status of a project",
)
async def update_task_status(
    project_id: ManagedProject, task_status_id: UUID, payload: s.TaskStatusChoice, uow: Uow
) -> Response:
    """Change what the production sets for a task status that it works with."""
    values = payload.model_dump(exclude_unset=True)
    return json_response(await service.change(uow, project_id, TASK_STATUSES, task_status_id, values))


@router.post(
    "/settings/batch",
    response_model=ProjectRead,
    responses=errors(BadRequest),
    operation_id="add_settings_to_project",
    summary="Add task types, statuses and asset types to a project",
)
async def add_settings(project_id: ManagedProject, payload: s.SettingsBatch, uow: Uow) -> Response:
    """Let the production work with many rows of the library at a time."""
    await service.choose_many(uow, project_id, payload)
    return await _project(uow, project_id, 200)


@router.get(
    "/task-types",
    response_model=list[TaskTypeRead],
    operation_id="list_task_types_of_project",
    summary="List task types of a project",
)
async def list_task_types(project_id: OpenProject, session: Session) -> Response:
    """The task types that the production works with, or has tasks of, in the order of the pipeline."""
    return json_response(await EntityLists(session).task_types_json(project_id))
