"""Work that is handed out, taken back and put in order of importance."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from kitsu_api.db.models import Task
from kitsu_api.db.projections import TASK
from kitsu_api.db.repositories.assignations import Assignations
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, ErrorBody, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.assignations import (
    AssignationClearing,
    Assignment,
    PriorityChange,
    TaskIdList,
    TaskSelection,
    UnknownAssignee,
)
from kitsu_api.schemas.tasks import TaskRead
from kitsu_api.services import assignations as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Tasks"], responses=errors(BadRequest, Unauthorized, Forbidden))
Caller = Annotated[Actor, allow(anyone)]


@router.put(
    "/actions/tasks/{task_id}/assign",
    response_model=TaskRead,
    responses={
        **errors(NotFound),
        400: {"model": ErrorBody | UnknownAssignee, "description": service.NoSuchAssignee.message},
    },
    operation_id="assign_task",
    summary="Assign a person to a task",
)
async def assign_task(task_id: UUID, payload: Assignment, uow: Uow, actor: Caller) -> Response:
    """Add somebody to those who work on a task, and to the team if they are not in it."""
    await service.assign_one(uow, actor, task_id, service.parse_person(payload.person_id))
    row = await Records(uow.session, Task).one_json(TASK, task_id, relations=True)
    assert row is not None
    return json_response(row)


@router.put(
    "/actions/persons/{person_id}/assign",
    response_model=list[TaskRead],
    operation_id="assign_tasks_to_person",
    summary="Assign a person to several tasks",
)
async def assign_tasks_to_person(person_id: str, payload: TaskSelection, uow: Uow, actor: Caller) -> Response:
    """The tasks that the caller may hand out go to the person; the others are left out of the answer."""
    ids = await service.assign_many(uow, actor, payload.task_ids, service.parse_person(person_id))
    return json_response(await Assignations(uow.session).tasks_json(ids))


@router.put(
    "/actions/tasks/clear-assignation",
    response_model=TaskIdList,
    operation_id="clear_assignation",
    summary="Take people off several tasks",
)
async def clear_assignation(payload: AssignationClearing, uow: Uow, actor: Caller) -> TaskIdList:
    """The ids of the tasks that the caller may hand out, or take themselves off."""
    return TaskIdList(await service.clear(uow, actor, payload.task_ids, payload.person_id))


@router.put(
    "/actions/tasks/set-priority",
    response_model=list[TaskRead],
    operation_id="set_priority_of_tasks",
    summary="Set the priority of several tasks",
)
async def set_priority_of_tasks(payload: PriorityChange, uow: Uow, actor: Caller) -> Response:
    """The tasks that the caller may change, changed; the others are left out of the answer."""
    ids = await service.set_priority(uow, actor, payload.task_ids, payload.priority)
    return json_response(await Assignations(uow.session).tasks_json(ids))
