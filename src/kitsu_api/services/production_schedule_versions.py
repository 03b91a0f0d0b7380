"""Versions of a schedule: plans on the side, copied from one another and applied in the end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kitsu_api.db.models import (
    ProductionScheduleVersion,
    ProductionScheduleVersionTaskLink,
    Project,
)
from kitsu_api.db.repositories.production_schedule_versions import VersionRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.schedule import project_of_version
from kitsu_api.db.repositories.tasks import TaskRepository
from kitsu_api.errors import BadRequest, Forbidden, NotFound
from kitsu_api.events import Event, record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]


def _event(version: ProductionScheduleVersion) -> Event:
    data = {"production_schedule_version_id": str(version.id), "project_id": str(version.project_id)}
    # Clients listen to this spelling for the actions on a version, to kebab case for its own columns.
    return Event("production_schedule_version:update", data, version.project_id)


async def _open(uow: UnitOfWork, version_id: UUID) -> ProductionScheduleVersion:
    """A version that may be changed, locked for the change."""
    version = await VersionRepository(uow.session).lock(version_id)
    if version.locked:
        raise BadRequest("The production schedule version is locked: unlock it to change its tasks.")
    return version


async def creating_task_link(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A version that is not locked takes tasks of its own production, put there by those who run it.

    Raises:
        BadRequest: version and task are of different productions, do not exist, or the version is locked.
        Forbidden: the caller does not run the production.
    """
    version_id = values["production_schedule_version_id"]
    project_id = await project_of_version(uow.session, version_id)
    if project_id is None:
        raise BadRequest("production_schedule_version_id: there is no such version.")
    if not actor.manages(project_id):
        raise Forbidden
    if await TaskRepository(uow.session).project_of(values["task_id"]) != project_id:
        raise BadRequest("task_id: the task is not of the version's production.")
    await _open(uow, version_id)
    return values


async def updating_task_link(
    uow: UnitOfWork, actor: Actor, link: ProductionScheduleVersionTaskLink, values: Values
) -> Values:
    """The plan of a task stays as it is once its version is locked.

    Raises:
        BadRequest: it is.
    """
    await _open(uow, link.production_schedule_version_id)
    return values


async def deleting_task_link(uow: UnitOfWork, actor: Actor, link: ProductionScheduleVersionTaskLink) -> None:
    """A task stays in its version once this is locked.

    Raises:
        BadRequest: it is.
    """
    await _open(uow, link.production_schedule_version_id)


async def copy_production(uow: UnitOfWork, version_id: UUID) -> int:
    """Make a version the present state of its production; how many tasks it plans.

    Raises:
        BadRequest: the version is locked.
    """
    version = await _open(uow, version_id)
    versions = VersionRepository(uow.session)
    await versions.clear(version.id)
    count = await versions.copy_production(version.id, version.project_id)
    if version.production_schedule_from is not None:
        changes = {"production_schedule_from": None}
        await Records(uow.session, ProductionScheduleVersion).change(version, changes)
        uow.emit(_event(version))
    return count


async def copy_version(uow: UnitOfWork, actor: Actor, version_id: UUID, source_id: UUID) -> int:
    """Make a version like another one of its production; how many tasks it plans.

    Raises:
        BadRequest: it is the same one or of another production, or the version is locked.
        NotFound: the caller may know of no such source.
    """
    if version_id == source_id:
        raise BadRequest("A production schedule version cannot be copied onto itself.")
    versions = VersionRepository(uow.session)
    source = await versions.find(source_id)
    if source is None or not actor.sees(source.project_id):
        raise NotFound
    version = await _open(uow, version_id)
    if source.project_id != version.project_id:
        raise BadRequest("Production schedule versions must belong to the same project.")
    await versions.clear(version.id)
    count = await versions.copy_version(version.id, source.id)
    changes = {"production_schedule_from": source.id}
    await Records(uow.session, ProductionScheduleVersion).change(version, changes)
    uow.emit(_event(version))
    return count


async def apply(uow: UnitOfWork, version_id: UUID) -> int:
    """Give the production the dates, estimations and assignees of a version, and lock this; how many
    tasks it plans.

    Raises:
        BadRequest: the version is canceled.
    """
    versions = VersionRepository(uow.session)
    version = await versions.lock(version_id)
    if version.canceled:
        raise BadRequest("The production schedule version is canceled and can't be applied.")
    tasks = await versions.apply(version.id)
    new, gone = await versions.reassign(version.id)
    for task_id in tasks:
        uow.emit(record_event("task", "update", task_id, version.project_id))
    for action, pairs in (("unassign", gone), ("assign", new)):
        for pair in pairs:
            person = {"person_id": pair.person_id}
            uow.emit(record_event("task", action, pair.task_id, version.project_id, **person))
    await Records(uow.session, ProductionScheduleVersion).change(version, {"locked": True})
    uow.emit(_event(version))
    projects = Records(uow.session, Project)
    project = await projects.find(version.project_id)
    assert project is not None
    await projects.change(project, {"from_schedule_version_id": version.id})
    uow.emit(record_event("project", "update", project.id, project.id))
    return len(tasks)
