"""Big answers: compressed while they are computed, and kept on disk under a name that says what they show.

A kept answer is never told to be out of date: its name holds the version of the data, so that a changed
board has another name. What has not been asked for longest goes when the folder is full.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from weakref import WeakValueDictionary

import brotli
import zstandard
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from kitsu_api.routers.answer_parts import Parts

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Draft:
    """An answer that is being written."""

    file: BinaryIO
    path: Path


SMALL = 1400
"""Bytes that fit into one packet: nothing is gained by compressing less."""

READ_BYTES = 1024 * 1024

SLOW_SECONDS = 1.0
"""Seconds that those who wait for an answer wait for a client that is slow to take it."""


class Encoder(Protocol):
    """Compresses a stream."""

    def compress(self, data: bytes) -> bytes:
        """What is ready of the stream so far."""

    def flush(self) -> bytes:
        """The end of the stream."""


class _Brotli:
    """Brotli with the methods of the others."""

    def __init__(self) -> None:
        self._compressor = brotli.Compressor(quality=1)

    def compress(self, data: bytes) -> bytes:
        """What is ready of the stream so far."""
        ready: bytes = self._compressor.process(data)
        return ready

    def flush(self) -> bytes:
        """The end of the stream."""
        end: bytes = self._compressor.finish()
        return end


class _Plain:
    """No compression."""

    def compress(self, data: bytes) -> bytes:
        """The data."""
        return data

    def flush(self) -> bytes:
        """Nothing."""
        return b""


def encoder(name: str) -> Encoder:
    """A compressor for a content coding, on its fastest level: a board is read once, then kept."""
    if name == "zstd":
        return zstandard.ZstdCompressor(level=1).compressobj()
    if name == "br":
        return _Brotli()
    if name == "gzip":
        return zlib.compressobj(1, zlib.DEFLATED, 31)
    return _Plain()


def pressed(body: bytes, coding: str) -> bytes:
    """A whole body in a content coding."""
    press = encoder(coding)
    return press.compress(body) + press.flush()


def accepted_encoding(header: str) -> str:
    """The best coding that `Accept-Encoding` takes (RFC 9110, 12.5.3): zstd, br, gzip or identity."""
    weights: dict[str, float] = {}
    for part in header.split(","):
        name, _, parameters = part.strip().lower().partition(";")
        weight = 1.0
        if parameters.strip().startswith("q="):
            try:
                weight = float(parameters.strip()[2:])
            except ValueError:
                weight = 0.0
        weights[name.strip()] = weight
    others = weights.get("*", 0.0)
    for name in ("zstd", "br", "gzip"):
        if weights.get(name, others) > 0:
            return name
    return "identity"


def matches(header: str | None, etag: str) -> bool:
    """Whether an `If-None-Match` header names this answer (weak comparison, RFC 9110, 8.8.3.2)."""
    if header is None:
        return False
    if header.strip() == "*":
        return True
    known = {part.strip().removeprefix("W/") for part in header.split(",")}
    return etag.removeprefix("W/") in known


class _Turn:
    """The turn to compute an answer for which others wait. A client that is slow to take it gives it up: who
    waits then computes it anew, rather than being as slow."""

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock = lock
        self._held = False
        self._patience = SLOW_SECONDS

    async def __aenter__(self) -> None:
        await self._lock.acquire()
        self._held = True

    async def __aexit__(self, *raised: object) -> None:
        self._give_up()

    def _give_up(self) -> None:
        if self._held:
            self._held = False
            self._lock.release()

    def timed(self, send: Send) -> Send:
        """Sends, and counts how long that takes."""
        loop = asyncio.get_running_loop()

        async def timed(message: Message) -> None:
            if not self._held:
                await send(message)
                return
            began = loop.time()
            timer = loop.call_later(self._patience, self._give_up)
            try:
                await send(message)
            finally:
                timer.cancel()
                self._patience = max(self._patience - (loop.time() - began), 0.0)

        return timed


class AnswerStore:
    """Finished answers in a folder of at most `limit` bytes; 0 keeps none."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self.limit = limit
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def lock(self, name: str) -> asyncio.Lock:
        """Held by whoever computes this answer; others wait and take theirs from disk."""
        found = self._locks.get(name)
        if found is None:
            found = self._locks[name] = asyncio.Lock()
        return found

    def open(self, name: str) -> BinaryIO | None:
        """A kept answer, noted as asked for just now."""
        if not self.limit:
            return None
        path = self.folder / name
        try:
            kept = path.open("rb")
            os.utime(path)
        except OSError:
            return None
        return kept

    def begin(self) -> Draft | None:
        """A file for an answer that is being computed; None when none can be kept."""
        if not self.limit:
            return None
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, path = tempfile.mkstemp(prefix="new-", dir=self.folder)
            return Draft(os.fdopen(descriptor, "wb"), Path(path))
        except OSError as error:
            logger.warning("Answers can't be kept: %s", error.strerror)
            return None

    def keep(self, draft: Draft, end: bytes, name: str) -> None:
        """Write the end of an answer, and give it its name."""
        try:
            draft.file.write(end)
            draft.file.close()
            draft.path.replace(self.folder / name)
            self.prune()
        except OSError as error:
            logger.warning("An answer can't be kept: %s", error.strerror)
            self.drop(draft)

    def drop(self, draft: Draft) -> None:
        """Forget an answer that was not finished."""
        with contextlib.suppress(OSError):
            draft.file.close()
        with contextlib.suppress(OSError):
            draft.path.unlink()

    def prune(self) -> None:
        """Delete what nobody has asked for longest until the rest fits."""
        kept = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    status = entry.stat()
                    kept.append((status.st_mtime, status.st_size, entry.path))
        total = sum(size for _, size, _ in kept)
        for _, size, path in sorted(kept):
            if total <= self.limit:
                return
            with contextlib.suppress(OSError):
                os.unlink(path)
            total -= size


