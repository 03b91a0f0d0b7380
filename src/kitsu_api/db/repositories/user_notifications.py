"""What somebody is told, and what they asked to be told of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db import scopes
from kitsu_api.db.base import now
from kitsu_api.db.entity_names import episode_of, full_name
from kitsu_api.db.prepared import Statements, built_once
from kitsu_api.db.projection import array_of, bracketed, json_array, json_object, moment
from kitsu_api.db.repositories.notifications import withheld

Condition = ColumnElement[bool]

MOST = 100
"""Notifications of a list; go on with `before`, the moment of the last one."""

NO_ROWS: ColumnElement[Any] = literal_column("'[]'::jsonb", JSONB)

TASK = aliased(m.Task, name="task_of_notification")
COMMENT = aliased(m.Comment, name="comment_of_notification")
SUBSCRIPTION = aliased(m.Subscription, name="own_subscription")


@dataclass(frozen=True)
class NotificationFilter:
    """Which notifications are asked for; None stands for all."""

    before: dt.datetime | None = None
    after: dt.datetime | None = None
    task_type_id: UUID | None = None
    task_status_id: UUID | None = None
    kind: str | None = None
    read: bool | None = None
    watching: bool | None = None

    def conditions(self) -> list[Condition]:
        """The notifications that meet all of it."""
        found: list[Condition] = []
        if self.before is not None:
            found.append(m.Notification.created_at < self.before)
        if self.after is not None:
            found.append(m.Notification.created_at > self.after)
        if self.task_type_id is not None:
            found.append(TASK.task_type_id == self.task_type_id)
        if self.task_status_id is not None:
            found.append(COMMENT.task_status_id == self.task_status_id)
        if self.kind is not None:
            found.append(m.Notification.type == self.kind)
        if self.read is not None:
            found.append(m.Notification.read.is_(self.read))
        if self.watching is not None:
            watched = SUBSCRIPTION.id.is_not(None)
            found.append(watched if self.watching else ~watched)
        return found


@built_once
def _ids(table: Any, own: str, other: str) -> ColumnElement[Any]:
    """The ids that a table of pairs links to the comment."""
    pair = aliased(table)
    found = select(func.json_agg(getattr(pair, other))).where(getattr(pair, own) == m.Notification.comment_id)
    return func.coalesce(found.correlate(m.Notification).scalar_subquery(), func.json_build_array())


def _reply() -> Any:
    """The reply that a notification is about, out of the replies that the comment holds."""
    replies = case((func.jsonb_typeof(COMMENT.replies) == "array", COMMENT.replies), else_=NO_ROWS)
    reply = func.jsonb_array_elements(replies).table_valued("value").render_derived("reply")
    return (
        select(cast(reply.c.value, JSONB).label("value"))
        .where(cast(reply.c.value, JSONB)["id"].astext == cast(m.Notification.reply_id, Text))
        .limit(1)
        .correlate(m.Notification, COMMENT)
        .scalar_subquery()
    )


@cache
def _columns() -> list[Any]:
    preview = aliased(m.CommentPreviewLink)
    entity, project, playlist = aliased(m.Entity), aliased(m.Project), aliased(m.Playlist)
    place = func.coalesce(
        TASK.project_id,
        select(playlist.project_id)
        .where(playlist.id == m.Notification.playlist_id)
        .correlate(m.Notification)
        .scalar_subquery(),
    )

    def of(column: Any, *where: Condition) -> ColumnElement[Any]:
        return select(column).where(*where).correlate(m.Notification, TASK, COMMENT).scalar_subquery()

    def of_playlist(column: Any, otherwise: Any) -> ColumnElement[Any]:
        return func.coalesce(of(column, playlist.id == m.Notification.playlist_id), otherwise)

    reply, hidden = _reply(), withheld(m.Notification, TASK, COMMENT)
    shown: dict[str, Any] = {
        "id": m.Notification.id,
        "type": literal("Notification", Text),
        "notification_type": m.Notification.type,
        "author_id": m.Notification.author_id,
        "comment_id": m.Notification.comment_id,
        "task_id": m.Notification.task_id,
        "task_type_id": TASK.task_type_id,
        "task_status_id": COMMENT.task_status_id,
        "mentions": _ids(m.CommentMentions, "comment", "person"),
        "department_mentions": _ids(m.CommentDepartmentMentions, "comment", "department"),
        "reply_mentions": func.coalesce(reply["mentions"], NO_ROWS),
        "reply_department_mentions": func.coalesce(reply["department_mentions"], NO_ROWS),
        "preview_file_id": of(
            func.min(cast(preview.preview_file, Text)), preview.comment == m.Notification.comment_id
        ),
        "project_id": place,
        "project_name": of(project.name, project.id == place),
        "comment_text": case((hidden, ""), else_=func.coalesce(COMMENT.text, "")),
        # who reads it is looked up for replies alone, once more
        "reply_text": case(
            (m.Notification.reply_id.is_(None), ""),
            (hidden, ""),
            else_=func.coalesce(reply["text"].astext, ""),
        ),
        "created_at": moment(m.Notification.created_at),
        "read": m.Notification.read,
        "change": m.Notification.change,
        "full_entity_name": full_name(TASK.entity_id),
        "episode_id": episode_of(TASK.entity_id),
        "entity_preview_file_id": of(entity.preview_file_id, entity.id == TASK.entity_id),
        "subscription_id": SUBSCRIPTION.id,
        "playlist_id": m.Notification.playlist_id,
        "playlist_name": of_playlist(playlist.name, ""),
        "playlist_for_entity": of_playlist(playlist.for_entity, ""),
        "playlist_is_for_all": of_playlist(playlist.is_for_all, False),
    }
    return [column.label(name) for name, column in shown.items()]


def _of_person(columns: Sequence[Any], person_id: Any) -> Any:
    return (
        select(*columns)
        .select_from(m.Notification)
        .outerjoin(TASK, TASK.id == m.Notification.task_id)
        .outerjoin(COMMENT, COMMENT.id == m.Notification.comment_id)
        .outerjoin(
            SUBSCRIPTION,
            (SUBSCRIPTION.task_id == m.Notification.task_id)
            & (SUBSCRIPTION.person_id == m.Notification.person_id),
        )
        .where(m.Notification.person_id == person_id)
    )


def _newest(person_id: Any, wanted: NotificationFilter, within: Collection[UUID] | None = None) -> Any:
    newest_first = (m.Notification.created_at.desc(), m.Notification.id.desc())
    ids = _of_person([m.Notification.id], person_id).where(*wanted.conditions(), scopes.notifications(within))
    newest = ids.order_by(*newest_first).limit(MOST).subquery("newest")
    query = _of_person(_columns(), person_id).where(m.Notification.id.in_(select(newest.c.id)))
    return query.order_by(*newest_first)


_NEWEST = Statements(lambda: array_of(_newest(bindparam("person_id", type_=Uuid()), NotificationFilter())))
"""The newest notifications of a person, whatever they are about."""


class UserNotifications:
    """The notifications and subscriptions of one person. `within` are the productions whose notifications
    count; None: all."""

    def __init__(
        self, session: AsyncSession, person_id: UUID, within: Collection[UUID] | None = None
    ) -> None:
        self.session = session
        self.person_id = person_id
        self.within = within

    async def list_json(self, wanted: NotificationFilter) -> bytes:
        """The newest notifications that meet a filter; only theirs is looked up in other tables."""
        if wanted == NotificationFilter() and self.within is None:
            return bracketed(await _NEWEST().scalar(self.session, person_id=self.person_id))
        return await json_array(self.session, _newest(self.person_id, wanted, self.within))

    async def one_json(self, id: UUID) -> bytes | None:
        """A notification of this person; None when there is no such."""
        query = _of_person(_columns(), self.person_id).where(
            m.Notification.id == id, scopes.notifications(self.within)
        )
        return await json_object(self.session, query)

    async def find(self, id: UUID) -> m.Notification | None:
        """The row of a notification of this person."""
        query = select(m.Notification).where(
            m.Notification.id == id,
            m.Notification.person_id == self.person_id,
            scopes.notifications(self.within),
        )
        return (await self.session.scalars(query)).one_or_none()

    async def mark_all_as_read(self) -> None:
        """Nothing is unread any more."""
        await self.session.execute(
            update(m.Notification)
            .where(
                m.Notification.person_id == self.person_id,
                m.Notification.read.is_not(True),
                scopes.notifications(self.within),
            )
            .values(read=True, updated_at=now())
        )

    async def is_subscribed(self, **place: UUID) -> bool:
        """Whether this person follows a task, or the tasks of a type in a sequence."""
        same = [getattr(m.Subscription, name) == value for name, value in place.items()]
        query = select(m.Subscription.id).where(m.Subscription.person_id == self.person_id, *same)
        return await self.session.scalar(query.limit(1)) is not None

    async def subscriptions(self, task_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """The subscriptions to some of the tasks, by task."""
        query = select(m.Subscription.task_id, m.Subscription.id).where(
            m.Subscription.person_id == self.person_id, m.Subscription.task_id.in_(list(task_ids))
        )
        rows: Any = (await self.session.execute(query)).all()
        return {row[0]: row[1] for row in rows}

    async def place_subscription(self, entity_id: UUID, task_type_id: UUID) -> UUID | None:
        """The subscription to the tasks of a type in a sequence."""
        found: UUID | None = await self.session.scalar(
            select(m.Subscription.id).where(
                m.Subscription.person_id == self.person_id,
                m.Subscription.entity_id == entity_id,
                m.Subscription.task_type_id == task_type_id,
            )
        )
        return found

    async def followed_sequences(self, project_id: UUID, task_type_id: UUID) -> list[UUID]:
        """The sequences of a production whose tasks of a type this person follows."""
        query = (
            select(m.Entity.id)
            .join(m.Subscription, m.Subscription.entity_id == m.Entity.id)
            .where(
                m.Entity.project_id == project_id,
                m.Subscription.person_id == self.person_id,
                m.Subscription.task_type_id == task_type_id,
            )
            .order_by(m.Entity.name, m.Entity.id)
        )
        return list((await self.session.scalars(query)).all())

    async def unsubscribe(self, task_ids: Sequence[UUID]) -> None:
        """Follow these tasks no more."""
        await self.session.execute(
            delete(m.Subscription).where(
                m.Subscription.person_id == self.person_id, m.Subscription.task_id.in_(list(task_ids))
            )
        )

    async def unsubscribe_place(self, entity_id: UUID, task_type_id: UUID) -> None:
        """Follow the tasks of a type in a sequence no more."""
        await self.session.execute(
            delete(m.Subscription).where(
                m.Subscription.person_id == self.person_id,
                m.Subscription.entity_id == entity_id,
                m.Subscription.task_type_id == task_type_id,
            )
        )

    async def projects_of(self, task_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """The productions of the tasks that exist, by task."""
        query = select(m.Task.id, m.Task.project_id).where(m.Task.id.in_(list(task_ids)))
        rows: Any = (await self.session.execute(query)).all()
        return {row[0]: row[1] for row in rows}

    async def assigned(self, task_ids: Sequence[UUID]) -> set[UUID]:
        """Those of the tasks that this person is assigned to."""
        link = m.TaskPersonLink
        query = select(link.task_id).where(link.person_id == self.person_id, link.task_id.in_(list(task_ids)))
        return set((await self.session.scalars(query)).all())
