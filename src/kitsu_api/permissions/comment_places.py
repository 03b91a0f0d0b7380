"""Tasks and comments that a path names, and what the caller may do there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Comment, Task
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.status_changes import StatusChanges
from kitsu_api.db.repositories.task_comments import TaskComments
from kitsu_api.db.repositories.tasks import TaskRepository
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.policies.comments import (
    CommentPlace,
    TaskPlace,
    may_comment,
    owns,
    reads,
    runs,
)
from kitsu_api.permissions.scopes import seen_comments
from kitsu_api.unit_of_work import UnitOfWork, Uow


async def task_places(uow: UnitOfWork, actor: Actor, tasks: Collection[Task]) -> list[TaskPlace]:
    """What ties somebody to tasks, in their order."""
    ties = await TaskRepository(uow.session).ties([task.id for task in tasks], actor.id)
    return [TaskPlace(task, *ties[task.id]) for task in tasks]


async def locked_task(task_id: UUID, uow: Uow, actor: CurrentActor) -> TaskPlace:
    """A task, locked: two comments on it come one after the other.

    Raises:
        NotFound: there is no such task.
    """
    found = await StatusChanges(uow.session).lock_task_with_ties(task_id, actor.id)
    if found is None:
        raise NotFound
    return TaskPlace(*found)


async def locked_comment(task_id: UUID, comment_id: UUID, uow: Uow, actor: CurrentActor) -> CommentPlace:
    """A comment of a task, both locked.

    Raises:
        NotFound: there is no such task, or it has no such comment.
    """
    task = await StatusChanges(uow.session).lock_task(task_id)
    comments = TaskComments(uow.session)
    comment = None if task is None else await comments.find(task_id, comment_id)
    if task is None or comment is None:
        raise NotFound
    return CommentPlace(task, comment, await comments.visible(comment_id, seen_comments(actor)))


async def read_comment(
    task_id: UUID, comment_id: UUID, session: Session, actor: CurrentActor
) -> CommentPlace:
    """A comment of a task, as it is read: nobody waits for it.

    Raises:
        NotFound: there is no such task, or it has no such comment.
    """
    comments = TaskComments(session)
    task = await Records(session, Task).find(task_id)
    comment = await Records(session, Comment).find(comment_id)
    if task is None or comment is None or comment.object_id != task_id:
        raise NotFound
    return CommentPlace(task, comment, await comments.visible(comment_id, seen_comments(actor)))


async def named_comment(task_id: UUID, comment_id: UUID, uow: Uow, actor: CurrentActor) -> CommentPlace:
    """A comment, and the task that the path says it is of.

    Raises:
        NotFound: there is no such task, or no such comment.
        BadRequest: the comment is of another task.
    """
    task = await StatusChanges(uow.session).lock_task(task_id)
    comments = TaskComments(uow.session)
    if task is None or not await comments.exists(comment_id):
        raise NotFound
    comment = await comments.find(task_id, comment_id)
    if comment is None:
        raise BadRequest("Comment does not belong to the given task.")
    return CommentPlace(task, comment, seen=True)


CommentableTask = Annotated[TaskPlace, guard(locked_task, may_comment)]
ReadComment = Annotated[CommentPlace, guard(read_comment, reads)]
SeenComment = Annotated[CommentPlace, guard(locked_comment, reads)]
OwnComment = Annotated[CommentPlace, guard(locked_comment, owns)]
RunComment = Annotated[CommentPlace, guard(named_comment, runs)]
