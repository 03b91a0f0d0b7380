"""Working files, and what output files are made for, as a path names them: who reads and who writes there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from kitsu_api.db import scopes
from kitsu_api.db.engine import Session
from kitsu_api.db.models import AssetInstance, OutputFile, Task, WorkingFile
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.places import Place, enters, entity_place, place_of
from kitsu_api.permissions.scopes import visible


@dataclass(frozen=True)
class FilePlace:
    """A working file, and whether it lies in the caller's scope."""

    file: WorkingFile
    project_id: UUID | None
    seen: bool


@dataclass(frozen=True)
class WorkPlace:
    """A task that files are made for."""

    task: Task
    assigned: bool
    """Whether the caller is assigned to it."""


@dataclass(frozen=True)
class InstancePlace:
    """An instance of an asset in a shot, a scene or another asset."""

    instance: AssetInstance
    asset: Place
    temporal: Place


async def work_place(task_id: UUID, session: Session, actor: CurrentActor) -> WorkPlace:
    """A task.

    Raises:
        NotFound: there is none.
    """
    task = await Records(session, Task).find(task_id)
    if task is None:
        raise NotFound
    tasks = Records(session, Task)
    assigned = await tasks.exists(Task.id == task_id, Task.id.in_(scopes.tasks_of(actor.id)))
    return WorkPlace(task, assigned)


async def working_file_place(working_file_id: UUID, session: Session, actor: CurrentActor) -> FilePlace:
    """A working file.

    Raises:
        NotFound: there is none.
    """
    files = Records(session, WorkingFile)
    file = await files.find(working_file_id)
    if file is None:
        raise NotFound
    seen = await files.visible(file.id, visible(scopes.working_files)(actor))
    task = None if file.task_id is None else await Records(session, Task).find(file.task_id)
    project_id = None if task is None else task.project_id
    return FilePlace(file, project_id, bool(seen))


async def instance_place(
    asset_instance_id: UUID, temporal_entity_id: UUID, session: Session, actor: CurrentActor
) -> InstancePlace:
    """An instance of an asset, and what it stands in.

    Raises:
        NotFound: there is no such instance, or no such entity.
    """
    instance = await Records(session, AssetInstance).find(asset_instance_id)
    if instance is None:
        raise NotFound
    asset = await place_of(session, actor, instance.asset_id)
    return InstancePlace(instance, asset, await place_of(session, actor, temporal_entity_id))


async def seen_file(file_id: UUID, session: Session, actor: CurrentActor) -> tuple[UUID, str, bool]:
    """A file's id, which kind of file it is, and whether it lies in the caller's scope.

    Raises:
        NotFound: there is no such file.
    """
    working = await Records(session, WorkingFile).visible(file_id, visible(scopes.working_files)(actor))
    if working is not None:
        return file_id, "working", working
    output = await Records(session, OutputFile).visible(file_id, visible(scopes.output_files)(actor))
    if output is None:
        raise NotFound
    return file_id, "output", output


def _makes(role: Role | None, *, assigned: bool) -> bool:
    if role is Role.VENDOR:
        return assigned
    return role is not None and role is not Role.CLIENT


def reads_work(actor: Actor, place: WorkPlace) -> bool:
    """Whether the caller sees the task: vendors those that they are assigned to."""
    role = actor.role_on(place.task.project_id)
    return role is not None and (role is not Role.VENDOR or place.assigned)


def does_work(actor: Actor, place: WorkPlace) -> bool:
    """Whether the caller may publish for the task: the team, without its clients."""
    return _makes(actor.role_on(place.task.project_id), assigned=place.assigned)


def publishes(actor: Actor, place: Place) -> bool:
    """Whether the caller may publish for the entity: the team, without its clients."""
    return _makes(actor.role_on(place.project_id), assigned=place.assigned)


def reads_file(actor: Actor, place: FilePlace) -> bool:
    """Whether the working file lies in the caller's scope."""
    return place.seen


def changes_file(actor: Actor, place: FilePlace) -> bool:
    """Whether the caller may change the working file: who sees it, clients aside."""
    return place.seen and actor.role_on(place.project_id) is not Role.CLIENT


def enters_both(actor: Actor, place: InstancePlace) -> bool:
    """Whether the caller sees the asset of the instance, and what it stands in."""
    return enters(actor, place.asset) and enters(actor, place.temporal)


def publishes_both(actor: Actor, place: InstancePlace) -> bool:
    """Whether the caller may publish for the asset of the instance, and for what it stands in."""
    return publishes(actor, place.asset) and publishes(actor, place.temporal)


def sees_file(actor: Actor, file: tuple[UUID, str, bool]) -> bool:
    """Whether the file lies in the caller's scope."""
    return file[2]


OpenWork = Annotated[WorkPlace, guard(work_place, reads_work)]
OwnWork = Annotated[WorkPlace, guard(work_place, does_work)]
PublishedEntity = Annotated[Place, guard(entity_place, publishes)]
OpenInstance = Annotated[InstancePlace, guard(instance_place, enters_both)]
PublishedInstance = Annotated[InstancePlace, guard(instance_place, publishes_both)]
SeenWorkingFile = Annotated[FilePlace, guard(working_file_place, reads_file)]
OwnWorkingFile = Annotated[FilePlace, guard(working_file_place, changes_file)]
SeenFile = Annotated[tuple[UUID, str, bool], guard(seen_file, sees_file)]
