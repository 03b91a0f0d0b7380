"""Parts of long answers: made while others are sent, or begun before anybody is known to want them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable


class Ahead:
    """Parts that are made while others are sent, from the moment on at which this is made."""

    def __init__(self, parts: AsyncIterator[bytes], at_most: int = 1) -> None:
        """`at_most`: how many parts wait to be sent."""
        self._ready: asyncio.Queue[bytes | Exception | None] = asyncio.Queue(at_most)
        self._done = False
        # the task knows nothing of this object, so that it ends with it, if nobody closes it
        self._making = asyncio.create_task(_make(parts, self._ready))

    def __aiter__(self) -> Ahead:
        """The parts, once."""
        return self

    async def __anext__(self) -> bytes:
        """The next part."""
        part = None if self._done else await self._ready.get()
        if isinstance(part, bytes):
            return part
        self._done = True
        raise StopAsyncIteration if part is None else part

    async def aclose(self) -> None:
        """Make no more of them, and give back what they are made with."""
        self._making.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._making

    def __del__(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._making.cancel()


async def _make(parts: AsyncIterator[bytes], ready: asyncio.Queue[bytes | Exception | None]) -> None:
    try:
        async for part in parts:
            await ready.put(part)
    except Exception as error:
        await ready.put(error)
    else:
        await ready.put(None)
    finally:
        if isinstance(parts, AsyncGenerator):
            await parts.aclose()


class Parts:
    """The parts of an answer: made when they are asked for, or begun before it is known whether they are."""

    AHEAD = 4
    """Parts that are made before anybody asks for them."""

    def __init__(self, make: Callable[[], AsyncIterator[bytes]]) -> None:
        self._make = make
        self._begun: Ahead | None = None

    def begin(self) -> None:
        """Make the first ones, beside whatever else there is to do."""
        self._begun = Ahead(self._make(), self.AHEAD)

    def made(self) -> Ahead:
        """All of them."""
        begun, self._begun = self._begun, None
        return begun or Ahead(self._make())

    async def drop(self) -> None:
        """Give up what was begun, if anything was; it can be made anew."""
        begun, self._begun = self._begun, None
        if begun is not None:
            await begun.aclose()
