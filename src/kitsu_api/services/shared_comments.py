"""What guests of a share link say: the rules of comments hold for them as for any client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from kitsu_api.db.models import AttachmentFile, Comment, Person, Task, TaskStatus
from kitsu_api.db.projections import COMMENT_LINKS
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.status_changes import StatusChanges
from kitsu_api.errors import BadRequest
from kitsu_api.permissions.shared_links import GuestsComment, SharedPlaylist
from kitsu_api.schemas.shared_playlists import GuestComment, GuestCommentChange
from kitsu_api.schemas.task_comments import NewComment
from kitsu_api.services import attachments, comments, task_comments
from kitsu_api.services.attachments import Upload
from kitsu_api.services.file_kinds import kind_by_content
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork


async def post(
    uow: UnitOfWork,
    storage: FileStorage,
    shared: SharedPlaylist,
    guest: Person,
    task: Task,
    wish: GuestComment,
) -> UUID:
    """Comment on a task of the playlist (locked by the caller); the comment's id.

    Raises:
        BadRequest: the status is none that clients give, or the task may not be sent back once more.
    """
    status = await Records(uow.session, TaskStatus).find(wish.task_status_id)
    if status is None:
        raise BadRequest("task_status_id: there is no such status.")
    of_production = await StatusChanges(uow.session).client_allowed(task.project_id, status.id)
    if not (status.is_client_allowed if of_production is None else of_production):
        raise BadRequest("task_status_id: guests may not give this status.")
    comment = NewComment.model_validate(
        {"task_status_id": status.id, "text": wish.text or "", "checklist": wish.checklist or []}
    )
    return await task_comments.post(uow, storage, shared.actor(guest), task, comment)


async def change(uow: UnitOfWork, place: GuestsComment, wish: GuestCommentChange) -> None:
    """Change the text or the checklist of a comment; who is mentioned follows the text."""
    values = wish.model_dump(exclude_unset=True, exclude={"guest_id"})
    values = {name: value for name, value in values.items() if value is not None}
    actor = place.shared.actor(place.guest)
    values = await comments.updating(uow, actor, place.comment, values)
    links = {name: values.pop(name) for name in comments.MENTIONS if name in values}
    records = Records(uow.session, Comment)
    await records.change(place.comment, values)
    for name, ids in links.items():
        await records.set_links(COMMENT_LINKS[name], place.comment.id, ids)
    uow.emit(await comments.announce(uow.session, place.comment, "update"))


async def remove(uow: UnitOfWork, place: GuestsComment) -> None:
    """Delete a comment with what hangs on it; its task falls back to what the others say."""
    await task_comments.remove(uow, place.shared.actor(place.guest), place.task, place.comment)


async def attach(
    uow: UnitOfWork, storage: FileStorage, place: GuestsComment, uploads: Sequence[Upload]
) -> None:
    """Attach files to a comment; what they are is told by their content.

    Raises:
        BadRequest: there is no file.
    """
    if not uploads:
        raise BadRequest("The form holds no file.")
    known = [replace(upload, kind=kind_by_content(upload.name, upload.file)) for upload in uploads]
    await attachments.attach(uow, storage, place.comment.id, known)


async def detach(uow: UnitOfWork, attachment: AttachmentFile) -> None:
    """Take a file away from a comment."""
    await attachments.detach(uow, attachment)
