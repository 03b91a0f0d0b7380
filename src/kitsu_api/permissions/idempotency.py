"""Safe retries: a POST with an `Idempotency-Key` is done once, and answered the same again for a day.

The key counts for one person, one path and one body. It is taken when the caller is known, before anything
is done; the answer is kept when it leaves, which is after the commit. Answers lie in Valkey encrypted, since
some of them hold what is shown only once.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import Request
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.errors import BadRequest, Conflict
from kitsu_api.settings import Settings

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

logger = logging.getLogger(__name__)

HEADER = "idempotency-key"
_FORM = re.compile(r"[\x21-\x7e]{1,255}")
KEPT = 86_400
"""Seconds for which an answer is kept."""

RUNNING = 600
"""Seconds after which a request that never answered is given up."""

PATIENCE = 30.0
"""Seconds for which a second request waits for the first one's answer."""

MAXIMUM = 1_000_000
"""Bytes of an answer that is kept."""

FILES = ("multipart/form-data", "application/offset+octet-stream")
"""Bodies that may be larger than what is read into memory."""

_RUNS, _DONE, _SHOWN = "runs", "done", "kept"


class Replay(Exception):
    """The request was answered before: this is the answer."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        super().__init__("answered before")
        self.status, self.headers, self.body = status, headers, body


@dataclass(frozen=True)
class Once:
    """A request that is being done under a key."""

    valkey: Redis
    name: str
    fingerprint: str
    cipher: Fernet

    async def keep(self, status: int, headers: dict[str, str], body: bytes | None) -> None:
        """Keep the answer; a refusal frees the key, and None stands for a body that is too long to keep.

        What was done is answered also where Valkey has gone away meanwhile: the key stays taken until the
        request counts as given up.
        """
        try:
            await self._keep(status, headers, body)
        except (RedisError, OSError):
            logger.warning("The answer to an Idempotency-Key could not be kept.", exc_info=True)

    async def _keep(self, status: int, headers: dict[str, str], body: bytes | None) -> None:
        if status >= 400:
            await self.forget()
            return
        if body is None:
            await self.valkey.set(self.name, f"{_DONE}:{self.fingerprint}:", ex=KEPT)
            return
        told = {"status": status, "headers": headers, "body": base64.b64encode(body).decode()}
        sealed = self.cipher.encrypt(json.dumps(told).encode()).decode()
        await self.valkey.set(self.name, f"{_SHOWN}:{self.fingerprint}:{sealed}", ex=KEPT)

    async def forget(self) -> None:
        """Free the key: nothing was done."""
        await self.valkey.delete(self.name)


def _cipher(settings: Settings) -> Fernet:
    from cryptography.fernet import Fernet  # 7 MB, which wait until somebody sends a key

    seed = hashlib.sha256(b"idempotency:" + settings.signing_key().encode()).digest()
    return Fernet(base64.urlsafe_b64encode(seed))


async def _fingerprint(request: Request) -> str:
    """What tells one body from another; of files, which routes read piece by piece, their length."""
    seen = hashlib.sha256(f"{request.url.query}\n".encode())
    if request.headers.get("content-type", "").strip().lower().startswith(FILES):
        seen.update(request.headers.get("content-length", "").encode())
    else:
        seen.update(await request.body())
    return seen.hexdigest()


async def begin(
    request: Request, session: AsyncSession, valkey: Redis, settings: Settings, person_id: UUID
) -> Once | None:
    """Take the key of a request; None when it has none.

    Raises:
        BadRequest: the key is malformed, or came with another body before.
        Conflict: the first request goes on, or its answer was too long to keep.
        Replay: it was answered before.
    """
    key = request.headers.get(HEADER)
    if request.method != "POST" or key is None:
        return None
    if not _FORM.fullmatch(key):
        raise BadRequest("Idempotency-Key: 1 to 255 visible ASCII characters, without spaces.")
    about = hashlib.sha256(f"{person_id}\n{request.scope['path']}\n{key}".encode()).hexdigest()
    once = Once(valkey, f"kitsu:once:{about}", await _fingerprint(request), _cipher(settings))
    waited, pause = 0.0, 0.02
    while not await valkey.set(once.name, f"{_RUNS}:{once.fingerprint}:", nx=True, ex=RUNNING):
        if not waited:
            await session.commit()  # nothing was written: the connection is for those who work
        _look(once, await valkey.get(once.name))
        if waited >= PATIENCE:
            raise Conflict("The first request with this Idempotency-Key is not done yet. Try again later.")
        await asyncio.sleep(pause)
        waited, pause = waited + pause, min(pause * 1.5, 0.5)
    return once


def _look(once: Once, kept: str | None) -> None:
    """Look at what is known of the first request; return when it goes on, or was given up."""
    if kept is None:
        return
    state, fingerprint, sealed = kept.split(":", 2)
    if fingerprint != once.fingerprint:
        raise BadRequest("This Idempotency-Key came with another request before. Take a new one.")
    if state == _DONE:
        raise Conflict("This was done before; the answer was too long to keep.")
    if state == _SHOWN:
        from cryptography.fernet import InvalidToken

        try:
            told = json.loads(once.cipher.decrypt(sealed.encode()))
        except InvalidToken:
            raise Conflict("This was done before, under another secret key of the server.") from None
        raise Replay(told["status"], told["headers"], base64.b64decode(told["body"]))
