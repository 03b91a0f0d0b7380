"""Tasks: assignments and their events, and what goes with a task."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import Task, TaskStatus
from kitsu_api.db.repositories.assignations import Assignations
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.tasks import (
    TaskRepository,
    check_same_project,
    foresee_entities,
    foresee_statuses,
)
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.events import Event, record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.services import task_removal
from kitsu_api.services.status_changes import dates_after, status_event
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]


async def announce(session: AsyncSession, task: Task, action: str) -> Event:
    """The event of a task; a deleted one says what it was, since nobody can look it up."""
    if action == "delete":
        more = {"entity_id": task.entity_id, "task_type_id": task.task_type_id}
        return record_event("task", action, task.id, task.project_id, **more)
    return record_event("task", action, task.id, task.project_id)


async def foresee(uow: UnitOfWork, values: Sequence[Values], tasks: Sequence[Task] = ()) -> None:
    """Look up for several tasks together what making or changing each of them looks up."""
    entities = {one["entity_id"] for one in values if one.get("entity_id")}
    statuses = {one["task_status_id"] for one in values if one.get("task_status_id")} if tasks else set()
    if statuses:
        statuses |= {task.task_status_id for task in tasks if task.task_status_id}
    await foresee_entities(uow.session, () if tasks else entities)
    await foresee_statuses(uow.session, statuses)


async def creating(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A task is of its entity's production, and whoever makes it assigns it."""
    await check_same_project(uow.session, "entity_id", values.get("entity_id"), values.get("project_id"))
    values.setdefault("assigner_id", actor.id)
    return values


async def _follow_status(uow: UnitOfWork, actor: Actor, task: Task, values: Values) -> None:
    """Set the dates and the retake count that follow from a new status, unless the values say otherwise.

    The dates are those that a comment with this status would set.
    """
    previous_id, status_id = task.task_status_id, values.get("task_status_id")
    if status_id is None or status_id == previous_id:
        return
    statuses = Records(uow.session, TaskStatus)
    status = await statuses.find(status_id)
    if status is None:
        raise BadRequest("task_status_id: there is no such task status.")
    previous = None if previous_id is None else await statuses.find(previous_id)
    for name, value in dates_after(task, status, now()).items():
        values.setdefault(name, value)
    if status.is_retake and not (previous is not None and previous.is_retake):
        values["retake_count"] = (task.retake_count or 0) + 1
    uow.emit(status_event(task, actor.id, previous_id, status.id))


async def updating(uow: UnitOfWork, actor: Actor, task: Task, values: Values) -> Values:
    """Tell who was assigned and who no longer is; metadata is merged, so that two people keep both.

    Raises:
        BadRequest: there is no such status.
        Forbidden: a bot is assigned, and the production lets none work.
    """
    if isinstance(values.get("data"), dict) and isinstance(task.data, dict):
        values["data"] = {**task.data, **values["data"]}
    await _follow_status(uow, actor, task, values)
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
    if new := wanted - present:
        await _let_work(uow, task, new)
    await tasks.add_assignation_notices(task.id, actor.id, new - {actor.id})
    return values


async def _let_work(uow: UnitOfWork, task: Task, people: Collection[UUID]) -> None:
    """Let people who are newly assigned into the team, since they must see what they are to do.

    Raises:
        Forbidden: one of them is a bot, and the production lets none work.
    """
    assignations = Assignations(uow.session)
    if await assignations.closed_to(task.project_id, people):
        raise Forbidden("This production lets no bots work.")
    project_id = task.project_id
    if project_id is not None and await assignations.let_in(project_id, people):
        uow.emit(record_event("project", "update", project_id, project_id))


async def forced(uow: UnitOfWork, actor: Actor, task: Task) -> None:
    """Everything that hangs on a task goes with it: comments, previews and time spents as well."""
    await task_removal.remove_content(uow, [task.id])


async def deleting(uow: UnitOfWork, actor: Actor, task: Task) -> None:
    """Assignments, subscriptions and notices go with a task; comments and time spents keep it."""
    await TaskRepository(uow.session).delete_light_dependents(task.id)
