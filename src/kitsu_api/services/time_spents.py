"""Time spent on tasks: the task keeps the sum."""

from __future__ import annotations

from kitsu_api.db.base import now
from kitsu_api.db.models import TimeSpent
from kitsu_api.db.repositories.tasks import TaskRepository
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.unit_of_work import UnitOfWork


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
