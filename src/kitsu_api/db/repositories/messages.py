"""Queries on messages: whom to tell, and what there is to tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, String, Text, and_, cast, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.entity_names import full_name
from kitsu_api.db.models import Channel, Message, MessageStatus
from kitsu_api.db.repositories.notifications import withheld

WAITING, SENDING, LOST = MessageStatus.WAITING.value, MessageStatus.SENDING.value, MessageStatus.LOST.value


@dataclass(frozen=True)
class DueMessage:
    """A message that this process is to send now."""

    id: UUID
    person_id: UUID
    channel: Channel
    kind: str
    notification_id: UUID | None
    about: dict[str, Any]
    attempts: int
    """With this one."""


@dataclass(frozen=True)
class Recipient:
    """Who is told, and where."""

    id: UUID
    first_name: str
    email: str | None
    locale: str | None
    slack: str | None
    mattermost: str | None
    discord: str | None


@dataclass(frozen=True)
class NotificationFacts:
    """What there is to say about a notification."""

    kind: str
    change: bool
    author: str
    project_id: UUID | None
    project: str | None
    task_id: UUID | None
    task_type: str | None
    entity: str | None
    entity_kind: str | None
    status: str | None
    text: str | None
    playlist_id: UUID | None
    playlist: str | None


@dataclass(frozen=True)
class ChatAccess:
    """The studio's keys to its chats."""

    studio: str
    slack_token: str
    mattermost_webhook: str
    discord_token: str


def _reachable() -> dict[Channel, ColumnElement[bool]]:
    """On which channels a person wants to be told."""
    person = m.Person
    return {
        Channel.EMAIL: and_(person.notifications_enabled.is_(True), func.coalesce(person.email, "") != ""),
        Channel.SLACK: and_(
            person.notifications_slack_enabled.is_(True),
            func.coalesce(person.notifications_slack_userid, "") != "",
        ),
        Channel.MATTERMOST: and_(
            person.notifications_mattermost_enabled.is_(True),
            func.coalesce(person.notifications_mattermost_userid, "") != "",
        ),
        Channel.DISCORD: and_(
            person.notifications_discord_enabled.is_(True),
            func.coalesce(person.notifications_discord_userid, "") != "",
        ),
    }


ABLE: ColumnElement[bool] = and_(
    m.Person.active.is_(True), m.Person.is_bot.is_(False), m.Person.is_guest.is_(False)
)


