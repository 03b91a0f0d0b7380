"""Turns for requests that work on pictures and movies: the operator says how many go on at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request

from kitsu_api.errors import Unavailable
from kitsu_api.settings import Settings


@asynccontextmanager
async def media_turn(request: Request) -> AsyncIterator[None]:
    """Wait for one of the turns of this process, and hold it while the block runs.

    Raises:
        Unavailable: none came free in time.
    """
    state = request.app.state
    settings: Settings = state.settings
    if not settings.media_requests:
        yield
        return
    known: tuple[int, asyncio.Semaphore] | None = getattr(state, "media_turns", None)
    if known is None or known[0] != settings.media_requests:
        known = state.media_turns = (settings.media_requests, asyncio.Semaphore(settings.media_requests))
    turns = known[1]
    try:
        async with asyncio.timeout(settings.media_wait):
            await turns.acquire()
    except TimeoutError as error:
        raise Unavailable("Other pictures and movies are being worked on. Try again in a moment.") from error
    try:
        yield
    finally:
        turns.release()
