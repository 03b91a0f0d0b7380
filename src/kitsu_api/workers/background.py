"""What a worker does beside its queues: it follows the log of events, for webhooks, messages and handlers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kitsu_api.workers.context import JobContext
from kitsu_api.workers.event_handlers import EventHandlers, describe, places
from kitsu_api.workers.followers import Rounds
from kitsu_api.workers.message_rounds import MessageRounds
from kitsu_api.workers.webhook_calls import WebhookCalls


async def follow_events(context: JobContext, enough: asyncio.Event) -> None:
    """Until it is enough. Any number of processes may do it: each event is taken up by one of them.

    Calls that are under way at the end are waited for; handlers are ended, and have their event again later.
    """
    calls, messages = WebhookCalls(context), MessageRounds(context)
    rounds: list[Callable[[], Awaitable[bool]]] = [
        calls.dispatch,
        calls.make,
        messages.follow,
        messages.send,
    ]
    settings, handlers = context.settings, None
    if found := places(settings.event_handlers_folder):
        handlers = EventHandlers(context, await describe(found, settings.event_handler_seconds))
        rounds += [handlers.dispatch, handlers.run]
    try:
        await Rounds(context, rounds).run(enough)
    finally:
        if handlers is not None:
            await handlers.end()
        await calls.settled()
