"""Who may say what on which task."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kitsu_api.db.models import Comment, Task, TaskStatus
from kitsu_api.permissions.actor import Actor, Role


@dataclass(frozen=True)
class TaskPlace:
    """A task, and what ties the caller to it."""

    task: Task
    department_id: UUID | None
    """The department of its type."""
    assigned: bool
    """Whether the caller works on it."""


@dataclass(frozen=True)
class CommentPlace:
    """A comment of a task, and whether the caller may read it."""

    task: Task
    comment: Comment
    seen: bool


def may_comment(actor: Actor, place: TaskPlace) -> bool:
    """Managers comment on everything, supervisors on what their departments do (on all, without one),
    clients on their productions; whoever works on a task comments on it."""
    if place.assigned:
        return True
    role = actor.role_on(place.task.project_id)
    if role is Role.SUPERVISOR:
        return not actor.departments or place.department_id in actor.departments
    return role in (Role.ADMIN, Role.MANAGER, Role.CLIENT)


def may_use_status(actor: Actor, task: Task, status: TaskStatus) -> bool:
    """Some statuses are closed to those who make, some to clients."""
    role = actor.role_on(task.project_id) or actor.role
    if role is Role.CLIENT:
        return bool(status.is_client_allowed)
    if role in (Role.ARTIST, Role.VENDOR):
        return bool(status.is_artist_allowed)
    return True


def reads(actor: Actor, place: CommentPlace) -> bool:
    """Whether the caller may read the comment."""
    return place.seen


def owns(actor: Actor, place: CommentPlace) -> bool:
    """Whether the caller wrote the comment, or runs the production."""
    return place.seen and (place.comment.person_id == actor.id or actor.manages(place.task.project_id))


def runs(actor: Actor, place: CommentPlace) -> bool:
    """Whether the caller runs the production of the comment."""
    return actor.manages(place.task.project_id)
