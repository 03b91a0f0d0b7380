"""Files that artists publish: their places in the file tree, and their revisions.

Paths follow the production's file tree; revisions of one name are given out one after the other.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kitsu_api.db.models import FileStatus, OutputFile, OutputType, Software, TaskType, WorkingFile
from kitsu_api.db.repositories.assignations import Assignations
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS
from kitsu_api.db.repositories.file_trees import tree_place_of_task, words_of
from kitsu_api.db.repositories.production_files import (
    OutputFiles,
    WorkingFiles,
    wait_for_library,
    words_of_entity,
)
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.stored_files import register
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import Event, record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.file_places import InstancePlace, WorkPlace
from kitsu_api.permissions.places import Place
from kitsu_api.schemas import production_files as s
from kitsu_api.services.attachments import Upload
from kitsu_api.services.file_trees import FilePath, path_in
from kitsu_api.services.storage_quota import take_room
from kitsu_api.storage.files import Bucket, FileStorage
from kitsu_api.unit_of_work import UnitOfWork

BUCKET: Bucket = "files"
PREFIX = "working"
FALLBACK_SOFTWARE = {"name": "3ds Max", "short_name": "max", "file_extension": ".max"}
"""The software that paths are for when none is named; scripts rely on it."""

TO_REVIEW = {"name": "To review", "color": "#FFFFFF"}
"""The status of new output files."""

LONGEST_PATH = 400


def _found(path: FilePath | None, tree: Any, mode: str) -> FilePath:
    if path is not None:
        return path
    if not isinstance(tree, dict):
        raise BadRequest("The production has no file tree: give it one first.")
    if mode not in tree:
        raise BadRequest(f"Mode {mode} cannot be found on given tree.")
    raise BadRequest(f"The file tree has no templates for this kind of entity in its part {mode}.")


def _whole(path: FilePath, separator: str, extension: str = "") -> str:
    """Folder and name in one."""
    dotted = extension if not extension or extension.startswith(".") else f".{extension}"
    whole = f"{path.folder}{separator}{path.name}{dotted}"
    if len(whole) > LONGEST_PATH:
        raise BadRequest(f"The path would be longer than {LONGEST_PATH} characters.")
    return whole


async def working_path(
    uow: UnitOfWork, task_id: UUID, request: s.WorkingPathRequest, software: Software | None = None
) -> FilePath:
    """Where a working file of a task goes.

    Raises:
        BadRequest: the file tree has no place for it, or there is no such software.
        NotFound: the task has no entity.
    """
    lies = await tree_place_of_task(uow.session, task_id)
    if lies is None:
        raise NotFound
    if software is None:
        software = await _software(uow, request.software_id)
    revision = request.revision or await WorkingFiles(uow.session).last_revision(task_id, request.name) + 1
    words = {**lies.words, "Software": software.name, "Name": request.name, "Version": f"{revision:03}"}
    path = path_in(lies.tree, request.mode, lies.kind, words, request.separator)
    return _found(path, lies.tree, request.mode)


async def _software(uow: UnitOfWork, software_id: UUID | None) -> Software:
    """The software that a path is for. The fallback stands in the studio's library from the first path on."""
    softwares = Records(uow.session, Software)
    files = WorkingFiles(uow.session)
    fallback = await files.software_named(FALLBACK_SOFTWARE["name"])
    if fallback is None:
        await wait_for_library(uow.session)
        fallback = await files.software_named(FALLBACK_SOFTWARE["name"])
    if fallback is None:
        fallback = await softwares.add(FALLBACK_SOFTWARE)
        uow.emit(record_event("software", "new", fallback.id))
    found = fallback if software_id is None else await softwares.find(software_id)
    if found is None:
        raise BadRequest("There is no such software.")
    return found


