"""Hashes of passwords."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time

import pytest
from passlib.hash import bcrypt

from kitsu_api.errors import BadRequest, Unavailable
from kitsu_api.permissions import passwords
from kitsu_api.settings import Settings

SETTINGS = Settings.model_construct(bcrypt_log_rounds=4, min_password_length=8)


async def test_hashes_have_the_stored_format():
    hashed = await passwords.hash_password(SETTINGS, "a password")
    assert hashed.startswith(b"$2b$04$")
    assert len(hashed) == 60
    assert bcrypt.verify("a password", hashed)
    assert await passwords.verify(SETTINGS, "a password", hashed)
    assert not await passwords.verify(SETTINGS, "another one", hashed)


@pytest.mark.parametrize("hashed", [None, b"", b"default", b"$2b$99$nonsense", b"\xff\xfe", b"{SSHA}x"])
async def test_no_hash_and_unreadable_ones_fit_no_password(hashed):
    assert not await passwords.verify(SETTINGS, "default", hashed)


async def test_an_unknown_account_takes_as_long_as_a_known_one():
    settings = Settings.model_construct(bcrypt_log_rounds=9)
    hashed = await passwords.hash_password(settings, "a password")

    async def seconds(known: bytes | None) -> float:
        # of the processor: hashing gives way to whatever else runs on the machine
        started = time.process_time()
        await passwords.verify(settings, "wrong", known)
        return time.process_time() - started

    known = min([await seconds(hashed) for _ in range(5)])
    unknown = min([await seconds(None) for _ in range(5)])
    assert 0.5 < unknown / known < 2


@pytest.mark.parametrize(
    ("password", "good"), [("x" * 72, True), ("x" * 73, False), ("é" * 36, True), ("é" * 37, False)]
)
async def test_more_than_72_bytes_are_refused_not_cut(password, good):
    if good:
        assert await passwords.verify(SETTINGS, password, await passwords.hash_password(SETTINGS, password))
        return
    with pytest.raises(BadRequest):
        await passwords.hash_password(SETTINGS, password)
    with pytest.raises(BadRequest):
        await passwords.verify(SETTINGS, password, None)


async def test_the_event_loop_runs_on_while_passwords_are_hashed():
    settings = Settings.model_construct(bcrypt_log_rounds=10)
    hashing = asyncio.create_task(passwords.hash_password(settings, "a password"))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 1  # of a loop that stands still the task is done after the first


async def test_no_more_hashes_are_made_at_once_than_leave_a_core_to_answers():
    running, most, lock = 0, 0, threading.Lock()
    together = threading.Barrier(passwords.THREADS)

    def hash_something() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(60)
        time.sleep(0.005)
        with lock:
            running -= 1

    await asyncio.gather(*(passwords._threads.run(hash_something) for _ in range(10 * passwords.THREADS)))
    assert most == passwords.THREADS
    assert most == 1 or most < (os.cpu_count() or 1)


@pytest.mark.skipif(sys.platform != "linux", reason="priorities of single threads are Linux's")
async def test_hashing_gives_way_to_what_answers():
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    own = niceness()
    while_hashing = {await passwords._threads.run(niceness) for _ in range(8)}
    assert while_hashing == {max(passwords.NICENESS, own)}
    assert niceness() == own


async def test_a_flood_of_sign_ins_is_told_that_the_server_is_busy():
    tasks = [passwords.hash_password(SETTINGS, "a password") for _ in range(passwords.QUEUE + 10)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(result, Unavailable) for result in results) == 10


async def test_recovery_codes_are_found_among_their_hashes():
    hashes = await passwords.hash_codes(SETTINGS, ["AAAAAAAAA1", "BBBBBBBBB2"])
    assert await passwords.matching("BBBBBBBBB2", hashes) == hashes[1]
    for code in ("CCCCCCCCC3", "", "x" * 100, "\x00"):
        assert await passwords.matching(code, hashes) is None
