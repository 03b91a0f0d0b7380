"""Who may say what on which task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kitsu_api.db.models import Comment, Task, TaskStatus
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.capabilities import granted
from kitsu_api.schemas.access_groups import Capability


@dataclass(frozen=True)
class TaskPlace:
    """A task, and what ties the caller to it."""

    task: Task
    department_id: UUID | None
    """The department of its type."""
    assigned: bool
    """Whether the caller works on it."""
    made: bool = False
    """Whether the caller made the entity that it is on."""


@dataclass(frozen=True)
class CommentPlace:
    """A comment of a task, and whether the caller may read it."""

    task: Task
    comment: Comment
    seen: bool


def may_comment(actor: Actor, place: TaskPlace) -> bool:
    """Managers comment on everything, supervisors on what their departments do (on all, without one),
    clients on their productions; whoever works on a task comments on it, and so do whom a group lets and, of
    the team, who made the entity: vendors keep to what they work on."""
    return speaks_on(actor, place.task.project_id, place.department_id, place.assigned, place.made)


def speaks_on(
    actor: Actor, project_id: UUID | None, department_id: UUID | None, assigned: bool, made: bool
) -> bool:
    """`may_comment` for a task that is known by its production and by what ties the caller to it."""
    if not actor.within(project_id):
        return False
    if assigned or granted(actor, Capability.COMMENTS_POST, project_id):
        return True
    role = actor.role_on(project_id)
    if role is Role.SUPERVISOR:
        return made or not actor.departments or department_id in actor.departments
    return role in (Role.ADMIN, Role.MANAGER, Role.CLIENT) or (role is Role.ARTIST and made)


def is_maker(actor: Actor, task: Task) -> bool:
    """Whether the caller is an artist or a vendor in the production of a task."""
    return (actor.role_on(task.project_id) or actor.role) in (Role.ARTIST, Role.VENDOR)


def may_use_status(actor: Actor, task: Task, status: TaskStatus, client_allowed: bool | None = None) -> bool:
    """Some statuses are closed to those who make, some to clients; what a task has it may keep.

    `client_allowed` is what the production says for its clients, where it says something of its own.
    """
    if status.id == task.task_status_id:
        return True
    if (actor.role_on(task.project_id) or actor.role) is Role.CLIENT:
        return bool(status.is_client_allowed if client_allowed is None else client_allowed)
    return bool(status.is_artist_allowed) if is_maker(actor, task) else True


CHECKED = "checked"


def _lines(checklist: Any) -> Any:
    """A checklist without its ticks."""
    if not isinstance(checklist, list):
        return checklist
    return [
        {key: value for key, value in line.items() if key != CHECKED} if isinstance(line, dict) else line
        for line in checklist
    ]


def edits_all(actor: Actor, task: Task, comment: Comment) -> bool:
    """Whether all of a comment is the caller's to change: its author's, and theirs who run the production."""
    mine = comment.person_id == actor.id and actor.within(task.project_id)
    return mine or actor.manages(task.project_id)


def may_edit(actor: Actor, task: Task, comment: Comment, changes: Mapping[str, Any]) -> bool:
    """Whether the caller may change a comment in this way.

    Its author and those who run the production change all of it; supervisors pin it and edit its
    checklist; whoever else works on the task ticks the lines of the checklist.
    """
    if edits_all(actor, task, comment):
        return True
    if actor.role_on(task.project_id) is Role.SUPERVISOR:
        return set(changes) <= {"checklist", "pinned"}
    return set(changes) <= {"checklist"} and _lines(changes.get("checklist")) == _lines(comment.checklist)


def reads(actor: Actor, place: CommentPlace) -> bool:
    """Whether the caller may read the comment."""
    return place.seen


def owns(actor: Actor, place: CommentPlace) -> bool:
    """Whether the caller wrote the comment, or runs the production."""
    return place.seen and (place.comment.person_id == actor.id or actor.manages(place.task.project_id))


def runs(actor: Actor, place: CommentPlace) -> bool:
    """Whether the caller runs the production of the comment."""
    return actor.manages(place.task.project_id)
