"""Templates of productions: what they take from the library, and how they come and go."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Project, ProjectTemplate
from kitsu_api.db.projections import PROJECT, PROJECT_TEMPLATE
from kitsu_api.db.repositories.project_templates import (
    ASSET_TYPES,
    BACKGROUNDS,
    STATUS_AUTOMATIONS,
    TASK_STATUSES,
    TASK_TYPES,
    Part,
    TemplateLibrary,
)
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.places import ManagedProject
from kitsu_api.permissions.policies.roles import admins, managers
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import project_templates as s
from kitsu_api.schemas.base import Payload
from kitsu_api.schemas.project_settings import (
    NewAssetType,
    NewBackground,
    NewStatusAutomation,
    NewTaskStatus,
    NewTaskType,
    chosen,
)
from kitsu_api.schemas.projects import ProjectRead
from kitsu_api.schemas.tasks import StatusAutomationRead
from kitsu_api.services import project_templates as service
from kitsu_api.unit_of_work import UnitOfWork, Uow

router = APIRouter(
    tags=["Project templates"], responses=errors(BadRequest, Unauthorized, Forbidden, NotFound)
)
ONE = "/data/project-templates/{project_template_id}"

Admin = Annotated[Actor, allow(admins)]
Manager = Annotated[Actor, allow(managers)]


async def _found(session: Session, id: UUID) -> ProjectTemplate:
    template = await Records(session, ProjectTemplate).find(id)
    if template is None:
        raise NotFound
    return template


async def _read_template(reader: Manager, project_template_id: UUID, session: Session) -> UUID:
    return (await _found(session, project_template_id)).id


async def _own_template(admin: Admin, project_template_id: UUID, session: Session) -> ProjectTemplate:
    return await _found(session, project_template_id)


ReadTemplate = Annotated[UUID, Depends(_read_template, scope="function")]
"""The id of a template, for those who may read it."""

OwnTemplate = Annotated[ProjectTemplate, Depends(_own_template, scope="function")]
"""A template, for those who may change it."""


async def _template(session: Session, id: UUID, status: int = 200) -> Response:
    row = await Records(session, ProjectTemplate).one_json(PROJECT_TEMPLATE, id)
    assert row is not None
    return json_response(row, status)


async def _list(session: Session, template_id: UUID, part: Part) -> Response:
    return json_response(await TemplateLibrary(session, template_id).list_json(part))


async def _choose(uow: UnitOfWork, template: ProjectTemplate, part: Part, payload: Payload) -> Response:
    id, values = chosen(payload, part.column)
    await service.choose(uow, template, part, id, values)
    library = TemplateLibrary(uow.session, template.id)
    if part.keeps_settings:
        return json_response(await library.link_json(part, id), 201)
    row = await library.one_json(part, id)
    assert row is not None
    return json_response(row, 201)


async def _drop(uow: UnitOfWork, template: ProjectTemplate, part: Part, id: UUID) -> Response:
    await service.drop(uow, template, part, id)
    return Response(status_code=204)


@router.get(
    ONE + "/asset-types",
    response_model=list[s.TemplateAssetType],
    operation_id="list_asset_types_of_template",
    summary="List asset types of a project template",
)
async def list_asset_types(template_id: ReadTemplate, session: Session) -> Response:
    """The asset types that productions get from the template, by age."""
    return await _list(session, template_id, ASSET_TYPES)


@router.post(
    ONE + "/asset-types",
    status_code=201,
    response_model=s.TemplateAssetType,
    operation_id="add_asset_type_to_template",
    summary="Add an asset type to a project template",
)
async def add_asset_type(template: OwnTemplate, payload: NewAssetType, uow: Uow) -> Response:
    """Let productions get an asset type of the library from the template."""
    return await _choose(uow, template, ASSET_TYPES, payload)


@router.delete(
    ONE + "/asset-types/{asset_type_id}",
    status_code=204,
    operation_id="remove_asset_type_from_template",
    summary="Remove an asset type from a project template",
)
async def remove_asset_type(template: OwnTemplate, asset_type_id: UUID, uow: Uow) -> Response:
    """Productions no longer get an asset type from the template."""
    return await _drop(uow, template, ASSET_TYPES, asset_type_id)


@router.get(
    ONE + "/task-types",
    response_model=list[s.TemplateTaskType],
    operation_id="list_task_types_of_template",
    summary="List task types of a project template",
)
async def list_task_types(template_id: ReadTemplate, session: Session) -> Response:
    """The task types that productions get from the template, in its order."""
    return await _list(session, template_id, TASK_TYPES)


@router.post(
    ONE + "/task-types",
    status_code=201,
    response_model=s.TemplateTaskTypeLinkRead,
    operation_id="add_task_type_to_template",
    summary="Add a task type to a project template",
)
async def add_task_type(template: OwnTemplate, payload: NewTaskType, uow: Uow) -> Response:
    """Let productions get a task type of the library from the template; one that it has is changed."""
    return await _choose(uow, template, TASK_TYPES, payload)


@router.delete(
    ONE + "/task-types/{task_type_id}",
    status_code=204,
    operation_id="remove_task_type_from_template",
    summary="Remove a task type from a project template",
)
async def remove_task_type(template: OwnTemplate, task_type_id: UUID, uow: Uow) -> Response:
    """Productions no longer get a task type from the template."""
    return await _drop(uow, template, TASK_TYPES, task_type_id)


@router.get(
    ONE + "/task-statuses",
    response_model=list[s.TemplateTaskStatus],
    operation_id="list_task_statuses_of_template",
    summary="List task statuses of a project template",
)
async def list_task_statuses(template_id: ReadTemplate, session: Session) -> Response:
    """The task statuses that productions get from the template, in its order."""
    return await _list(session, template_id, TASK_STATUSES)


@router.post(
    ONE + "/task-statuses",
    status_code=201,
    response_model=s.TemplateTaskStatusLinkRead,
    operation_id="add_task_status_to_template",
    summary="Add a task status to a project template",
)
async def add_task_status(template: OwnTemplate, payload: NewTaskStatus, uow: Uow) -> Response:
    """Let productions get a task status of the library from the template; one that it has is changed."""
    return await _choose(uow, template, TASK_STATUSES, payload)


@router.delete(
    ONE + "/task-statuses/{task_status_id}",
    status_code=204,
    operation_id="remove_task_status_from_template",
    summary="Remove a task status from a project template",
)
async def remove_task_status(template: OwnTemplate, task_status_id: UUID, uow: Uow) -> Response:
    """Productions no longer get a task status from the template."""
    return await _drop(uow, template, TASK_STATUSES, task_status_id)


@router.get(
    ONE + "/status-automations",
    response_model=list[StatusAutomationRead],
    operation_id="list_status_automations_of_template",
    summary="List status automations of a project template",
)
async def list_status_automations(template_id: ReadTemplate, session: Session) -> Response:
    """The status automations that productions get from the template, by age."""
    return await _list(session, template_id, STATUS_AUTOMATIONS)


@router.post(
    ONE + "/status-automations",
    status_code=201,
    response_model=StatusAutomationRead,
    operation_id="add_status_automation_to_template",
    summary="Add a status automation to a project template",
)
async def add_status_automation(template: OwnTemplate, payload: NewStatusAutomation, uow: Uow) -> Response:
    """Let productions get a status automation of the library from the template."""
    return await _choose(uow, template, STATUS_AUTOMATIONS, payload)


@router.delete(
    ONE + "/status-automations/{status_automation_id}",
    status_code=204,
    operation_id="remove_status_automation_from_template",
    summary="Remove a status automation from a project template",
)
async def remove_status_automation(template: OwnTemplate, status_automation_id: UUID, uow: Uow) -> Response:
    """Productions no longer get a status automation from the template."""
    return await _drop(uow, template, STATUS_AUTOMATIONS, status_automation_id)


@router.get(
    ONE + "/preview-background-files",
    response_model=list[s.TemplateBackground],
    operation_id="list_preview_background_files_of_template",
    summary="List preview backgrounds of a project template",
)
async def list_preview_background_files(template_id: ReadTemplate, session: Session) -> Response:
    """The preview backgrounds that productions get from the template, by age."""
    return await _list(session, template_id, BACKGROUNDS)


@router.post(
    ONE + "/preview-background-files",
    status_code=201,
    response_model=s.TemplateBackground,
    operation_id="add_preview_background_file_to_template",
    summary="Add a preview background to a project template",
)
async def add_preview_background_file(template: OwnTemplate, payload: NewBackground, uow: Uow) -> Response:
    """Let productions get a preview background of the library from the template."""
    return await _choose(uow, template, BACKGROUNDS, payload)


@router.delete(
    ONE + "/preview-background-files/{preview_background_file_id}",
    status_code=204,
    operation_id="remove_preview_background_file_from_template",
    summary="Remove a preview background from a project template",
)
async def remove_preview_background_file(
    template: OwnTemplate, preview_background_file_id: UUID, uow: Uow
) -> Response:
    """Productions no longer get a preview background from the template. A default one ceases to be it."""
    return await _drop(uow, template, BACKGROUNDS, preview_background_file_id)


@router.post(
    "/actions/project-templates/{project_template_id}/task-types/reorder",
    response_model=list[s.TemplateTaskTypeLinkRead],
    operation_id="reorder_task_types_of_template",
    summary="Reorder task types of a project template",
)
async def reorder_task_types(template: OwnTemplate, payload: s.TemplateTaskTypeOrder, uow: Uow) -> Response:
    """Put the template's task types into this order; ids that it has not are left out."""
    return json_response(await service.reorder(uow, template, TASK_TYPES, payload.task_type_ids))


