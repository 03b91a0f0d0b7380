"""Uploads of previews: what is stored of them, what their tasks and entities show then, and who is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.repositories.jobs import Jobs
from kitsu_api.db.repositories.preview_files import PreviewFiles
from kitsu_api.db.repositories.preview_media import PreviewMedia, PreviewTask
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.stored_files import register_all
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import Event, record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.services import jobs
from kitsu_api.services.attachments import safe_name
from kitsu_api.services.picture_forms import MAKE_JOB
from kitsu_api.services.preview_files import let_go, main_set_events
from kitsu_api.services.preview_making import MadeFiles, ReceivedFile, make_files, plan_of, size_of
from kitsu_api.services.preview_storage import PREVIEW, Place, check_extension, extension_of, media_type
from kitsu_api.services.storage_quota import check_room
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork

MOVIE_JOB = "make_movie_preview"


async def check_open(uow: UnitOfWork, preview: PreviewFile) -> None:
    """Make sure that a preview waits for its file, or that the one it got was of no use.

    Raises:
        BadRequest: it has its file.
    """
    if preview.original_name is None or preview.status in ("broken", "missing"):
        return
    if preview.status == "processing" and await Jobs(uow.session).open_of(MOVIE_JOB, str(preview.id)) is None:
        # whoever was to make its movies gave up, and could not even say so
        return
    raise BadRequest("This preview has its file already: add another revision, and upload to that.")


def checked_extension(received: ReceivedFile) -> str:
    """The extension of an upload, in small letters.

    Raises:
        BadRequest: previews may not have it.
    """
    extension = extension_of(received.name)
    try:
        return check_extension(extension)
    except BadRequest as error:
        raise BadRequest(f"Wrong file format, extension: {extension[:20]}") from error


async def make(
    uow: UnitOfWork,
    task: PreviewTask | None,
    received: ReceivedFile,
    folder: Path,
    *,
    normalize: bool = True,
    at_once: bool = False,
) -> MadeFiles:
    """What is made of an upload before it is answered, `at_once` of a movie, too.

    Raises:
        BadRequest: previews may not have its extension.
        BrokenMedia: it is not what its name says, is damaged, or has more pixels than may be.
    """
    extension = checked_extension(received)
    settings = uow.settings
    plan = plan_of(settings, task, normalize=normalize)
    return await asyncio.to_thread(
        make_files, received, extension, folder, plan, settings, now=at_once or settings.jobs_inline
    )


async def refuse(uow: UnitOfWork, preview_file_id: UUID) -> None:
    """Delete a preview whose upload was of no use: its comment shall not wait for it."""
    preview = await PreviewMedia(uow.session).lock(preview_file_id)
    if preview is not None:
        await let_go(uow, preview)
        await Records(uow.session, PreviewFile).delete(preview)


async def publish(
    uow: UnitOfWork,
    storage: FileStorage,
    actor: Actor,
    preview_file_id: UUID,
    received: ReceivedFile,
    made: MadeFiles,
) -> PreviewFile:
    """Give a preview its file. When something of it can't be stored, nothing is.

    Raises:
        NotFound: the preview is gone.
        BadRequest: it got its file meanwhile.
    """
    media = PreviewMedia(uow.session)
    preview = await media.lock(preview_file_id)
    if preview is None:
        raise NotFound
    await check_open(uow, preview)
    name = PurePosixPath(safe_name(received.name)).stem
    values = {**made.values, "original_name": name, "status": "processing" if made.unfinished else "ready"}
    preview = await Records(uow.session, PreviewFile).change(preview, values)
    task = await media.task_of(preview.task_id)
    await store(uow, storage, preview, made.files, limited=True)
    await show(uow, preview, task)
    if made.unfinished:
        arguments = {"preview_file_id": str(preview.id), "as_is": ("movies", "previews") in made.files}
        project_id = task.project_id if task else None
        await jobs.start(uow, actor.id, MOVIE_JOB, arguments, project_id=project_id, key=str(preview.id))
    elif task is not None:
        await set_main_if_wanted(uow, preview, task)
    return preview


async def store(
    uow: UnitOfWork,
    storage: FileStorage,
    preview: PreviewFile,
    files: Mapping[Place, Path],
    *,
    limited: bool = False,
) -> None:
    """Put files of a preview into storage and note them; when one can't be stored, none stays. Those that
    somebody uploads are `limited`; what is made of them later is not.

    Raises:
        QuotaExceeded: whoever uploads, or the production, has no room for them.
    """
    begun: list[Place] = []
    try:
        await note_files(uow, preview.id, await put_files(storage, preview, files, begun))
        if limited:
            await check_room(uow, [preview.id])
    except BaseException:
        await take_back(storage, preview.id, begun)
        raise


async def put_files(
    storage: FileStorage,
    preview: PreviewFile,
    files: Mapping[Place, Path],
    begun: list[Place] | None = None,
) -> dict[tuple[str, str], int]:
    """Put files of a preview into storage, each whole or not at all; their sizes in bytes. Those that were
    begun are added to `begun`."""
    sizes: dict[tuple[str, str], int] = {}
    for place, path in files.items():
        if begun is not None:
            begun.append(place)
        await storage.put(*place, preview.id, path, media_type(place, preview))
        sizes[place] = await size_of(path)
    return sizes


async def note_files(uow: UnitOfWork, id: UUID, sizes: Mapping[tuple[str, str], int]) -> None:
    """Note that files of a preview are in storage: their sizes by bucket and prefix."""
    await register_all(uow.session, id, sizes)
    await PreviewMedia(uow.session).note_states(id, dict.fromkeys(sizes, "ok"))
    if PREVIEW in sizes and not uow.settings.jobs_inline:
        uow.enqueue(MAKE_JOB, key=str(id), preview_file_id=str(id))


async def take_back(storage: FileStorage, id: UUID, places: list[Place]) -> None:
    """Delete files from storage that nothing refers to."""
    for place in places:
        await storage.delete(*place, id)


async def show(uow: UnitOfWork, preview: PreviewFile, task: PreviewTask | None) -> None:
    """The task shows its newest preview; the world hears of the upload."""
    media = PreviewMedia(uow.session)
    if task is not None and _is_newest(preview, await media.newest_shown(task.task_id)):
        await PreviewFiles(uow.session).set_last(task.task_id, preview.id)
    for event in _updates(preview, task):
        uow.emit(event)
    if task is None:
        return
    for id, task_id, person_id, for_client in await media.comments_of(preview.id):
        about = {"task_id": task_id, "person_id": person_id, "for_client": for_client}
        uow.emit(record_event("comment", "update", id, task.project_id, **about))
        more = {
            "comment_id": id,
            "task_id": task_id,
            "revision": preview.revision,
            "extension": preview.extension,
            "status": preview.status,
        }
        uow.emit(record_event("preview-file", "add-file", preview.id, task.project_id, **more))


def _is_newest(preview: PreviewFile, shown: tuple[int | None, int | None] | None) -> bool:
    """Whether a task shows the preview rather than the one it shows: of the last revision the first."""
    if shown is None:
        return True
    revision, position = shown
    return (preview.revision or 0, -(preview.position or 1)) >= (revision or 0, -(position or 1))


def _updates(preview: PreviewFile, task: PreviewTask | None) -> list[Event]:
    """The row has changed, and what is made of a picture or movie is there: clients wait for both."""
    project_id = task.project_id if task else None
    with_status = record_event("preview-file", "update", preview.id, project_id, status=preview.status)
    if preview.extension in ("png", "gif"):
        return [with_status, with_status]
    if preview.extension != "mp4":
        return [with_status]
    changed = record_event("preview-file", "update", preview.id, project_id)
    return [changed] if preview.status == "processing" else [finished_event(preview, project_id), changed]


def new_event(id: UUID, project_id: UUID | None, comment_id: UUID) -> Event:
    """What is told of a preview that hangs on a comment from now on."""
    return record_event("preview-file", "new", id, project_id, comment_id=comment_id)


def finished_event(preview: PreviewFile, project_id: UUID | None) -> Event:
    """What is told of a movie once the server has done with it."""
    data: dict[str, Any] = {"preview_file_id": str(preview.id), "status": preview.status}
    if project_id is not None:
        data["project_id"] = str(project_id)
    return Event("preview-file:update", data, project_id, by_server=True)


async def set_main_if_wanted(uow: UnitOfWork, preview: PreviewFile, task: PreviewTask) -> None:
    """A preview becomes the picture of its entity where the production wants that of each."""
    if not task.sets_main:
        return
    await PreviewFiles(uow.session).set_main({task.entity_id: preview.id})
    for event in main_set_events(task.entity_id, task.kind, task.project_id, preview.id, preview.status):
        uow.emit(event)
