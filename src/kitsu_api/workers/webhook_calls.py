"""Makes the calls of webhooks that are due, several at a time."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from kitsu_api.db.repositories.actors import find_actors
from kitsu_api.db.repositories.webhooks import DueDelivery, Webhooks
from kitsu_api.services.webhook_delivery import attempt, dispatch, may_be_told, settle, withdraw
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.followers import follow_once

logger = logging.getLogger(__name__)

AT_ONCE = 20
PER_WEBHOOK = 4
LEASE = timedelta(seconds=60)
"""Longer than any call takes: after it another worker makes the call that one died over."""

CURSOR = "webhooks"


class WebhookCalls:
    """The calls of this worker."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._running: set[asyncio.Task[None]] = set()

    async def dispatch(self) -> bool:
        """Note the calls that new events bring about."""
        return await follow_once(self._context, CURSOR, dispatch)

    async def make(self) -> bool:
        """Begin calls that are due; the end of each is not waited for."""
        free = AT_ONCE - len(self._running)
        if free <= 0:
            return False
        async with self._context.unit_of_work() as uow:
            due = await Webhooks(uow.session).claim_due(free, PER_WEBHOOK, LEASE)
            owners = await find_actors(uow.session, {one.owner_id for one in due}) if due else {}
        for delivery in due:
            allowed = may_be_told(owners.get(delivery.owner_id), delivery.audience_id, delivery.for_managers)
            task = asyncio.create_task(self._make_one(delivery, allowed))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(due) == free

    async def settled(self) -> None:
        """Wait until the calls that were begun have ended."""
        while self._running:
            await asyncio.wait(self._running)

    async def _make_one(self, delivery: DueDelivery, allowed: bool) -> None:
        try:
            outcome = await attempt(self._context.settings, delivery) if allowed else None
            async with self._context.unit_of_work() as uow:
                if outcome is None:
                    await withdraw(uow, delivery)
                else:
                    await settle(uow, delivery, outcome)
        except Exception:
            # the call is due again after its lease
            logger.exception("The outcome of webhook delivery %s could not be kept.", delivery.id)
