"""Previews that are hung on comments: the rows, before their media are uploaded."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.repositories.assignations import Assignations
from kitsu_api.db.repositories.comment_previews import CommentPlace, CommentPreviews
from kitsu_api.db.repositories.preview_files import PreviewFiles
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.tasks import TaskRepository
from kitsu_api.errors import BadRequest, Forbidden, NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.policies.comments import speaks_on
from kitsu_api.services.preview_files import check_revision, let_go
from kitsu_api.unit_of_work import UnitOfWork


async def _commented(uow: UnitOfWork, actor: Actor, task_id: UUID, comment_id: UUID) -> CommentPlace:
    """A comment on a task, if the caller may hang previews on it; the task is locked.

    Raises:
        NotFound: there is no such comment on the task.
        Forbidden: the caller is a client or out of the production, or a vendor without this task.
    """
    comment = await CommentPreviews(uow.session).place(task_id, comment_id)
    if comment is None:
        raise NotFound
    role = actor.role_on(comment.project_id)
    if role in (None, Role.CLIENT):
        raise Forbidden
    if role is Role.VENDOR and not await Assignations(uow.session).is_assigned(task_id, actor.id):
        raise Forbidden
    return comment


async def _made_for(uow: UnitOfWork, actor: Actor, task_id: UUID, comment_id: UUID) -> CommentPlace:
    """A comment on a task, if the caller may hang new previews on it: who comments on the task.

    Raises:
        NotFound: there is no such comment on the task.
        Forbidden: the caller is a client, or may not comment on the task.
    """
    comment = await _commented(uow, actor, task_id, comment_id)
    ties = await TaskRepository(uow.session).ties([task_id], actor.id)
    if not speaks_on(actor, comment.project_id, *ties[task_id]):
        raise Forbidden
    return comment


def _tell(uow: UnitOfWork, comment: CommentPlace, id: UUID, action: str = "new") -> None:
    """Tell of a preview on a comment, and of the comment."""
    project_id = comment.project_id
    uow.emit(record_event("preview-file", action, id, project_id, comment_id=comment.id))
    more = {"task_id": comment.task_id, "person_id": comment.person_id, "for_client": comment.for_client}
    uow.emit(record_event("comment", "update", comment.id, project_id, **more))


async def add_preview(
    uow: UnitOfWork, actor: Actor, task_id: UUID, comment_id: UUID, revision: int | None
) -> UUID:
    """Hang a new revision on a comment; its id. Without `revision` it follows the last one.

    Raises:
        NotFound: there is no such comment on the task.
        Forbidden: the caller is a client, or may not comment on the task.
        BadRequest: the task has this revision already, or it is below 0.
    """
    previews = CommentPreviews(uow.session)
    comment = await _made_for(uow, actor, task_id, comment_id)
    if revision is None:
        revision = await previews.last_revision(task_id) + 1
    else:
        await check_revision(previews, task_id, revision)
    id = await previews.add(comment, actor.id, revision)
    _tell(uow, comment, id)
    return id


async def add_extra_preview(
    uow: UnitOfWork, actor: Actor, task_id: UUID, comment_id: UUID, preview_file_id: UUID
) -> UUID:
    """Hang another preview of the same revision on a comment, after those that there are; its id.

    Raises:
        NotFound: there is no such comment on the task, or no such preview on the comment.
        Forbidden: the caller is a client, or may not comment on the task.
        BadRequest: the production has one preview a revision.
    """
    previews = CommentPreviews(uow.session)
    comment = await _made_for(uow, actor, task_id, comment_id)
    revision = await previews.revision_on(comment_id, preview_file_id)
    if revision is None:
        raise NotFound
    if await previews.is_single(comment.project_id):
        raise BadRequest("Only one preview file is allowed per revision for this project.")
    position = await previews.last_position(task_id, revision) + 1
    id = await previews.add(comment, actor.id, revision, position)
    _tell(uow, comment, id)
    return id


async def remove_preview(
    uow: UnitOfWork, actor: Actor, task_id: UUID, comment_id: UUID, preview_file_id: UUID, *, force: bool
) -> None:
    """Delete a preview of a comment; one that hangs on others too is taken off this one alone, unless
    `force` says to delete it all the same.

    Raises:
        NotFound: there is no such comment on the task, or no such preview on the comment.
        Forbidden: the caller neither runs the production nor wrote the comment.
    """
    comment = await _commented(uow, actor, task_id, comment_id)
    if not actor.manages(comment.project_id) and comment.person_id != actor.id:
        raise Forbidden
    previews, records = PreviewFiles(uow.session), Records(uow.session, PreviewFile)
    places = await previews.hangs_on(preview_file_id)
    preview = await records.find(preview_file_id) if comment_id in places else None
    if preview is None:
        raise NotFound
    if places == [comment_id] or force:
        await let_go(uow, preview)
        await records.delete(preview)
        _tell(uow, comment, preview_file_id, "delete")
    else:
        await previews.take_off(preview_file_id, comment_id)
        _tell(uow, comment, preview_file_id, "update")
    await CommentPreviews(uow.session).touch(comment_id)
