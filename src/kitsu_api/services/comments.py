"""Comments: who edited them, and what their task falls back to when one goes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import Comment, Task, TaskStatus
from kitsu_api.db.repositories.comments import CommentRepository
from kitsu_api.db.repositories.locks import lock
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.status_changes import StatusChanges
from kitsu_api.db.repositories.task_comments import TaskComments
from kitsu_api.db.repositories.tasks import CommentMark, TaskRepository
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.events import Event, record_event
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.policies.comments import edits_all, is_maker, may_edit, may_use_status
from kitsu_api.services.attachments import detach_all
from kitsu_api.services.mentions import mentions_in, renotify
from kitsu_api.services.status_changes import status_event
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]

DEFAULT_STATUS: dict[str, Any] = {
    "name": "Todo",
    "short_name": "todo",
    "color": "#f5f5f5",
    "is_default": True,
    "is_artist_allowed": True,
    "is_client_allowed": True,
}
"""The status of a task that nobody has begun, made when the studio has none."""


MENTIONS = ("mentions", "department_mentions")


async def announce(session: AsyncSession, comment: Comment, action: str) -> Event:
    """The event of a comment: its task, and the production once the comment is on one."""
    audience = await TaskRepository(session).project_of(comment.object_id)
    project_id = None if action == "new" else audience
    if action == "delete":
        return record_event("comment", action, comment.id, project_id, task_id=comment.object_id)
    event = record_event(
        "comment",
        action,
        comment.id,
        project_id,
        task_id=comment.object_id,
        person_id=comment.person_id,
        for_client=bool(comment.for_client),
    )
    return replace(event, audience=audience)


async def creating(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A comment stands on a task.

    Raises:
        BadRequest: the task does not exist.
    """
    if await TaskRepository(uow.session).project_of(values["object_id"]) is None:
        raise BadRequest("object_id: there is no such task to comment on.")
    values.setdefault("person_id", actor.id)
    return values


async def updating(uow: UnitOfWork, actor: Actor, comment: Comment, values: Values) -> Values:
    """Whoever changes a comment is its editor; another text may call other people, and another status
    is one that the task follows.

    Raises:
        Forbidden: the caller may not change this of it.
        BadRequest: there is no such status.
    """
    task = await StatusChanges(uow.session).lock_task(comment.object_id)
    if task is None:
        raise Forbidden
    changes = _changed(comment, values)
    if not edits_all(actor, task, comment):
        changes = {name: value for name, value in changes.items() if name not in MENTIONS}
    if not may_edit(actor, task, comment, changes):
        raise Forbidden
    if changes.get("for_client") and is_maker(actor, task):
        raise Forbidden("Only those who run or supervise the production show comments to clients.")
    values = {"editor_id": actor.id, **changes}
    if "text" in changes:
        called = await mentions_in(uow, task.project_id, changes["text"] or "")
        values["mentions"] = sorted(called.people)
        values["department_mentions"] = sorted(called.departments)
        await renotify(uow, task, comment, called)
    if "task_status_id" in changes:
        await _follow(uow, actor, task, comment, changes["task_status_id"])
    return values


def _changed(comment: Comment, values: Values) -> Values:
    """What of the values differs from what is stored: clients send whole rows back. Mentions are those that
    are sent, unless the text changes: then they follow from it."""
    columns = {name: value for name, value in values.items() if name in Comment.__table__.columns}
    changed = {name: value for name, value in columns.items() if value != getattr(comment, name)}
    sent = {name: values[name] for name in MENTIONS if name in values}
    return sent | changed


async def check_status(uow: UnitOfWork, actor: Actor, task: Task, status: TaskStatus) -> None:
    """Make sure that the caller may give a task a status.

    Raises:
        Forbidden: it is closed to them.
    """
    opened = None
    if (actor.role_on(task.project_id) or actor.role) is Role.CLIENT:
        opened = await StatusChanges(uow.session).client_allowed(task.project_id, status.id)
    if not may_use_status(actor, task, status, opened):
        raise Forbidden


async def _follow(
    uow: UnitOfWork, actor: Actor, task: Task, comment: Comment, task_status_id: UUID | None
) -> None:
    """Give a comment another status, and its task what its comments say then."""
    status = None if task_status_id is None else await Records(uow.session, TaskStatus).find(task_status_id)
    if status is None:
        raise BadRequest("task_status_id: there is no such status.")
    await check_status(uow, actor, task, status)
    await Records(uow.session, Comment).change(comment, {"task_status_id": status.id})
    await _fall_back(uow, actor, task)


