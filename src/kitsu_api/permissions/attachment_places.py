"""Attached files that a path names, and who may see, add and remove them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends

from kitsu_api.db.engine import Session
from kitsu_api.db.models import AttachmentFile, Comment
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.status_changes import StatusChanges
from kitsu_api.db.repositories.task_comments import TaskComments
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.scopes import attachments, seen_comments
from kitsu_api.unit_of_work import Uow


@dataclass(frozen=True)
class AttachmentPlace:
    """A comment to attach files to, and whether the caller may."""

    comment: Comment
    replies: tuple[dict[str, Any], ...]
    allowed: bool

    def reply_named(self, text: Any) -> UUID | None:
        """The reply that a form names, if it does.

        Raises:
            BadRequest: the comment has no such reply.
        """
        if not text:
            return None
        for reply in self.replies:
            if reply.get("id") == text:
                return UUID(str(text))
        raise BadRequest("reply_id: the comment has no such reply.")


def _replies(comment: Comment) -> tuple[dict[str, Any], ...]:
    held = comment.replies if isinstance(comment.replies, list) else ()
    return tuple(one for one in held if isinstance(one, dict))


async def _attachable(task_id: UUID, comment_id: UUID, uow: Uow, actor: CurrentActor) -> AttachmentPlace:
    task = await StatusChanges(uow.session).lock_task(task_id)
    comment = await Records(uow.session, Comment).find(comment_id)
    if task is None or comment is None:
        raise NotFound
    replies = _replies(comment)
    mine = comment.person_id == actor.id or any(one.get("person_id") == str(actor.id) for one in replies)
    here = comment.object_id == task_id
    seen = here and await TaskComments(uow.session).visible(comment_id, seen_comments(actor))
    return AttachmentPlace(comment, replies, seen and (mine or actor.manages(task.project_id)))


def _allowed(actor: Actor, place: AttachmentPlace) -> bool:
    return place.allowed


@dataclass(frozen=True)
class _Found:
    attachment: AttachmentFile
    allowed: bool


async def _own(
    task_id: UUID, comment_id: UUID, attachment_file_id: UUID, uow: Uow, actor: CurrentActor
) -> _Found:
    task = await StatusChanges(uow.session).lock_task(task_id)
    attachment = await Records(uow.session, AttachmentFile).find(attachment_file_id)
    comment = await TaskComments(uow.session).find(task_id, comment_id)
    if task is None or comment is None or attachment is None or attachment.comment_id != comment_id:
        raise NotFound
    seen = await TaskComments(uow.session).visible(comment_id, seen_comments(actor))
    of_reply = [one for one in _replies(comment) if one.get("id") == str(attachment.reply_id)]
    author = of_reply[0].get("person_id") if of_reply else str(comment.person_id)
    mine = str(actor.id) in (author, str(comment.person_id)) or actor.manages(task.project_id)
    return _Found(attachment, seen and mine)


async def _seen(attachment_file_id: UUID, session: Session, actor: CurrentActor) -> _Found:
    records = Records(session, AttachmentFile)
    attachment = await records.find(attachment_file_id)
    if attachment is None:
        raise NotFound
    seen = await records.exists(AttachmentFile.id == attachment_file_id, attachments(actor))
    return _Found(attachment, seen)


def _found(actor: Actor, found: _Found) -> bool:
    return found.allowed


_OwnFound = Annotated[_Found, guard(_own, _found)]
_SeenFound = Annotated[_Found, guard(_seen, _found)]


async def own_attachment(found: _OwnFound) -> AttachmentFile:
    """A file that the caller may remove."""
    return found.attachment


async def seen_attachment(found: _SeenFound) -> AttachmentFile:
    """A file that the caller may see."""
    return found.attachment


AttachableComment = Annotated[AttachmentPlace, guard(_attachable, _allowed)]
OwnAttachment = Annotated[AttachmentFile, Depends(own_attachment, scope="function")]
SeenAttachment = Annotated[AttachmentFile, Depends(seen_attachment, scope="function")]
