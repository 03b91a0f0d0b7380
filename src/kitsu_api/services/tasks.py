"""Tasks: assignments and their events, and what goes with a task."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Task
from kitsu_api.db.repositories.tasks import TaskRepository, check_same_project
from kitsu_api.events import Event, record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]


async def announce(session: AsyncSession, task: Task, action: str) -> Event:
    """The event of a task; a deleted one says what it was, since nobody can look it up."""
    if action == "delete":
        more = {"entity_id": task.entity_id, "task_type_id": task.task_type_id}
        return record_event("task", action, task.id, task.project_id, **more)
    return record_event("task", action, task.id, task.project_id)


async def creating(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A task is of its entity's production, and whoever makes it assigns it."""
    await check_same_project(uow.session, "entity_id", values.get("entity_id"), values.get("project_id"))
    values.setdefault("assigner_id", actor.id)
    return values


async def updating(uow: UnitOfWork, actor: Actor, task: Task, values: Values) -> Values:
    """Tell who was assigned and who no longer is; metadata is merged, so that two people keep both."""
    if isinstance(values.get("data"), dict) and isinstance(task.data, dict):
        values["data"] = {**task.data, **values["data"]}
    if "assignees" not in values:
        return values
    wanted = set(values["assignees"] or ())
    tasks = TaskRepository(uow.session)
    present = await tasks.assignees(task.id)
    for action, people in (("unassign", present - wanted), ("assign", wanted - present)):
        for person_id in sorted(people):
            uow.emit(
                Event(
                    f"task:{action}",
                    {
                        "task_id": str(task.id),
                        "person_id": str(person_id),
                        "project_id": str(task.project_id),
                    },
                    task.project_id,
                )
            )
    await tasks.add_assignation_notices(task.id, actor.id, wanted - present - {actor.id})
    return values


async def deleting(uow: UnitOfWork, actor: Actor, task: Task) -> None:
    """Assignments, subscriptions and notices go with a task; comments and time spents keep it."""
    await TaskRepository(uow.session).delete_light_dependents(task.id)
