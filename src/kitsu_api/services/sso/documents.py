"""What identity providers publish: fetched, and kept in Valkey for a while."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

import httpx
import orjson
from redis.asyncio import Redis

from kitsu_api.errors import Unavailable

logger = logging.getLogger(__name__)

KEPT_SECONDS = 3600
BETWEEN_FETCHES = 30
"""Seconds between two fetches that an unknown key asks for: strangers choose the keys' names."""

LONGEST_BYTES = 2_000_000
TIMEOUT = httpx.Timeout(10.0)


def unreachable(url: str, error: Exception) -> Unavailable:
    """The error for a provider that does not answer as it should; the log says more."""
    logger.warning("The identity provider failed at %s: %s", url.partition("?")[0], type(error).__name__)
    return Unavailable("The identity provider can't be reached. Try again in a moment.")


async def send(method: str, url: str, **more: Any) -> tuple[int, bytes]:
    """Ask the provider: status and body. Redirects are not followed.

    Raises:
        Unavailable: no answer, or too much of one.
    """
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as client,
            client.stream(method, url, **more) as answer,
        ):
            body = bytearray()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > LONGEST_BYTES:
                    raise ValueError("too long")
            return answer.status_code, bytes(body)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise unreachable(url, error) from error


def _key(url: str) -> str:
    return f"kitsu:sso:document:{hashlib.sha256(url.encode()).hexdigest()}"


async def fetch(valkey: Redis, url: str, *, anew: bool = False) -> str:
    """A document of the provider. With `anew` it is fetched although it is kept, unless that was just done.

    Raises:
        Unavailable: it can't be had.
    """
    key = _key(url)
    kept: str | None = await valkey.get(key)
    if anew and not await valkey.set(f"{key}:fetched", 1, ex=BETWEEN_FETCHES, nx=True):
        anew = False
    if kept is not None and not anew:
        return kept
    status, body = await send("GET", url)
    if status != 200:
        raise unreachable(url, ValueError(status))
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise unreachable(url, error) from error
    await valkey.set(key, text, ex=KEPT_SECONDS)
    return text


async def fetch_json(valkey: Redis, url: str, *, anew: bool = False) -> dict[str, Any]:
    """A document of the provider that is a JSON object.

    Raises:
        Unavailable: it can't be had, or is none.
    """
    return parsed(url, await fetch(valkey, url, anew=anew))


def parsed(url: str, body: bytes | str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        Unavailable: it is none.
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise unreachable(url, error) from error
    if not isinstance(found, dict):
        raise unreachable(url, ValueError())
    return found