class Messages:
    """Rows of `kitsu_api_message`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add_for_notifications(self, ids: Collection[UUID]) -> None:
        """Tell of notifications, on each channel that its person has switched on; once."""
        for channel, wanted in _reachable().items():
            rows = (
                select(
                    func.gen_random_uuid(),
                    literal(f"{channel.value}:").concat(cast(m.Notification.id, Text)),
                    m.Notification.person_id,
                    literal(channel.value, String),
                    m.Notification.type,
                    m.Notification.id,
                    cast(literal("{}", Text), JSONB),
                    *self._fresh(),
                )
                .join(m.Person, m.Person.id == m.Notification.person_id)
                .where(m.Notification.id.in_(list(ids)), ABLE, wanted)
            )
            await self._insert(rows)

    async def add(self, person_id: UUID, kind: str, key: str, about: Mapping[str, Any]) -> None:
        """Tell somebody of something that is no notification, on each channel they have switched on; once."""
        for channel, wanted in _reachable().items():
            rows = select(
                func.gen_random_uuid(),
                literal(f"{channel.value}:{key}"),
                m.Person.id,
                literal(channel.value, String),
                literal(kind, String),
                literal(None, m.Message.notification_id.type),
                literal(dict(about), JSONB),
                *self._fresh(),
            ).where(m.Person.id == person_id, ABLE, wanted)
            await self._insert(rows)

    async def add_mail(self, person_id: UUID, kind: str, key: str, about: Mapping[str, Any]) -> None:
        """Mail somebody, even if they want to be told of no notifications: it is about their own affairs."""
        values = {
            "key": f"{Channel.EMAIL.value}:{key}",
            "person_id": person_id,
            "channel": Channel.EMAIL.value,
            "kind": kind,
            "about": dict(about),
        }
        self.session.add(Message(**values))
        await self.session.flush()

    async def add_mails(self, kind: str, mails: Collection[tuple[UUID, str, Mapping[str, Any]]]) -> None:
        """Mail people what they asked for: person, key, and what it is about; once for each key."""
        if not mails:
            return
        rows = [
            {
                "id": uuid4(),
                "key": f"{Channel.EMAIL.value}:{key}",
                "person_id": person_id,
                "channel": Channel.EMAIL.value,
                "kind": kind,
                "about": dict(about),
            }
            for person_id, key, about in mails
        ]
        await self.session.execute(insert(Message).on_conflict_do_nothing(), rows)

    def _fresh(self) -> tuple[ColumnElement[Any], ...]:
        moment = literal(now())
        return (literal(WAITING, String), literal(0), moment, moment, moment)

    async def _insert(self, rows: Any) -> None:
        columns = (
            "id",
            "key",
            "person_id",
            "channel",
            "kind",
            "notification_id",
            "about",
            "status",
            "attempts",
            "next_attempt_at",
            "created_at",
            "updated_at",
        )
        await self.session.execute(
            insert(Message).from_select(columns, rows, include_defaults=False).on_conflict_do_nothing()
        )

    async def claim_due(self, limit: int, lease: dt.timedelta) -> list[DueMessage]:
        """Messages to send now. They are marked as being sent before anybody sends them: whoever dies over
        one leaves it lost, and not sent twice."""
        due = (
            select(Message.id)
            .where(Message.status == WAITING, Message.next_attempt_at <= now())
            .order_by(Message.next_attempt_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        query = (
            update(Message)
            .where(Message.id == due.c.id)
            .values(status=SENDING, attempts=Message.attempts + 1, next_attempt_at=now() + lease)
            .returning(
                Message.id,
                Message.person_id,
                Message.channel,
                Message.kind,
                Message.notification_id,
                Message.about,
                Message.attempts,
            )
            .execution_options(synchronize_session=False)
        )
        found = (await self.session.execute(query)).all()
        return [DueMessage(row[0], row[1], Channel(row[2]), *row[3:]) for row in found]

    async def give_up_lost(self) -> int:
        """Mark the messages whose worker has died over them; how many there were."""
        done = await self.session.execute(
            update(Message)
            .where(Message.status == SENDING, Message.next_attempt_at <= now())
            .values(status=LOST, next_attempt_at=None, error="The worker ended while it sent the message.")
        )
        return int(done.rowcount)  # type: ignore[attr-defined]  # the result of an UPDATE has one

    async def note(self, message: DueMessage, values: Mapping[str, Any]) -> None:
        """Write down what became of an attempt."""
        await self.session.execute(update(Message).where(Message.id == message.id).values(**values))

    async def recipients(self, ids: Collection[UUID]) -> dict[UUID, Recipient]:
        """People, by id."""
        person = m.Person
        query = select(
            person.id,
            person.first_name,
            person.email,
            person.locale,
            person.notifications_slack_userid,
            person.notifications_mattermost_userid,
            person.notifications_discord_userid,
        ).where(person.id.in_(list(ids)))
        return {row[0]: Recipient(*row) for row in (await self.session.execute(query)).all()}

    async def chat_access(self) -> ChatAccess:
        """What the studio has set."""
        query = select(
            m.Organisation.name,
            func.coalesce(m.Organisation.chat_token_slack, ""),
            func.coalesce(m.Organisation.chat_webhook_mattermost, ""),
            func.coalesce(m.Organisation.chat_token_discord, ""),
        ).order_by(m.Organisation.created_at)
        row = (await self.session.execute(query.limit(1))).first()
        return ChatAccess(*row) if row else ChatAccess("Kitsu", "", "", "")

    async def facts(self, ids: Collection[UUID]) -> dict[UUID, NotificationFacts]:
        """What there is to say about notifications; one that is gone is absent."""
        row, task, entity = m.Notification, aliased(m.Task), aliased(m.Entity)
        author, comment, status = aliased(m.Person), aliased(m.Comment), aliased(m.TaskStatus)
        project, kind, playlist = aliased(m.Project), aliased(m.EntityType), aliased(m.Playlist)
        task_type = aliased(m.TaskType)
        project_id = func.coalesce(task.project_id, playlist.project_id)
        query = (
            select(
                row.id,
                row.type,
                row.change,
                func.trim(author.first_name + " " + author.last_name),
                project_id,
                project.name,
                task.id,
                task_type.name,
                full_name(entity.id),
                kind.name,
                status.name,
                comment.text,
                playlist.id,
                playlist.name,
                row.reply_id,
                comment.replies,
                withheld(row, task, comment),
            )
            .join(author, author.id == row.author_id)
            .outerjoin(task, task.id == row.task_id)
            .outerjoin(entity, entity.id == task.entity_id)
            .outerjoin(kind, kind.id == entity.entity_type_id)
            .outerjoin(task_type, task_type.id == task.task_type_id)
            .outerjoin(comment, comment.id == row.comment_id)
            .outerjoin(status, status.id == comment.task_status_id)
            .outerjoin(playlist, playlist.id == row.playlist_id)
            .outerjoin(project, project.id == project_id)
            .where(row.id.in_(list(ids)))
        )
        found = {}
        for id, *said, reply_id, replies, hidden in (await self.session.execute(query)).all():
            if hidden:
                said[10] = None
            elif reply_id is not None:
                said[10] = _reply_text(replies, reply_id)
            found[id] = NotificationFacts(*said)
        return found

    async def delete_old(self, moment: dt.datetime, limit: int) -> int:
        """Delete messages from before a moment; how many there were."""
        old = select(Message.id).where(Message.created_at < moment).limit(limit)
        done = await self.session.execute(delete(Message).where(Message.id.in_(old)))
        return int(done.rowcount)  # type: ignore[attr-defined]  # the result of a DELETE has one


def _reply_text(replies: Any, reply_id: UUID) -> str | None:
    """The text of a reply, which the comment holds."""
    for reply in replies if isinstance(replies, list) else ():
        if isinstance(reply, dict) and reply.get("id") == str(reply_id):
            return str(reply.get("text") or "")
    return None
