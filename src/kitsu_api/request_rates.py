"""How many requests one address, and one session, may send: token buckets in Valkey.

Buckets are generous: they stop programs that run wild, not people. Limits on guessing passwords and the like
are in `permissions/rate_limits.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kitsu_api.errors import TooManyRequests
from kitsu_api.permissions.authentication import ACCESS_COOKIE
from kitsu_api.permissions.clients import client_address, is_trusted_proxy
from kitsu_api.rendering import answer
from kitsu_api.settings import Settings
from kitsu_api.together import Together

logger = logging.getLogger(__name__)

MINUTE = 60.0
PATIENCE = 0.25
"""Seconds that a request waits for Valkey before it passes uncounted."""
REST = 5.0
"""Seconds that Valkey isn't asked again after it did not answer."""
UNCOUNTED = ("/status", "/socket.io")
"""Health checks, and sockets, which keep a connection each."""

TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000

local function take(first, last)
    local full_at, least, wait = {}, nil, 0
    for i = first, last do
        local size = tonumber(ARGV[i])
        local each = 60 / size
        local full = tonumber(redis.call('GET', KEYS[i])) or now
        if full < now then full = now end
        full_at[i] = full + each
        local left = size - (full - now) / each
        -- moments are kept to the microsecond
        if left < 0.999999 then wait = math.max(wait, (1 - left) * each) end
        if least == nil or (left - 1) / size < (least[2] - 1) / least[1] then
            least = {size, left, full - now}
        end
    end
    if wait > 0 then
        return {0, least[1], 0, math.ceil(least[3]), math.ceil(wait)}
    end
    for i = first, last do
        local lasts = math.ceil((full_at[i] - now) * 1000)
        redis.call('SET', KEYS[i], string.format('%.6f', full_at[i]), 'PX', lasts)
    end
    return {1, least[1], math.floor(least[2] - 0.999999), math.ceil(least[3] + 60 / least[1]), 0}
end

local told, first = {}, 1
for i = #KEYS + 1, #ARGV do
    local last = first + tonumber(ARGV[i]) - 1
    told[#told + 1] = take(first, last)
    first = last + 1
end
return told
"""
"""Takes, for each of some requests in turn, one token of every bucket of it, or of none where one is empty. A
bucket is kept as the moment at which it is full again; one that is full is not kept. KEYS: the buckets; ARGV:
their tokens, which come back in a minute, and then how many buckets each request has."""


@dataclass(frozen=True)
class Taken:
    """What became of a request's tokens, told of the bucket that is nearest to its end."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    """Seconds until the bucket is full."""
    retry_after: int
    """Seconds until there is a token again; 0 when there is one."""

    @property
    def headers(self) -> dict[str, str]:
        """What every answer tells of it."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


@dataclass(frozen=True)
class Bucket:
    """Tokens of somebody; `size` of them come back in a minute."""

    key: str
    size: int


def _bucket(kind: str, subject: str, size: int) -> Bucket:
    # hashed, so that the keys hold neither tokens nor addresses
    return Bucket(f"kitsu:rate:{kind}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}", size)


def buckets_of(request: Request, settings: Settings) -> list[Bucket]:
    """The buckets that a request takes from; none for programs of the server's own machine, or where a proxy
    does not tell for whom it asks: then its address is nobody's."""
    address = client_address(request, settings)
    if not address or is_trusted_proxy(address, settings):
        return []
    found = []
    if settings.requests_per_minute_of_address:
        found.append(_bucket("address", address, settings.requests_per_minute_of_address))
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    token = credentials.strip() if scheme.lower() == "bearer" else request.cookies.get(ACCESS_COOKIE, "")
    if token and settings.requests_per_minute_of_token:
        # not checked yet: who makes tokens up still takes from the bucket of the address
        found.append(_bucket("token", token, settings.requests_per_minute_of_token))
    return found


class Taker:
    """Takes tokens for all requests together that have come since the last ones were taken."""

    def __init__(self, valkey: Redis) -> None:
        self.valkey = valkey
        self._script = valkey.register_script(TAKE)
        self._together = Together(self._take)

    async def take(self, buckets: Sequence[Bucket]) -> Taken:
        """What became of the tokens of a request.

        Raises:
            RedisError, OSError: Valkey does not answer.
        """
        return await self._together.ask(buckets)

    async def _take(self, asked: Sequence[Sequence[Bucket]]) -> list[Taken]:
        buckets = [bucket for each in asked for bucket in each]
        sizes = [bucket.size for bucket in buckets]
        told = await self._script([bucket.key for bucket in buckets], sizes + [len(each) for each in asked])
        return [
            Taken(bool(int(allowed)), int(limit), int(remaining), int(reset), int(retry_after))
            for allowed, limit, remaining, reset, retry_after in told
        ]


class RequestRates:
    """Takes tokens for each request, and answers 429 where there are none; without Valkey all pass."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._taker: Taker | None = None
        self._resting_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back with how many more there may be."""
        taken = await self._taken(scope)
        if taken is None:
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in taken.headers.items():
                    headers[name] = value
            await send(message)

        app = self.app
        if not taken.allowed:
            text = f"Too many requests. Wait {taken.retry_after} s and go on more slowly."
            app = answer(TooManyRequests(text, retry_after=taken.retry_after))
        await app(scope, receive, send_with_headers)

    async def _taken(self, scope: Scope) -> Taken | None:
        if scope["type"] != "http" or scope["path"].startswith(UNCOUNTED):
            return None
        state = scope["app"].state
        if not state.settings.rate_limits or time.monotonic() < self._resting_until:
            return None
        buckets = buckets_of(Request(scope), state.settings)
        return await self._take(state.valkey, buckets) if buckets else None

    async def _take(self, valkey: Redis, buckets: Sequence[Bucket]) -> Taken | None:
        if self._taker is None or self._taker.valkey is not valkey:
            self._taker = Taker(valkey)
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._taker.take(buckets)
        except (RedisError, OSError):
            logger.warning("Valkey does not answer: requests are not counted for %s s.", REST)
            self._resting_until = time.monotonic() + REST
            return None
