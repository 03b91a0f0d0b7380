"""Notifications as they are written."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Notification


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
