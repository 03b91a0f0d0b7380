"""Jobs that let go of what is too old."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from kitsu_api.db.base import now
from kitsu_api.db.repositories.event_feed import EventFeed
from kitsu_api.db.repositories.event_log import EventLog
from kitsu_api.workers.context import JobContext

logger = logging.getLogger(__name__)

BATCH = 10_000
"""Events that one transaction deletes: few enough that nobody waits for it."""

MESSAGES_ARE_KEPT = timedelta(hours=1)
"""Age of what is told to listeners and is no part of the log: they have heard it long before."""


async def delete_old_events(ctx: dict[str, Any]) -> int:
    """Delete the events that are older than the settings keep them; how many there were."""
    context: JobContext = ctx["job"]
    async with context.unit_of_work() as uow:
        await EventFeed(uow.session).forget_told(now() - MESSAGES_ARE_KEPT)
    days = context.settings.event_retention_days
    if not days:
        return 0
    moment, total = now() - timedelta(days=days), 0
    async with context.unit_of_work() as uow:
        await EventFeed(uow.session).number()
        await EventFeed(uow.session).note_forgotten(moment)
    while True:
        async with context.unit_of_work() as uow:
            deleted = await EventLog(uow.session).delete_before(moment, BATCH)
        total += deleted
        if deleted < BATCH:
            break
    if total:
        logger.info("%d events older than %d days were deleted.", total, days)
    return total


JOBS: dict[str, Callable[..., Awaitable[Any]]] = {"delete_old_events": delete_old_events}
