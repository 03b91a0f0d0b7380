"""Work that is handed in for a review."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.models import Person, Task, TaskStatus
from kitsu_api.db.repositories.file_trees import TreePlace, tree_place_of_task
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.status_changes import StatusChanges
from kitsu_api.db.repositories.task_reviews import status_to_review
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.events import Event
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.policies.comments import TaskPlace, may_use_status
from kitsu_api.schemas.file_trees import ReviewRequest
from kitsu_api.services import file_trees, status_changes
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]


async def _who(uow: UnitOfWork, actor: Actor, place: TaskPlace, person_id: UUID | None) -> Person:
    """Who hands the work in.

    Raises:
        BadRequest: there is no such person.
        Forbidden: it is somebody else, and the caller is not one who leads the work.
    """
    leads = actor.role_on(place.task.project_id) in (Role.ADMIN, Role.MANAGER, Role.SUPERVISOR)
    if person_id not in (None, actor.id) and not leads:
        raise Forbidden("Only supervisors and managers may hand in the work of others.")
    person = await Records(uow.session, Person).find(person_id or actor.id)
    if person is None:
        raise BadRequest("person_id: there is no such person.")
    return person


async def _status(uow: UnitOfWork, actor: Actor, task: Task) -> TaskStatus:
    """The status of work that waits for a review.

    Raises:
        BadRequest: the studio has none.
        Forbidden: it is closed to the caller.
    """
    status = await status_to_review(uow.session)
    if status is None:
        raise BadRequest("No task status asks for feedback: mark one as a request for feedback first.")
    opened = await StatusChanges(uow.session).client_allowed(task.project_id, status.id)
    if not may_use_status(actor, task, status, opened):
        raise Forbidden("This task status is closed to you.")
    return status


def _preview_path(lies: TreePlace | None, payload: ReviewRequest) -> Values | None:
    if lies is None:
        return None
    words = {**lies.words, "Name": payload.name, "Version": f"{payload.revision:03}"}
    path = file_trees.path_in(lies.tree, "preview", lies.kind, words)
    return None if path is None else {"folder_path": path.folder, "file_name": path.name}


async def hand_in(
    uow: UnitOfWork, actor: Actor, place: TaskPlace, payload: ReviewRequest
) -> tuple[UUID, Values]:
    """Hand a task in for a review; who did it, and what the answer says of it beside the task.

    Raises:
        BadRequest: there is no such person, or no status that asks for a review.
        Forbidden: the status is closed to the caller, or the work is somebody else's.
    """
    task, before = place.task, place.task.task_status_id
    person = await _who(uow, actor, place, payload.person_id)
    lies = await tree_place_of_task(uow.session, task.id)
    said: Values = {"comment": payload.comment, "preview_path": _preview_path(lies, payload)}
    if payload.change_status:
        status = await _status(uow, actor, task)
        if status.id != before:
            values = {"task_status_id": status.id, **status_changes.dates_after(task, status, now())}
            await Records(uow.session, Task).change(task, values)
            uow.emit(status_changes.status_event(task, person.id, before, status.id))
    data = {
        "task_id": str(task.id),
        "project_id": str(task.project_id),
        "person_id": str(person.id),
        "previous_task_status_id": None if before is None else str(before),
        "entity_type_name": None if lies is None else lies.entity_type,
        "change_status": payload.change_status,
        "task_shotgun_id": task.shotgun_id,
        "entity_shotgun_id": None if lies is None else lies.entity_shotgun_id,
        "project_shotgun_id": None if lies is None else lies.project_shotgun_id,
        "person_shotgun_id": person.shotgun_id,
        **said,
    }
    # it carries what was said, so that it reaches those alone who run the production
    uow.emit(Event("task:to-review", data, audience=task.project_id, for_managers=True))
    return person.id, said
