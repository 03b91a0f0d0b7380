"""Versions of a schedule."""

from __future__ import annotations

from typing import Any

from kitsu_api.db.repositories.schedule import project_of_version
from kitsu_api.db.repositories.tasks import TaskRepository
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.permissions.actor import Actor
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]


async def creating_task_link(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A version holds tasks of its own production, put there by those who run it.

    Raises:
        BadRequest: version and task are of different productions, or do not exist.
        Forbidden: the caller does not run the production.
    """
    project_id = await project_of_version(uow.session, values["production_schedule_version_id"])
    if project_id is None:
        raise BadRequest("production_schedule_version_id: there is no such version.")
    if not actor.manages(project_id):
        raise Forbidden
    if await TaskRepository(uow.session).project_of(values["task_id"]) != project_id:
        raise BadRequest("task_id: the task is not of the version's production.")
    return values
