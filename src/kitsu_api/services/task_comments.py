"""Comments on tasks: what is said, and all that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from kitsu_api.db.base import now
from kitsu_api.db.models import Comment, Task
from kitsu_api.db.repositories.comment_writing import Said, Told, write_comments
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.status_changes import StatusChanges, StatusRules
from kitsu_api.db.repositories.task_comments import CommentAudience, TaskComments
from kitsu_api.errors import BadRequest, Forbidden, NotFound
from kitsu_api.events import Event, record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.policies.comments import is_maker
from kitsu_api.schemas.task_comments import NewComment
from kitsu_api.services import comments as register
from kitsu_api.services import status_changes
from kitsu_api.services.attachments import Upload, attach, detach_all
from kitsu_api.services.comments import check_status
from kitsu_api.services.mentions import Names, called_people, mentions_in
from kitsu_api.services.notifications import notify, ring
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Wish:
    """What to say about a task (locked by the caller), and the files that come with it."""

    task: Task
    comment: NewComment
    uploads: Sequence[Upload] = ()


def _comment_event(comment: Said | Comment, task: Task, action: str) -> Event:
    return record_event(
        "comment",
        action,
        comment.id,
        task.project_id,
        task_id=task.id,
        person_id=comment.person_id,
        for_client=bool(comment.for_client),
        task_status_id=comment.task_status_id,
    )


def _tell(uow: UnitOfWork, comment: Said, told: Sequence[Told]) -> None:
    """Tell of the notifications and of the news of a comment."""
    task = comment.task
    ring(uow, task.project_id, [(one.id, one.person_id) for one in told])
    data = {
        "news_id": comment.news_id,
        "project_id": task.project_id,
        "task_type_id": task.task_type_id,
        "task_status_id": comment.task_status_id,
    }
    ids = {key: str(value) for key, value in data.items() if value is not None}
    uow.emit(Event("news:new", ids, task.project_id))


def _author(actor: Actor, task: Task, wish: NewComment) -> tuple[UUID, datetime]:
    """Who says it, and when: those who run the production may say it for somebody, at another time.

    Raises:
        Forbidden: the caller does not run the production.
    """
    runs = actor.manages(task.project_id)
    if wish.person_id not in (None, actor.id) and not runs:
        raise Forbidden("Only those who run the production may comment for somebody else.")
    moment = wish.created_at if wish.created_at is not None and runs else now()
    return wish.person_id or actor.id, moment


class _Posting:
    """Comments on the way: what they need is looked up for all of them together."""

    def __init__(self, uow: UnitOfWork, actor: Actor, rules: StatusRules) -> None:
        self.uow, self.actor, self.rules = uow, actor, rules
        self.names = Names(uow)

    async def say(self, task: Task, wish: NewComment) -> Said:
        """Give the task its status, and tell of that; the comment, to be written.

        Raises:
            BadRequest: there is no such status, or the task may not be sent back once more.
            Forbidden: the status is closed to the caller, or they speak for somebody else.
        """
        uow, actor = self.uow, self.actor
        status = self.rules.statuses.get(wish.task_status_id)
        if status is None:
            raise BadRequest("task_status_id: there is no such status.")
        await check_status(uow, actor, task, status)
        if wish.for_client and is_maker(actor, task):
            raise Forbidden("Only those who run or supervise the production show comments to clients.")
        person_id, moment = _author(actor, task, wish)
        status_changes.check_retakes(task, status, self.rules)
        mentions = await self.names.called_in(task.project_id, wish.text)
        comment = Said(
            task,
            person_id,
            status.id,
            moment,
            change=task.task_status_id != status.id,
            for_client=wish.for_client,
            people=mentions.people,
            departments=mentions.departments,
            called=frozenset(await called_people(uow, task.project_id, mentions)),
            text=wish.text,
            checklist=wish.checklist,
            links=wish.links or (),
        )
        uow.emit(_comment_event(comment, task, "new"))
        await status_changes.change_status(uow, task, status, comment, self.rules)
        return comment


async def post_all(uow: UnitOfWork, storage: FileStorage, actor: Actor, wishes: Sequence[Wish]) -> list[UUID]:
    """Comment on tasks, in this order; the comments' ids. The number of statements does not grow with them,
    files and automations excepted.

    Raises:
        BadRequest: there is no such status, or a task may not be sent back once more.
        Forbidden: a status is closed to the caller, or they speak for somebody else.
    """
    wanted = [(wish.task, wish.comment.task_status_id) for wish in wishes]
    posting = _Posting(uow, actor, await StatusChanges(uow.session).rules(wanted))
    said = [await posting.say(wish.task, wish.comment) for wish in wishes]
    told = await write_comments(uow.session, said)
    for comment, wish in zip(said, wishes, strict=True):
        if wish.uploads:
            await attach(uow, storage, comment.id, wish.uploads)
        _tell(uow, comment, told[comment.id])
    return [comment.id for comment in said]


async def post(
    uow: UnitOfWork,
    storage: FileStorage,
    actor: Actor,
    task: Task,
    wish: NewComment,
    uploads: Sequence[Upload] = (),
) -> UUID:
    """Comment on a task (locked by the caller); the comment's id.

    Raises:
        BadRequest: there is no such status, or the task may not be sent back once more.
        Forbidden: the status is closed to the caller, or they speak for somebody else.
    """
    return (await post_all(uow, storage, actor, [Wish(task, wish, uploads)]))[0]


async def note(uow: UnitOfWork, task: Task, person_id: UUID, comment_id: UUID) -> None:
    """Add a comment without words to a task (locked by the caller): it keeps its status."""
    comment = Said(task, person_id, task.task_status_id, now(), change=False, id=comment_id)
    uow.emit(_comment_event(comment, task, "new"))
    await Records(uow.session, Task).change(task, {"last_comment_date": comment.created_at})
    uow.emit(record_event("task", "update", task.id, task.project_id))
    told = await write_comments(uow.session, [comment])
    _tell(uow, comment, told[comment.id])


async def remove(uow: UnitOfWork, actor: Actor, task: Task, comment: Comment) -> None:
    """Delete a comment with what hangs on it; its task falls back to what the others say."""
    uow.emit(record_event("comment", "delete", comment.id, task.project_id, task_id=task.id))
    await register.deleting(uow, actor, comment)
    await Records(uow.session, Comment).delete(comment)
    await register.deleted(uow, actor, comment)


async def move(uow: UnitOfWork, task: Task, comment: Comment, target: Task) -> None:
    """Put a comment on another task of the same entity; both tasks follow what is said on them.

    Raises:
        BadRequest: the tasks are the same, or on different entities.
    """
    if target.id == task.id:
        raise BadRequest("Source and target tasks must be different.")
    if target.entity_id != task.entity_id:
        raise BadRequest("A comment can only be moved between tasks of the same entity.")
    comments = TaskComments(uow.session)
    await comments.delete_news_and_notices(comment.id)
    await Records(uow.session, Comment).change(comment, {"object_id": target.id})
    await comments.move_previews(comment.id, task.id, target.id)
    await register.reset_task(uow, task.id)
    await register.reset_task(uow, target.id)
    uow.emit(record_event("comment", "delete", comment.id, task.project_id, task_id=task.id))
    uow.emit(_comment_event(comment, target, "new"))
    mentions = await mentions_in(uow, target.project_id, comment.text or "")
    moved = Said(
        target,
        comment.person_id,
        comment.task_status_id,
        comment.created_at or now(),
        change=False,
        for_client=bool(comment.for_client),
        called=frozenset(await called_people(uow, target.project_id, mentions)),
        id=comment.id,
    )
    told = await write_comments(uow.session, [moved], is_new=False)
    _tell(uow, moved, told[comment.id])


def _replies(comment: Comment) -> list[dict[str, Any]]:
    """The replies that a comment holds; databases that were adopted may hold anything there."""
    held = comment.replies if isinstance(comment.replies, list) else []
    return [one for one in held if isinstance(one, dict)]


def _author_of(reply: dict[str, Any]) -> UUID | None:
    try:
        return UUID(str(reply.get("person_id")))
    except ValueError:
        return None


async def reply(
    uow: UnitOfWork,
    storage: FileStorage,
    actor: Actor,
    task: Task,
    comment: Comment,
    text: str,
    uploads: Sequence[Upload] = (),
) -> dict[str, Any]:
    """Reply to a comment (locked by the caller); the reply as the comment keeps it.

    Raises:
        BadRequest: it says nothing.
    """
    if not text.strip() and not uploads:
        raise BadRequest("text: a reply needs a text or a file.")
    moment, reply_id = now(), uuid4()
    mentions = await mentions_in(uow, task.project_id, text)
    date = moment.isoformat(timespec="seconds")
    kept: dict[str, Any] = {
        "id": str(reply_id),
        "date": date,
        "created_at": date,
        "person_id": str(actor.id),
        "text": text,
        "mentions": sorted(map(str, mentions.people)),
        "department_mentions": sorted(map(str, mentions.departments)),
    }
    before = _replies(comment)
    await Records(uow.session, Comment).change(comment, {"replies": [*before, kept]})
    await attach(uow, storage, comment.id, uploads, reply_id)
    ids = {"task_id": task.id, "reply_id": reply_id}
    uow.emit(record_event("comment", "reply", comment.id, task.project_id, **ids))
    audience = CommentAudience(uow.session)
    called = await called_people(uow, task.project_id, mentions)
    earlier = {id for one in before if (id := _author_of(one)) is not None}
    others = called | earlier | ({comment.person_id} if comment.person_id is not None else set())
    found = await audience.readers(task, others, for_client=bool(comment.for_client))
    readers = found.keys() - {actor.id}
    about = {"author_id": actor.id, "comment_id": comment.id, "reply_id": reply_id, "change": False}
    await notify(uow, readers - called, task, "reply", **about)
    await notify(uow, readers & called, task, "reply-mention", **about)
    return kept


async def remove_reply(uow: UnitOfWork, actor: Actor, task: Task, comment: Comment, reply_id: UUID) -> None:
    """Delete a reply: one's own, or any for those who run the production.

    Raises:
        NotFound: the comment has no such reply.
        Forbidden: it is somebody else's.
    """
    replies = _replies(comment)
    found = next((one for one in replies if one.get("id") == str(reply_id)), None)
    if found is None:
        raise NotFound
    if found.get("person_id") != str(actor.id) and not actor.manages(task.project_id):
        raise Forbidden
    left = [one for one in replies if one.get("id") != str(reply_id)]
    await Records(uow.session, Comment).change(comment, {"replies": left})
    await TaskComments(uow.session).delete_reply_notices(reply_id)
    await detach_all(uow, comment.id, reply_id)
    ids = {"task_id": task.id, "reply_id": reply_id}
    event = record_event("comment", "delete-reply", comment.id, task.project_id, **ids)
    uow.emit(replace(event, persist=False))


async def acknowledge(uow: UnitOfWork, actor: Actor, task: Task, comment: Comment) -> bool:
    """Acknowledge a comment, or take that back; whether it is acknowledged now."""
    done = await TaskComments(uow.session).toggle_acknowledgement(comment.id, actor.id)
    action = "acknowledge" if done else "unacknowledge"
    ids = {"task_id": task.id, "person_id": actor.id}
    event = record_event("comment", action, comment.id, task.project_id, **ids)
    uow.emit(replace(event, persist=False))
    return done


async def copy_client_comments(
    uow: UnitOfWork, storage: FileStorage, actor: Actor, tasks: Sequence[Task], prefix: str
) -> list[UUID]:
    """Say what clients last said on these tasks once more, for the team; the ids of the new comments."""
    by_id = {task.id: task for task in tasks}
    wishes = []
    for comment in await TaskComments(uow.session).last_for_clients([task.id for task in tasks]):
        task = by_id[comment.object_id]
        status_id = comment.task_status_id or task.task_status_id
        if status_id is None:
            continue
        text = f"{prefix}\n\n{comment.text or ''}" if prefix else comment.text or ""
        wish = NewComment.model_validate(
            {
                "task_status_id": status_id,
                "text": text,
                "checklist": comment.checklist or [],
                "links": comment.links or [],
            }
        )
        wishes.append(Wish(task, wish))
    return await post_all(uow, storage, actor, wishes)
