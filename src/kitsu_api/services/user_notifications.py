"""What people did with what they were told."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.models import Notification
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.user_notifications import UserNotifications
from kitsu_api.events import Event
from kitsu_api.permissions.actor import Actor
from kitsu_api.unit_of_work import UnitOfWork


async def mark(uow: UnitOfWork, actor: Actor, notification: Notification, *, read: bool) -> None:
    """Mark a notification as read or unread."""
    await Records(uow.session, Notification).change(notification, {"read": read})
    name = "notification:read" if read else "notification:unread"
    ids: dict[str, UUID] = {"person_id": actor.id, "notification_id": notification.id}
    uow.emit(Event(name, {key: str(value) for key, value in ids.items()}))


async def mark_all(uow: UnitOfWork, actor: Actor) -> None:
    """Mark all notifications of the caller as read."""
    await UserNotifications(uow.session, actor.id, actor.confined_to).mark_all_as_read()
    uow.emit(Event("notification:all-read", {"person_id": str(actor.id)}))
