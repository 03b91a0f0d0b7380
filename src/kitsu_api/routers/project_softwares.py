"""The softwares that a production works with, task type by task type."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.project_softwares import ProjectSoftwares
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.places import ManagedProject, OpenProject
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.project_softwares import NewTaskTypeSoftware, TaskTypeSoftwareRead
from kitsu_api.services import project_softwares as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/data/projects/{project_id}",
    tags=["Projects"],
    responses=errors(Unauthorized, Forbidden, NotFound),
)


@router.get(
    "/task-type-softwares",
    response_model=list[TaskTypeSoftwareRead],
    operation_id="list_softwares_of_project",
    summary="List softwares of a project",
)
async def list_softwares(project_id: OpenProject, session: Session) -> Response:
    """Which software the production works with on which task type."""
    return json_response(await ProjectSoftwares(session, project_id).list_json())


@router.post(
    "/task-types/{task_type_id}/softwares",
    status_code=201,
    response_model=TaskTypeSoftwareRead,
    responses=errors(BadRequest),
    operation_id="add_software_to_task_type_of_project",
    summary="Add a software to a task type of a project",
)
async def add_software(
    project_id: ManagedProject, task_type_id: UUID, payload: NewTaskTypeSoftware, uow: Uow
) -> TaskTypeSoftwareRead:
    """Let the production work with a software on a task type."""
    return await service.choose(uow, project_id, task_type_id, payload.software_id)


@router.delete(
    "/task-types/{task_type_id}/softwares/{software_id}",
    status_code=204,
    operation_id="remove_software_from_task_type_of_project",
    summary="Remove a software from a task type of a project",
)
async def remove_software(
    project_id: ManagedProject, task_type_id: UUID, software_id: UUID, uow: Uow
) -> Response:
    """The production no longer works with a software on a task type."""
    await service.drop(uow, project_id, task_type_id, software_id)
    return Response(status_code=204)
