"""Deletions that a path names."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.db.models import TrashRecord
from kitsu_api.db.repositories.trash import TrashRecords
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow, guard


async def _deletion(trash_id: UUID, session: Session) -> TrashRecord:
    """A deletion, locked until the request is over.

    Raises:
        NotFound: there is none, or it can't be undone any more.
    """
    record = await TrashRecords(session).locked(trash_id)
    if record is None:
        raise NotFound
    return record


def _manages(actor: Actor, record: TrashRecord) -> bool:
    return actor.manages(record.project_id)


def _manages_something(actor: Actor) -> bool:
    return actor.is_admin or any(actor.manages(id) for id in actor.project_roles)


ManagedDeletion = Annotated[TrashRecord, guard(_deletion, _manages)]
TrashReader = Annotated[Actor, allow(_manages_something)]
