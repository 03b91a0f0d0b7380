"""Tasks with all that they refer to."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from kitsu_api.db import scopes
from kitsu_api.db.engine import Session
from kitsu_api.db.models import Task
from kitsu_api.db.repositories.full_tasks import full_task_json
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.tasks import TaskRepository
from kitsu_api.errors import Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_scopes import limited_to_assigned, shown_metadata
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.policies.persons import masked_of_people
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.user_context import FullTask

router = APIRouter(tags=["Tasks"], responses=errors(Unauthorized, Forbidden, NotFound))


async def existing_task(task_id: UUID, session: Session, actor: CurrentActor) -> tuple[UUID, bool]:
    """A task's id, and whether the caller sees it: vendors those that they are assigned to.

    Raises:
        NotFound: there is no such task.
    """
    place = await TaskRepository(session).place(task_id)
    if place is None:
        raise NotFound
    (project_id,) = place
    if project_id in limited_to_assigned(actor):
        assigned = Task.id == task_id, Task.id.in_(scopes.tasks_of(actor.id))
        return task_id, await Records(session, Task).exists(*assigned)
    return task_id, actor.sees(project_id)


def is_seen(actor: Actor, task: tuple[UUID, bool]) -> bool:
    """Whether the caller sees the task."""
    return task[1]


SeenTask = Annotated[tuple[UUID, bool], guard(existing_task, is_seen)]


@router.get(
    "/data/tasks/{task_id}/full",
    response_model=FullTask,
    operation_id="get_full_task",
    summary="Get a task with all that it refers to",
)
async def get_full_task(task: SeenTask, session: Session, actor: CurrentActor) -> Response:
    """A task with its entity, production, type, status and people."""
    row = await full_task_json(session, task[0], actor.id, masked_of_people(actor), shown_metadata(actor))
    if row is None:
        raise NotFound
    return json_response(row)
