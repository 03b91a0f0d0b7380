"""Sends the mails and chat messages that are due."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from kitsu_api.db.repositories.messages import Messages
from kitsu_api.services.message_sending import Letter, follow_notifications, prepare, send, settle
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.followers import follow_once

logger = logging.getLogger(__name__)

AT_ONCE = 20
LEASE = timedelta(minutes=5)
"""Longer than sending takes. A message that is still being sent then is lost with its worker."""

CURSOR = "notifications"


class MessageRounds:
    """The messages of this worker."""

    def __init__(self, context: JobContext) -> None:
        self._context = context

    async def follow(self) -> bool:
        """Note the messages that new notifications bring about."""
        return await follow_once(self._context, CURSOR, follow_notifications, logged=False)

    async def send(self) -> bool:
        """Send what is due; whether there may be more."""
        async with self._context.unit_of_work() as uow:
            lost = await Messages(uow.session).give_up_lost()
            due = await Messages(uow.session).claim_due(AT_ONCE, LEASE)
        if lost:
            logger.error("%d messages were lost with the worker that sent them.", lost)
        if not due:
            return False
        async with self._context.unit_of_work() as uow:
            letters = await prepare(uow, self._context.settings, due)
        await asyncio.gather(*map(self._send_one, letters))
        return len(due) == AT_ONCE

    async def _send_one(self, letter: Letter) -> None:
        fault = await send(self._context.settings, letter)
        if fault is not None:
            logger.warning("A message was not sent (%s).", fault.reason)
        async with self._context.unit_of_work() as uow:
            await settle(uow, letter.message, fault)
