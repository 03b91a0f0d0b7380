"""What commands work with: the database, Valkey, the queue and the files of this instance."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from kitsu_api.cli.failure import fail

if TYPE_CHECKING:
    from kitsu_api.workers.context import JobContext

T = TypeVar("T")


def run(work: Callable[[JobContext], Awaitable[T]]) -> T:
    """Do work on this instance; ends the command with 1, and with what to mend, when it can't be done."""
    from redis.exceptions import RedisError
    from sqlalchemy.exc import SQLAlchemyError

    from kitsu_api.cli.database import database_url
    from kitsu_api.errors import ApiError
    from kitsu_api.outbox import DatabaseOutbox
    from kitsu_api.realtime.bell import ValkeyBell
    from kitsu_api.settings import get_settings
    from kitsu_api.workers.queue import InlineQueue
    from kitsu_api.workers.settings import Resources

    database_url()
    settings = get_settings()
    if settings.valkey_url is None:
        fail("No Valkey: set REDIS_URL (redis://host:6379/0), or KV_HOST.")

    async def working() -> T:
        resources = Resources(settings, "command line")
        context = resources.context
        if settings.jobs_inline:
            bell = ValkeyBell(resources.valkey, str(settings.valkey_url))
            context.outbox = DatabaseOutbox(context.sessions, bell, InlineQueue(context))
        try:
            return await work(context)
        finally:
            await resources.close()

    try:
        return asyncio.run(working())
    except ApiError as error:
        fail(error.text)
    except ValueError as error:
        fail(str(error))
    except (SQLAlchemyError, RedisError, OSError) as error:
        fail(
            f"The database, Valkey or the storage can't be used ({type(error).__name__}): `kitsu-api doctor`."
        )
