"""Which task types and statuses a production has, and in which order it has them."""

from __future__ import annotations

from typing import Annotated, TypeVar

from fastapi import APIRouter, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Project
from kitsu_api.db.repositories.project_settings import TASK_STATUSES, TASK_TYPES
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow, guard
from kitsu_api.permissions.places import ManagedProject
from kitsu_api.permissions.policies.project_links import runs_linked_project
from kitsu_api.permissions.policies.roles import admins
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import project_links as s
from kitsu_api.schemas.project_settings import ProjectTaskStatusLinkRead
from kitsu_api.schemas.tasks import TaskTypeRead
from kitsu_api.services import project_links as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Projects"], responses=errors(Unauthorized, Forbidden, BadRequest))
Link = TypeVar("Link", s.NewTaskTypeLink, s.NewTaskStatusLink)


async def _of_existing_project(link: Link, session: Session) -> Link:
    if not await Records(session, Project).exists(Project.id == link.project_id):
        raise BadRequest("project_id: there is no such production.")
    return link


async def new_task_type_link(payload: s.NewTaskTypeLink, session: Session) -> s.NewTaskTypeLink:
    """A task type for a production.

    Raises:
        BadRequest: there is no such production.
    """
    return await _of_existing_project(payload, session)


async def new_task_status_link(payload: s.NewTaskStatusLink, session: Session) -> s.NewTaskStatusLink:
    """A task status for a production.

    Raises:
        BadRequest: there is no such production.
    """
    return await _of_existing_project(payload, session)


TaskTypeLink = Annotated[s.NewTaskTypeLink, guard(new_task_type_link, runs_linked_project)]
TaskStatusLink = Annotated[s.NewTaskStatusLink, guard(new_task_status_link, runs_linked_project)]
Admin = Annotated[Actor, allow(admins)]


@router.post(
    "/data/task-type-links",
    status_code=201,
    response_model=s.ProjectTaskTypeLinkRead,
    operation_id="create_task_type_link",
    summary="Link a task type to a project",
)
async def create_task_type_link(link: TaskTypeLink, uow: Uow) -> Response:
    """Let a production work with a task type; one that it has is changed."""
    return json_response(await service.link(uow, TASK_TYPES, link.model_dump()), 201)


@router.post(
    "/data/task-status-links",
    status_code=201,
    response_model=ProjectTaskStatusLinkRead,
    operation_id="create_task_status_link",
    summary="Link a task status to a project",
)
async def create_task_status_link(link: TaskStatusLink, uow: Uow) -> Response:
    """Let a production work with a task status; one that it has is changed."""
    return json_response(await service.link(uow, TASK_STATUSES, link.model_dump()), 201)


@router.post(
    "/actions/projects/{project_id}/task-type-links/reorder",
    response_model=list[s.ProjectTaskTypeLinkRead],
    responses=errors(NotFound),
    operation_id="reorder_task_types_of_project",
    summary="Reorder task types of a project",
)
async def reorder_task_type_links(project_id: ManagedProject, payload: s.TaskTypeOrder, uow: Uow) -> Response:
    """Number the task types of the production from 1, in this order; others keep their place."""
    return json_response(await service.reorder(uow, project_id, TASK_TYPES, payload.task_type_ids))


@router.post(
    "/actions/projects/{project_id}/task-status-links/reorder",
    response_model=list[ProjectTaskStatusLinkRead],
    responses=errors(NotFound),
    operation_id="reorder_task_statuses_of_project",
    summary="Reorder task statuses of a project",
)
async def reorder_task_status_links(
    project_id: ManagedProject, payload: s.TaskStatusOrder, uow: Uow
) -> Response:
    """Number the task statuses of the production from 1, in this order; others keep their place."""
    return json_response(await service.reorder(uow, project_id, TASK_STATUSES, payload.task_status_ids))


@router.post(
    "/actions/task-types/reorder",
    response_model=list[TaskTypeRead],
    operation_id="reorder_task_types",
    summary="Reorder task types",
)
async def reorder_task_types(actor: Admin, payload: s.TaskTypeOrder, uow: Uow) -> Response:
    """Number the task types of the studio from 1, in this order; others keep their place."""
    return json_response(await service.reorder_task_types(uow, payload.task_type_ids))