class StreamedAnswer(Response):
    """An answer whose parts are computed while it is sent, and kept for the next who asks."""

    def __init__(
        self,
        parts: Parts,
        media_type: str,
        headers: Mapping[str, str],
        *,
        coding: str = "identity",
        store: AnswerStore | None = None,
        name: str = "",
        worth_keeping: int = SMALL,
    ) -> None:
        """`worth_keeping`: bytes from which on an answer is kept; one of a single part that is smaller is
        as quickly made again."""
        self._parts = parts
        self._coding = coding
        self._store = store
        self._name = f"{name}.{coding}"
        self._worth_keeping = worth_keeping
        self._draft: Draft | None = None
        self._writing: asyncio.Future[int] | None = None
        self.media_type = media_type
        self.status_code = 200
        self.background = None
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is kept, else compute it."""
        if self._store is None:
            await self._compute(send, None)
            return
        lock = self._store.lock(self._name)
        if lock.locked():
            # whoever computes it may be waiting for the connection that ours are made with
            await self._parts.drop()
        turn = _Turn(lock)
        async with turn:
            kept = await asyncio.to_thread(self._store.open, self._name)
            if kept is None:
                draft = await asyncio.to_thread(self._store.begin)
                await self._compute(turn.timed(send), draft)
                return
        await self._parts.drop()
        await self._send_kept(kept, send)

    async def _start(self, send: Send, coding: str, length: int | None) -> None:
        if coding != "identity":
            self.headers["content-encoding"] = coding
        if length is not None:
            self.headers["content-length"] = str(length)
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})

    async def _send_kept(self, kept: BinaryIO, send: Send) -> None:
        with kept:
            await self._start(send, self._coding, os.fstat(kept.fileno()).st_size)
            while data := await asyncio.to_thread(kept.read, READ_BYTES):
                await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _compute(self, send: Send, draft: Draft | None) -> None:
        self._draft = draft
        parts = self._parts.made()
        try:
            first = await anext(parts, b"")
            second = await anext(parts, None)
            if second is None and len(first) < self._worth_keeping:
                await self._send_whole(first, send)
                return
            await self._start(send, self._coding, None)
            press = encoder(self._coding)
            await self._pass(press, first, send)
            if second is not None:
                await self._pass(press, second, send)
            async for part in parts:
                await self._pass(press, part, send)
            end = press.flush()
            await send({"type": "http.response.body", "body": end, "more_body": False})
            await self._written()
            if self._draft is not None and self._store is not None:
                draft, self._draft = self._draft, None
                await asyncio.to_thread(self._store.keep, draft, end, self._name)
        finally:
            await parts.aclose()
            await self._written()
            self._forget()

    async def _send_whole(self, body: bytes, send: Send) -> None:
        coding = self._coding if len(body) >= SMALL else "identity"
        if coding != "identity":
            body = await asyncio.to_thread(pressed, body, coding)
        await self._start(send, coding, len(body))
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _forget(self) -> None:
        """Give up keeping this answer."""
        if self._draft is not None and self._store is not None:
            self._store.drop(self._draft)
        self._draft = None

    async def _pass(self, press: Encoder, part: bytes, send: Send) -> None:
        """Compress a part, send it, and have it kept meanwhile."""
        plain = self._coding == "identity"
        ready = part if plain else await asyncio.to_thread(press.compress, part)
        if not ready:
            return
        await self._written()
        if self._draft is not None:
            self._writing = asyncio.get_running_loop().run_in_executor(None, self._draft.file.write, ready)
        await send({"type": "http.response.body", "body": ready, "more_body": True})

    async def _written(self) -> None:
        """Wait until what is being kept is on disk; what can't be is forgotten."""
        writing, self._writing = self._writing, None
        if writing is not None:
            try:
                await writing
            except OSError as error:
                logger.warning("An answer can't be kept: %s", error.strerror)
                self._forget()