async def _fall_back(uow: UnitOfWork, actor: Actor, task: Task) -> None:
    """Put a task, locked, back to what its comments say, and tell of another status."""
    before = task.task_status_id
    await reset_task(uow, task.id)
    if task.task_status_id is not None and task.task_status_id != before:
        uow.emit(status_event(task, actor.id, before, task.task_status_id))


CONCEPT_STATUS: dict[str, Any] = {
    "name": "Neutral",
    "short_name": "neutral",
    "color": "#CCCCCC",
    "is_default": True,
    "for_concept": True,
}
"""The status of a new task on a concept, made when the studio has none."""


async def default_status(uow: UnitOfWork, *, for_concept: bool = False) -> TaskStatus:
    """The default status of tasks, or of tasks on concepts; made, once, when the studio has none."""
    tasks = TaskRepository(uow.session)
    status = await tasks.default_status(for_concept=for_concept)
    if status is None:
        await lock(uow.session, "default task status", UUID(int=for_concept))
        status = await tasks.default_status(for_concept=for_concept)
    if status is None:
        status = await tasks.add_status(**(CONCEPT_STATUS if for_concept else DEFAULT_STATUS))
        uow.emit(record_event("task-status", "new", status.id))
    return status


async def _status_of_fresh(uow: UnitOfWork, task_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The statuses that tasks have while nothing is said of them: concepts have one of their own."""
    default = await default_status(uow)
    concepts = await TaskRepository(uow.session).of_concepts(task_ids) if task_ids else set()
    neutral = await default_status(uow, for_concept=True) if concepts else default
    return {id: neutral.id if id in concepts else default.id for id in task_ids}


def _replay(task: Task, marks: list[CommentMark], default_id: UUID | None) -> None:
    """Set a task to what its comments say, as if they had just been posted one after the other."""
    task.retake_count = sum(
        mark.is_retake and not (before is not None and before.is_retake)
        for before, mark in zip([None, *marks], marks, strict=False)
    )
    begun = [mark.created_at for mark in marks if mark.is_wip]
    finished = [mark.created_at for mark in marks if mark.is_done or mark.is_feedback_request]
    task.real_start_date = begun[0] if begun else None
    # as recorded: the last end stays, although work that goes on clears it when it is posted
    task.end_date = finished[-1] if finished else None
    task.done_date = marks[-1].created_at if marks and marks[-1].is_done else None
    task.last_comment_date = marks[-1].created_at if marks else None
    task.task_status_id = (marks[-1].task_status_id if marks else None) or (
        task.task_status_id if marks else default_id
    )


async def reset_tasks(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """Put tasks back to what their remaining comments and time spents say, and tell of them, in a constant
    number of statements."""
    tasks = TaskRepository(uow.session)
    found = await tasks.locked(ids)
    if not found:
        return
    marks, spent = await tasks.marks_on(ids), await tasks.spent_on(ids)
    fresh = await _status_of_fresh(uow, [task.id for task in found if task.id not in marks])
    for task in found:
        _replay(task, marks.get(task.id, []), fresh.get(task.id))
        task.duration = spent.get(task.id, 0.0)
        task.updated_at = now()
        uow.emit(record_event("task", "update", task.id, task.project_id))


async def reset_task(uow: UnitOfWork, task_id: UUID) -> None:
    """Put a task back to what its remaining comments and time spents say, and tell of it."""
    await reset_tasks(uow, [task_id])


async def deleting(uow: UnitOfWork, actor: Actor, comment: Comment) -> None:
    """What hangs on a comment goes first: notifications, news, mentions, acknowledgements, attachments."""
    project_id = await TaskRepository(uow.session).project_of(comment.object_id)
    for news_id in await TaskComments(uow.session).news_of(comment.id):
        uow.emit(record_event("news", "delete", news_id, project_id))
    await detach_all(uow, comment.id)
    await CommentRepository(uow.session).delete_dependents(comment.id)


async def deleted(uow: UnitOfWork, actor: Actor, comment: Comment) -> None:
    """The task falls back to what its other comments say."""
    task = await StatusChanges(uow.session).lock_task(comment.object_id)
    if task is not None:
        await _fall_back(uow, actor, task)
