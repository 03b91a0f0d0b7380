"""Many comments at once, with the previews that come with them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from kitsu_api.db.models import Task
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.errors import BadRequest
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.task_comments import NewComment
from kitsu_api.services import comment_previews, preview_uploads, task_comments
from kitsu_api.services.attachments import Upload
from kitsu_api.services.preview_making import MadeFiles, ReceivedFile
from kitsu_api.services.preview_storage import Place
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork

Wish = tuple[Task, NewComment]
"""A task, locked, and what to say about it."""


@dataclass(frozen=True)
class MadePreview:
    """A preview that came with a comment, and what was made of it."""

    received: ReceivedFile
    made: MadeFiles


Made = Mapping[int, Sequence[MadePreview]]
"""Previews by the place of their comment in the batch."""


def _written(upload: Upload, path: Path) -> None:
    upload.file.seek(0)
    with path.open("wb") as file:
        shutil.copyfileobj(upload.file, file, 1024 * 1024)


async def make_previews(
    uow: UnitOfWork, task_ids: Sequence[UUID], uploads: Mapping[int, Sequence[Upload]], folder: Path
) -> Made:
    """What is made of the previews of a batch, before anything is said or locked. `task_ids` are those of the
    comments, in their order.

    Raises:
        BadRequest: one of them can't be used.
    """
    tasks = {number: await PreviewMedia(uow.session).task_of(task_ids[number]) for number in sorted(uploads)}
    await uow.pause()
    found: dict[int, list[MadePreview]] = {}
    for number, files in uploads.items():
        for place, upload in enumerate(files):
            own = folder / f"{number}-{place}"
            own.mkdir()
            received = ReceivedFile(own / "upload", upload.name, upload.size)
            preview_uploads.checked_extension(received)
            await asyncio.to_thread(_written, upload, received.path)
            try:
                made = await preview_uploads.make(uow, tasks[number], received, own)
            except BrokenMedia as error:
                raise BadRequest(f"preview_file-{number}: {error}") from error
            found.setdefault(number, []).append(MadePreview(received, made))
    return found


async def post_all(
    uow: UnitOfWork,
    storage: FileStorage,
    actor: Actor,
    wishes: Sequence[Wish],
    files: Mapping[int, Sequence[Upload]],
    made: Made,
) -> list[UUID]:
    """Make all comments of a batch, or none; their ids. No preview of one that failed stays in storage.

    Raises:
        BadRequest: as `task_comments.post` and `comment_previews.add_preview`.
        Forbidden: as these.
    """
    ids = await task_comments.post_all(
        uow,
        storage,
        actor,
        [task_comments.Wish(task, wish, files.get(number, ())) for number, (task, wish) in enumerate(wishes)],
    )
    stored: list[tuple[UUID, list[Place]]] = []
    try:
        for number, (task, _) in enumerate(wishes):
            first: UUID | None = None
            for one in made.get(number, ()):
                preview_id = await _hang(uow, actor, task.id, ids[number], first)
                first = first or preview_id
                await preview_uploads.publish(uow, storage, actor, preview_id, one.received, one.made)
                stored.append((preview_id, list(one.made.files)))
    except BaseException:
        for preview_id, places in stored:
            await preview_uploads.take_back(storage, preview_id, places)
        raise
    return ids


async def _hang(uow: UnitOfWork, actor: Actor, task_id: UUID, comment_id: UUID, first: UUID | None) -> UUID:
    """The row of a preview: the first of a comment is a new revision, the others are more of it."""
    if first is None:
        return await comment_previews.add_preview(uow, actor, task_id, comment_id, None)
    return await comment_previews.add_extra_preview(uow, actor, task_id, comment_id, first)