async def add_working_file(
    uow: UnitOfWork, actor: Actor, place: WorkPlace, wish: s.NewWorkingFile
) -> WorkingFile:
    """Make a working file, and assign whose it is to the task.

    Raises:
        BadRequest: this revision exists, the file tree has no place for it, or there is no such software or
            person.
    """
    task, files = place.task, WorkingFiles(uow.session)
    await files.wait_for_turn(task.id)
    revision = wish.revision or await files.last_revision(task.id, wish.name) + 1
    if await files.exists(task.id, wish.name, revision):
        raise BadRequest("The given working file already exists.")
    software = await files.software_for(task.id, wish.software_id)
    if software is None:
        software = await _software(uow, wish.software_id)
    request = s.WorkingPathRequest(
        name=wish.name, mode=wish.mode, revision=revision, separator=wish.separator
    )
    path = await working_path(uow, task.id, request, software)
    person_id = wish.person_id or actor.id
    await _assign(uow, place, person_id)
    file = await Records(uow.session, WorkingFile).add(
        {
            "name": wish.name,
            "comment": wish.comment,
            "revision": revision,
            "path": _whole(path, wish.separator),
            "task_id": task.id,
            "entity_id": task.entity_id,
            "person_id": person_id,
            "software_id": software.id,
        }
    )
    uow.emit(record_event("working-file", "new", file.id, task.project_id))
    return file


async def _assign(uow: UnitOfWork, place: WorkPlace, person_id: UUID) -> None:
    """Who works on a task is assigned to it."""
    task = place.task
    if await Assignations(uow.session).is_bot(person_id) is None:
        raise BadRequest("There is no such person.")
    if not await WorkingFiles(uow.session).assign(task.id, person_id):
        return
    uow.emit(record_event("task", "assign", task.id, task.project_id, person_id=person_id))
    uow.emit(record_event("task", "update", task.id, task.project_id))


def changed_event(file_id: UUID, project_id: UUID | None) -> Event:
    """What is told of a working file that has changed."""
    return record_event("working-file", "update", file_id, project_id)


async def store_working_file(
    uow: UnitOfWork, storage: FileStorage, file: WorkingFile, project_id: UUID | None, upload: Upload
) -> None:
    """Put the content of a working file into storage; it takes the place of an earlier one.

    Raises:
        QuotaExceeded: whose it is, or the production, has no room for it.
    """
    # before: what is in storage under its name would be lost
    await take_room(uow, file.person_id, project_id, upload.size)
    upload.file.seek(0)
    await storage.put(BUCKET, PREFIX, file.id, upload.file)
    await register(uow.session, BUCKET, PREFIX, file.id, upload.size)


Target = Place | InstancePlace
"""What an output file is made for: an entity, or an instance of an asset in another entity."""


def line_of(target: Target, wish: s.OutputTarget) -> list[Any]:
    """The files that share their revisions."""
    own = [
        OutputFile.output_type_id == wish.output_type_id,
        OutputFile.task_type_id == wish.task_type_id,
        OutputFile.name == wish.name,
    ]
    return [*own, *of_target(target)]


def of_target(target: Target) -> list[Any]:
    """The output files of an entity, or of an instance where it stands."""
    if isinstance(target, InstancePlace):
        return [
            OutputFile.asset_instance_id == target.instance.id,
            OutputFile.temporal_entity_id == target.temporal.id,
        ]
    return [OutputFile.entity_id == target.id, OutputFile.asset_instance_id.is_(None)]


async def next_revision(uow: UnitOfWork, target: Target, wish: s.OutputTarget) -> int:
    """The revision that comes after the last of this line."""
    return await OutputFiles(uow.session).last_revision(*line_of(target, wish)) + 1


