"""Passwords and recovery codes: bcrypt, in threads, in the format that existing databases hold."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from passlib.hash import bcrypt

from kitsu_api.errors import BadRequest, Unavailable
from kitsu_api.settings import Settings

T = TypeVar("T")

LONGEST = 72
"""Bytes that bcrypt reads; it would cut off the rest in silence, so longer ones are refused."""

RECOVERY_ROUNDS = 8
"""Cost of a recovery code's hash: the code is random (51 bits), and sixteen of them are made at a time."""

QUEUE = 64
"""Hashes that may wait for a thread; beyond that the server says that it is busy."""

_DUMMY = ".0123456789abcdefghiju" + "0123456789abcdefghijklmnopqrstu"
"""Salt and digest of no password: what an account that does not exist is checked against."""


class _Threads:
    """A few threads for hashing (bcrypt lets other threads run meanwhile), and a bound on who waits."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="bcrypt")
        self._waiting = 0

    async def run(self, work: Callable[[], T]) -> T:
        if self._waiting >= QUEUE:
            raise Unavailable
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


_threads = _Threads(max(1, min(4, os.cpu_count() or 1)))


def _dummy(rounds: int) -> bytes:
    return f"$2b${rounds:02d}${_DUMMY}".encode()


def _matches(password: str, hashed: bytes) -> bool:
    try:
        return bool(bcrypt.verify(password, hashed))
    except (ValueError, TypeError):
        # an unreadable hash, such as one of another algorithm, fits no password
        return False


def refuse_unusable(password: str) -> None:
    """Refuse what bcrypt can't read whole.

    Raises:
        BadRequest: longer than 72 bytes, or with a NUL character.
    """
    if len(password.encode(errors="surrogatepass")) > LONGEST:
        raise BadRequest(f"A password has at most {LONGEST} bytes.")
    if "\x00" in password or any("\ud800" <= character <= "\udfff" for character in password):
        raise BadRequest("The password holds a character that can't be stored.")


def check_new(settings: Settings, password: str, confirmation: str) -> None:
    """Whether somebody may choose this password.

    Raises:
        BadRequest: too short, too long, or the confirmation differs.
    """
    if password != confirmation:
        raise BadRequest("Confirmation password doesn't match.")
    if len(password) < settings.min_password_length:
        raise BadRequest(f"Password is too short: it needs {settings.min_password_length} characters.")
    refuse_unusable(password)


async def hash_password(settings: Settings, password: str) -> bytes:
    """The stored form of a password.

    Raises:
        BadRequest: bcrypt can't read it whole.
    """
    refuse_unusable(password)
    hasher = bcrypt.using(rounds=settings.bcrypt_log_rounds, ident="2b")
    hashed: str = await _threads.run(lambda: hasher.hash(password))
    return hashed.encode()


async def verify(settings: Settings, password: str, hashed: bytes | None) -> bool:
    """Whether the password is right. With no hash it is not, and finding out takes as long.

    Raises:
        BadRequest: bcrypt can't read the password whole.
    """
    refuse_unusable(password)
    known = hashed or None
    checked = known or _dummy(settings.bcrypt_log_rounds)
    right = await _threads.run(lambda: _matches(password, checked))
    return right and known is not None


async def hash_codes(settings: Settings, codes: Sequence[str]) -> list[bytes]:
    """The stored forms of recovery codes."""
    hasher = bcrypt.using(rounds=min(RECOVERY_ROUNDS, settings.bcrypt_log_rounds), ident="2b")
    return await _threads.run(lambda: [hasher.hash(code).encode() for code in codes])


async def matching(code: str, hashes: Sequence[bytes]) -> bytes | None:
    """The hash that a recovery code belongs to; None when it belongs to none."""
    if len(code.encode(errors="surrogatepass")) > LONGEST:
        return None
    return await _threads.run(lambda: next((known for known in hashes if _matches(code, known)), None))
