"""Time spent on tasks: the task keeps the sum."""

from __future__ import annotations

from typing import Any

from kitsu_api.db.base import now
from kitsu_api.db.models import TimeSpent
from kitsu_api.db.repositories.tasks import TaskRepository
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.unit_of_work import UnitOfWork


async def creating(uow: UnitOfWork, actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    """Time is spent on tasks of productions that are open to the caller.

    Raises:
        BadRequest: there is no such task.
        Forbidden: it is of another production.
    """
    task_id = values.get("task_id")
    project_id = await TaskRepository(uow.session).project_of(task_id)
    if project_id is None:
        raise BadRequest("task_id: there is no such task.")
    if not actor.sees(project_id):
        raise Forbidden
    return values


async def refresh_task(uow: UnitOfWork, actor: Actor, time_spent: TimeSpent) -> None:
    """Set the task's duration (minutes) to the sum of its time spents, and tell of it."""
    if time_spent.task_id is None:
        return
    tasks = TaskRepository(uow.session)
    task = await tasks.find(time_spent.task_id)
    if task is None:
        return
    task.duration = await tasks.spent(task.id)
    task.updated_at = now()
    uow.emit(record_event("task", "update", task.id, task.project_id))
