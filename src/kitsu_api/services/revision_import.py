"""The newest revision of a task, taken over by another task of its entity when an automation wants that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from kitsu_api.db.models import Comment, PreviewFile
from kitsu_api.db.repositories.comment_previews import CommentPreviews
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.revision_import import newest_revision, stored_places
from kitsu_api.db.repositories.status_changes import StatusChanges
from kitsu_api.services import preview_storage as places
from kitsu_api.services import preview_uploads, task_comments
from kitsu_api.storage.files import FileStorage, MissingFile
from kitsu_api.unit_of_work import UnitOfWork

KEPT = (
    places.THUMBNAIL,
    places.SQUARE,
    places.PREVIEW,
    places.ORIGINAL,
    places.TILES,
    *places.MOVIES,
    places.FILE,
)
"""Where files of a preview lie that its copy has too."""

COPIED = (
    "original_name",
    "extension",
    "description",
    "file_size",
    "width",
    "height",
    "duration",
    "is_movie",
    "data",
)
"""Columns of a preview that say what its files are."""


@dataclass(frozen=True)
class Copy:
    """A preview to be copied, and where its files lie."""

    id: UUID
    """Of the copy: the same however often the job is tried."""
    source_id: UUID
    values: dict[str, Any]
    position: int
    files: Sequence[places.Place]


Sizes = dict[UUID, dict[tuple[str, str], int]]
"""Bytes of files by copy, bucket and prefix."""


class NotReady(Exception):
    """What is made of the newest revision is not there yet."""


async def planned(uow: UnitOfWork, source_task_id: UUID, comment_id: UUID, *, wait: bool) -> list[Copy]:
    """What there is to copy for a comment that is to show it; nothing if the comment is there already, or no
    preview of the newest revision is ready.

    Raises:
        NotReady: one of them will be, and the caller would rather `wait`.
    """
    if await Records(uow.session, Comment).exists(Comment.id == comment_id):
        return []
    previews = await newest_revision(uow.session, source_task_id)
    if wait and any(preview.status == "processing" for preview in previews):
        raise NotReady
    previews = [preview for preview in previews if preview.status == "ready"]
    lie = await stored_places(uow.session, [preview.id for preview in previews], KEPT)
    return [
        Copy(
            uuid5(comment_id, str(preview.id)),
            preview.id,
            {name: getattr(preview, name) for name in COPIED},
            number,
            [place for place in KEPT if place in lie[preview.id]],
        )
        for number, preview in enumerate(previews, 1)
    ]


async def copy_files(storage: FileStorage, copies: Sequence[Copy], folder: Path) -> Sizes:
    """Store the files of previews once more, under the ids of their copies; without those that are gone."""
    sizes: Sizes = {}
    for copy in copies:
        preview = PreviewFile(id=copy.id, extension=copy.values["extension"])
        files: dict[places.Place, Path] = {}
        for number, place in enumerate(copy.files):
            try:
                target = folder / f"{copy.id}-{number}"
                files[place] = await storage.borrow(*place, copy.source_id, target)
            except MissingFile:
                continue
        sizes[copy.id] = await preview_uploads.put_files(storage, preview, files)
    return sizes


async def publish(
    uow: UnitOfWork,
    target_task_id: UUID,
    person_id: UUID,
    comment_id: UUID,
    copies: Sequence[Copy],
    sizes: Sizes,
) -> bool:
    """Hang the copies on a comment of the task, as its next revision; whether the task is still there."""
    task = await StatusChanges(uow.session).lock_task(target_task_id)
    if task is None:
        return False
    await task_comments.note(uow, task, person_id, comment_id)
    previews = CommentPreviews(uow.session)
    place = await previews.place(task.id, comment_id)
    assert place is not None
    revision = await previews.last_revision(task.id) + 1
    about = await PreviewMedia(uow.session).task_of(task.id)
    for copy in copies:
        id = await previews.add(place, person_id, revision, copy.position, id=copy.id)
        uow.emit(preview_uploads.new_event(id, task.project_id, comment_id))
        preview = await Records(uow.session, PreviewFile).find(id)
        assert preview is not None
        await Records(uow.session, PreviewFile).change(preview, {**copy.values, "status": "ready"})
        await preview_uploads.note_files(uow, id, sizes[id])
        await preview_uploads.show(uow, preview, about)
        if about is not None and copy is copies[0]:
            await preview_uploads.set_main_if_wanted(uow, preview, about)
    return True