@router.post(
    "/actions/project-templates/{project_template_id}/task-statuses/reorder",
    response_model=list[s.TemplateTaskStatusLinkRead],
    operation_id="reorder_task_statuses_of_template",
    summary="Reorder task statuses of a project template",
)
async def reorder_task_statuses(
    template: OwnTemplate, payload: s.TemplateTaskStatusOrder, uow: Uow
) -> Response:
    """Put the template's task statuses into this order; ids that it has not are left out."""
    return json_response(await service.reorder(uow, template, TASK_STATUSES, payload.task_status_ids))


@router.put(
    ONE + "/default-preview-background-file",
    response_model=s.ProjectTemplateRead,
    operation_id="set_default_background_of_template",
    summary="Set the default preview background of a project template",
)
async def set_default_background(template: OwnTemplate, payload: s.DefaultBackground, uow: Uow) -> Response:
    """Choose one of the template's backgrounds for previews to begin with, or none."""
    await service.set_default_background(uow, template, payload.default_preview_background_file_id)
    return await _template(uow.session, template.id)


@router.put(
    ONE + "/metadata-descriptors",
    response_model=s.ProjectTemplateRead,
    operation_id="set_metadata_descriptors_of_template",
    summary="Set the metadata columns of a project template",
)
async def set_metadata_descriptors(
    template: OwnTemplate, payload: s.TemplateDescriptors, uow: Uow
) -> Response:
    """Replace the metadata columns that productions get from the template."""
    await service.set_descriptors(uow, template, payload.metadata_descriptors)
    return await _template(uow.session, template.id)


@router.post(
    "/data/project-templates/from-project/{project_id}",
    status_code=201,
    response_model=s.ProjectTemplateRead,
    operation_id="create_template_from_project",
    summary="Create a project template from a project",
)
async def create_template_from_project(
    project_id: UUID, payload: s.TemplateFromProject, actor: Admin, uow: Uow
) -> Response:
    """Make a template of a production's settings: all but its team."""
    template_id = await service.create_from_project(uow, actor, project_id, payload)
    return await _template(uow.session, template_id, 201)


@router.post(
    "/data/projects/{project_id}/apply-template/{project_template_id}",
    response_model=ProjectRead,
    operation_id="apply_template_to_project",
    summary="Apply a project template to a project",
)
async def apply_template(project_id: ManagedProject, template_id: ReadTemplate, uow: Uow) -> Response:
    """Give a production the settings of a template, and what it lacks of the template's library."""
    template = await _found(uow.session, template_id)
    await service.apply(uow, template, project_id)
    row = await Records(uow.session, Project).one_json(PROJECT, project_id)
    assert row is not None
    return json_response(row)
