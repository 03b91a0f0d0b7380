"""Passwords and recovery codes: bcrypt, in threads, in the format that existing databases hold."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from passlib.hash import bcrypt

from kitsu_api.errors import BadRequest, Unavailable
from kitsu_api.settings import Settings

logger = logging.getLogger(__name__)
T = TypeVar("T")

LONGEST = 72
"""Bytes that bcrypt reads; it would cut off the rest in silence, so longer ones are refused."""

RECOVERY_ROUNDS = 8
"""Cost of a recovery code's hash: the code is random (51 bits), and sixteen of them are made at a time."""

QUEUE = 64
"""Hashes that may wait for a thread; beyond that the server says that it is busy."""

THREADS = max(1, min(4, (os.cpu_count() or 1) - 1))
"""Hashes that a process makes at once: a core is left to those that answer."""

NICENESS = 10
"""How much threads that hash give way: they get a tenth of the time of others that want the same core. More
would be too much: on a machine that is always busy nobody would get in."""

_DUMMY = ".0123456789abcdefghiju" + "0123456789abcdefghijklmnopqrstu"
"""Salt and digest of no password: what an account that does not exist is checked against."""


def _give_way() -> None:
    """Let this thread run after those of the event loops and of PostgreSQL.

    bcrypt lets go of the interpreter, but not of the core: two people who sign in would hold both cores of a
    small machine for a quarter of a second, and all that answers would wait for its turn.
    """
    if sys.platform != "linux":  # elsewhere the priority is that of the whole process
        return
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
    except OSError:
        logger.info("Threads that hash passwords keep their priority: the system does not let them lower it.")


class _Threads:
    """A few threads for hashing (bcrypt lets other threads run meanwhile), and a bound on who waits."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="bcrypt", initializer=_give_way)
        self._waiting = 0

    async def run(self, work: Callable[[], T]) -> T:
        if self._waiting >= QUEUE:
            raise Unavailable
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


_threads = _Threads(THREADS)


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
