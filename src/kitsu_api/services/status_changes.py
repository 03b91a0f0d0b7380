"""What follows when the status of a task changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID, uuid4

from kitsu_api.db.base import now
from kitsu_api.db.models import Task, TaskStatus
from kitsu_api.db.repositories.casting_changes import CastingChanges
from kitsu_api.db.repositories.comment_writing import Said
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.status_changes import StatusChanges, StatusRules
from kitsu_api.errors import BadRequest
from kitsu_api.events import Event, record_event
from kitsu_api.unit_of_work import UnitOfWork

IMPORT_JOB: Final = "import_last_revision"


def _event(name: str, task: Task, person_id: UUID, before: UUID | None, after: UUID, **more: UUID) -> Event:
    ids: dict[str, UUID | None] = {
        "task_id": task.id,
        "person_id": person_id,
        "project_id": task.project_id,
        "previous_task_status_id": before,
        "new_task_status_id": after,
        **more,
    }
    data = {key: str(value) if value is not None else None for key, value in ids.items()}
    return Event(name, data, task.project_id)


def status_event(task: Task, person_id: UUID, before: UUID | None, after: UUID) -> Event:
    """The news that a task has another status."""
    return _event("task:status-changed", task, person_id, before, after)


def check_retakes(task: Task, status: TaskStatus, rules: StatusRules) -> None:
    """A task may be sent back as often as its production, or its entity, allows; one retake after another
    counts once.

    Raises:
        BadRequest: it was sent back that often already.
    """
    known = None if task.task_status_id is None else rules.statuses.get(task.task_status_id)
    if not status.is_retake or (known is not None and known.is_retake):
        return
    most = rules.most_retakes.get(task.id, 0)
    if most and (task.retake_count or 0) + 1 > most:
        raise BadRequest("No more retakes allowed on this task")


class Dated(Protocol):
    """A task, as far as its dates go."""

    @property
    def real_start_date(self) -> datetime | None:
        """When work began."""

    @property
    def end_date(self) -> datetime | None:
        """When it ended."""


def dates_after(task: Dated, status: TaskStatus, moment: datetime) -> dict[str, Any]:
    """The dates of a task once it has a status: work begins with the first status for work in progress,
    ends with a request for feedback or when it is done, and goes on with any other."""
    values: dict[str, Any] = {"end_date": None, "done_date": None}
    if status.is_wip and task.real_start_date is None:
        values["real_start_date"] = moment
    if status.is_feedback_request:
        values["end_date"] = moment
    if status.is_done:
        values["done_date"] = moment
        values["end_date"] = task.end_date or moment
    return values


async def _values_of(uow: UnitOfWork, task: Task, status: TaskStatus, moment: datetime) -> dict[str, Any]:
    """What a new status makes of a task; one retake after another counts once."""
    values = {"task_status_id": status.id, **dates_after(task, status, moment)}
    if status.is_retake:
        known = task.task_status_id
        previous = None if known is None else await Records(uow.session, TaskStatus).find(known)
        if previous is None or not previous.is_retake:
            values["retake_count"] = (task.retake_count or 0) + 1
    return values


async def change_status(
    uow: UnitOfWork, task: Task, status: TaskStatus, comment: Said, rules: StatusRules
) -> None:
    """Give a task the status of a comment. The row is written with the next flush of the session.

    Tells of it, and lets the automations of the production do their part.
    """
    before, person_id, moment = task.task_status_id, comment.person_id, comment.created_at
    values: dict[str, Any] = {"last_comment_date": max(moment, task.last_comment_date or moment)}
    if comment.change:
        values |= await _values_of(uow, task, status, moment)
    for name, value in values.items():
        setattr(task, name, value)
    task.updated_at = now()
    uow.emit(record_event("task", "update", task.id, task.project_id))
    if comment.change:
        uow.emit(status_event(task, person_id, before, status.id))
        if status.is_feedback_request:
            uow.emit(_event("task:to-review", task, person_id, before, status.id, comment_id=comment.id))
        if rules.starts_automations(task, status):
            await run_automations(uow, task, status, person_id, moment)


async def run_automations(
    uow: UnitOfWork, task: Task, status: TaskStatus, person_id: UUID, moment: datetime
) -> None:
    """Do what the production wants done when a task of this type gets this status.

    An automation sets the status of another task of the entity, or what the entity is ready for. What it sets
    may start others in turn; no task is set twice, so that a circle ends.
    """
    changes = StatusChanges(uow.session)
    automations = await changes.automations(task)
    reached, waiting = {task.id}, [(task, status)]
    while waiting:
        source, given = waiting.pop(0)
        for automation in automations:
            if (automation.in_task_type_id, automation.in_task_status_id) != (source.task_type_id, given.id):
                continue
            if automation.out_field_type == "ready_for":
                await _make_ready(uow, source, automation.out_task_type_id)
                continue
            target = await changes.task_of(source.entity_id, automation.out_task_type_id)
            if target is None or target.id in reached:
                continue
            new = await _set_by_automation(uow, target, automation.out_task_status_id, person_id, moment)
            if new is not None:
                reached.add(target.id)
                if automation.import_last_revision:
                    _order_revision(uow, source, target, person_id)
                waiting.append((target, new))


def _order_revision(uow: UnitOfWork, source: Task, target: Task, person_id: UUID) -> None:
    """Have a task take over the newest revision of the one that set its status, once all that is said."""
    ids = {"source_task_id": source.id, "target_task_id": target.id, "person_id": person_id}
    arguments = {name: str(id) for name, id in (*ids.items(), ("comment_id", uuid4()))}
    uow.enqueue(IMPORT_JOB, key=arguments["comment_id"], **arguments)


async def _make_ready(uow: UnitOfWork, task: Task, task_type_id: UUID | None) -> None:
    """Note that the entity of a task is ready for tasks of a type."""
    if task_type_id is None:
        return
    entity = await StatusChanges(uow.session).set_ready_for(task.entity_id, task_type_id)
    if entity is not None:
        await CastingChanges(uow.session).recount_ready_for(entity)
        uow.emit(record_event("asset", "update", entity, task.project_id))


async def _set_by_automation(
    uow: UnitOfWork, target: Task, wanted: UUID | None, person_id: UUID, moment: datetime
) -> TaskStatus | None:
    """Give a task the status that an automation names; None when it has it already."""
    if wanted is None or target.task_status_id == wanted:
        return None
    new = await Records(uow.session, TaskStatus).find(wanted)
    if new is None:
        return None
    before = target.task_status_id
    await Records(uow.session, Task).change(target, await _values_of(uow, target, new, moment))
    uow.emit(record_event("task", "update", target.id, target.project_id))
    uow.emit(status_event(target, person_id, before, new.id))
    return new
