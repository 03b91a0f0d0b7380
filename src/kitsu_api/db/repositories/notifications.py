"""Notifications as they are written, and what of them their readers may not know."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db.models import Notification, Person, ProjectPersonLink


def _role(person_id: Any, project_id: Any, *others: Any) -> ColumnElement[Any]:
    """The role that somebody holds on a production; admins are admins everywhere."""
    person, link = aliased(Person), aliased(ProjectPersonLink)
    held = and_(link.person_id == person.id, link.project_id == project_id, person.role != "admin")
    found = select(func.coalesce(link.role, person.role)).select_from(person).outerjoin(link, held)
    return found.where(person.id == person_id).correlate(*others).scalar_subquery()


def withheld(notification: Any, task: Any, comment: Any) -> ColumnElement[bool]:
    """Whether what a comment says is not for whom its notification is for: what clients say, for those who
    make the production; what is not for clients, for clients. It rings all the same."""
    tables = (notification, task, comment)
    reader = _role(notification.person_id, task.project_id, *tables)
    author = _role(comment.person_id, task.project_id, *tables)
    hidden = or_(
        and_(reader.in_(("user", "vendor")), author == "client"),
        and_(reader == "client", comment.for_client.is_not(True)),
    )
    return func.coalesce(and_(comment.person_id != notification.person_id, hidden), False)


async def add_notifications(
    session: AsyncSession, people: Collection[UUID], task_id: UUID | None, kind: str, **about: Any
) -> list[tuple[UUID, UUID]]:
    """Notify people of the same thing, on a task if it is on one, once each; the ids of the new rows and
    whose they are."""
    if not people:
        return []
    rows = [
        {"id": uuid4(), "person_id": id, "task_id": task_id, "type": kind, "read": False, **about}
        for id in sorted(people)
    ]
    statement = insert(Notification).values(rows).on_conflict_do_nothing()
    made = await session.execute(statement.returning(Notification.id, Notification.person_id))
    return [(row[0], row[1]) for row in made.all()]
