"""A ring through Valkey: something new is in the log. It says no more, so that a lost one loses nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

RECONNECT_SECONDS = 0.5
"""How long a listener waits before it looks for Valkey again."""

RING_SECONDS = 1.0
"""How long a ring may take: a request waits for it."""


def channel(valkey_url: str) -> str:
    """The channel of this installation. Channels are the server's, whichever database a client picks, so
    that two studios on one Valkey must not share a name."""
    return f"kitsu-events:{urlsplit(valkey_url).path.strip('/') or 'default'}"


class ValkeyBell:
    """Rings for every process of this installation."""

    def __init__(self, valkey: Redis, valkey_url: str) -> None:
        self._valkey, self._channel = valkey, f"{channel(valkey_url)}:log"

    async def ring(self) -> None:
        """Ring. While Valkey is away nobody hears it, and everybody looks by themselves."""
        try:
            async with asyncio.timeout(RING_SECONDS):
                await self._valkey.publish(self._channel, "")
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("Valkey could not be rung: %s", type(error).__name__)


async def hear(valkey_url: str, heard: Callable[[], None]) -> None:
    """Call `heard` at each ring, and after each time that the connection was lost; until cancelled."""
    while True:
        client: Redis = Redis.from_url(valkey_url, socket_connect_timeout=3)
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as pubsub:
                await pubsub.subscribe(f"{channel(valkey_url)}:log")
                heard()
                async for _message in pubsub.listen():
                    heard()
        except (RedisError, OSError) as error:
            logger.warning("Valkey is away (%s); the log is looked at each second.", type(error).__name__)
        finally:
            await client.aclose()
        await asyncio.sleep(RECONNECT_SECONDS)