async def _words(uow: UnitOfWork, target: Target) -> tuple[Any, str, dict[str, str]]:
    """The file tree, the kind of its templates, and what stands for its tags."""
    if isinstance(target, Place):
        found = await words_of_entity(uow.session, target.id)
        if found is None:
            raise NotFound
        tree, kind, names = found
        words = {"Project": names[0], **words_of(kind, *names[1:])}
        return tree, "asset" if kind not in OTHER_KINDS else kind.lower(), words
    there = await words_of_entity(uow.session, target.temporal.id)
    asset = await words_of_entity(uow.session, target.asset.id)
    if there is None or asset is None:
        raise NotFound
    tree, kind, names = there
    words = {"Project": names[0], **words_of(kind, *names[1:])}
    words |= {
        "TemporalEntityType": kind,
        "TemporalEntity": names[1],
        "AssetType": asset[1],
        "Asset": asset[2][1],
        "Instance": target.instance.name or "",
        "Instance.name": target.instance.name or "",
        "Instance.number": f"{target.instance.number or 0:04}",
    }
    return tree, "instance_asset" if target.temporal.is_asset else "instance", words


async def output_path(uow: UnitOfWork, target: Target, request: s.OutputPathRequest) -> FilePath:
    """Where an output file goes.

    Raises:
        BadRequest: the file tree has no place for it, or there is no such type of outputs or tasks.
    """
    files = OutputFiles(uow.session)
    output_type = await files.name_of(OutputType, request.output_type_id)
    task_type = await files.name_of(TaskType, request.task_type_id)
    if output_type is None or task_type is None:
        raise BadRequest("There is no such output type or task type.")
    tree, kind, words = await _words(uow, target)
    revision = request.revision or await next_revision(uow, target, request)
    words |= {
        "OutputType": output_type,
        "OutputFile": request.name,
        "TaskType": task_type,
        "Name": request.name,
        "Version": f"{revision:03}",
        "Representation": request.representation,
    }
    path = path_in(tree, request.mode, kind, words, request.separator)
    return _found(path, tree, request.mode)


async def add_output_file(
    uow: UnitOfWork, actor: Actor, target: Target, wish: s.NewOutputFile
) -> tuple[OutputFile, FilePath]:
    """Make an output file, and say where it goes.

    Raises:
        BadRequest: this revision exists, the file tree has no place for it, or what it refers to isn't there.
    """
    entity_id = target.asset.id if isinstance(target, InstancePlace) else target.id
    files = OutputFiles(uow.session)
    await files.wait_for_turn(entity_id)
    revision = wish.revision or await next_revision(uow, target, wish)
    taken = [OutputFile.revision == revision, OutputFile.representation == wish.representation]
    records = Records(uow.session, OutputFile)
    if await records.exists(*line_of(target, wish), *taken):
        raise BadRequest("The given output file already exists.")
    path = await output_path(uow, target, wish.model_copy(update={"revision": revision}))
    file = await records.add(
        {
            "name": wish.name,
            "comment": wish.comment,
            "extension": wish.extension,
            "representation": wish.representation,
            "nb_elements": wish.nb_elements,
            "revision": revision,
            "path": _whole(path, wish.separator, wish.extension),
            "entity_id": entity_id,
            "asset_instance_id": target.instance.id if isinstance(target, InstancePlace) else None,
            "temporal_entity_id": target.temporal.id if isinstance(target, InstancePlace) else None,
            "output_type_id": wish.output_type_id,
            "task_type_id": wish.task_type_id,
            "person_id": wish.person_id or actor.id,
            "source_file_id": wish.working_file_id,
            "file_status_id": await _status(uow, wish.file_status_id),
        }
    )
    project_id = target.asset.project_id if isinstance(target, InstancePlace) else target.project_id
    uow.emit(record_event("output-file", "new", file.id, project_id))
    return file, path


async def _status(uow: UnitOfWork, file_status_id: UUID | None) -> UUID:
    if file_status_id is not None:
        return file_status_id
    statuses = Records(uow.session, FileStatus)
    named = FileStatus.name == TO_REVIEW["name"]
    found = await statuses.find_where(named)
    if found is None:
        await wait_for_library(uow.session)
        found = await statuses.find_where(named) or await statuses.add(TO_REVIEW)
    return found.id
