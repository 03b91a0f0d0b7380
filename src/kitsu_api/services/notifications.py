"""Notifications: what people are told of, and that there is something to read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal
from uuid import UUID

from kitsu_api.db.models import Task
from kitsu_api.db.repositories.notifications import add_notifications
from kitsu_api.events import Event
from kitsu_api.unit_of_work import UnitOfWork

Kind = Literal["comment", "mention", "reply", "reply-mention"]


async def notify(uow: UnitOfWork, people: Collection[UUID], task: Task, kind: Kind, **about: Any) -> None:
    """Tell people of the same thing on a task, once each.

    `about` holds the author and what it is about: `author_id`, `comment_id`, `reply_id`, `change`. The
    bell of each of them rings after the commit; the log of events does not note it.
    """
    ring(uow, task.project_id, await add_notifications(uow.session, people, task.id, kind, **about))


def ring(uow: UnitOfWork, project_id: UUID | None, made: Iterable[tuple[UUID, UUID]]) -> None:
    """Ring the bells of those who have new notifications: pairs of its id and whose it is."""
    for id, person_id in made:
        ids = {"notification_id": str(id), "person_id": str(person_id), "project_id": str(project_id)}
        uow.emit(Event("notification:new", ids, project_id, persist=False))
