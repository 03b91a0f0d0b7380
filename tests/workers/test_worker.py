"""The worker: it does what is queued, relays what was forgotten, and ends when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.models import OutboxMessage
from kitsu_api.outbox import RELAY_AFTER
from kitsu_api.workers import settings as worker_settings
from kitsu_api.workers.queue import ArqQueue
from kitsu_api.workers.register import QUICK
from kitsu_api.workers.settings import HEALTH_SECONDS, make_worker, work
from tests.conftest import make_settings
from tests.workers.mail_server import mail_server

MAIL = {"to": "ada@studio.example", "subject": "News", "text": "Hello", "html": "<p>Hello</p>"}
DEADLINE = 60


async def until(condition) -> None:
    async with asyncio.timeout(DEADLINE):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.fixture
def worker_of(tmp_path, migrated_database, valkey, valkey_url):
    """Settings of a worker on a database of its own, whose mails go to `port`."""

    def build(port: int, **changes):
        settings = make_settings(tmp_path, migrated_database, valkey_url)
        values = {"mail_to_log": False, "mail_server": "127.0.0.1", "mail_port": port, **changes}
        return settings.model_copy(update=values)

    return build


@contextlib.asynccontextmanager
async def working(settings):
    stop = asyncio.Event()
    task = asyncio.create_task(work(settings, stop))
    yield task
    stop.set()
    async with asyncio.timeout(DEADLINE):
        await task


async def test_queued_jobs_are_done(worker_of, valkey_url):
    async with mail_server() as server:
        queue = ArqQueue(valkey_url)
        await queue.enqueue("send_mail", MAIL, None)
        async with working(worker_of(server.port)):
            await until(lambda: server.received)
        await queue.close()


async def test_a_job_with_a_key_can_be_queued_again_once_it_is_done(worker_of, valkey_url):
    async with mail_server() as server:
        queue = ArqQueue(valkey_url)
        async with working(worker_of(server.port)):
            for number in (1, 2):
                await queue.enqueue("send_mail", MAIL, "the same")
                await until(lambda number=number: len(server.received) == number)
                # the id is free once the worker has cleaned up behind the job
                async with asyncio.timeout(DEADLINE):
                    while await queue._pool.exists("arq:in-progress:send_mail:the same"):
                        await asyncio.sleep(0.02)
        await queue.close()


async def test_what_another_process_forgot_is_relayed(worker_of):
    async with mail_server() as server:
        settings = worker_of(server.port, outbox_relay=True)
        engine = make_engine(settings)
        async with make_sessions(engine)() as session:
            job = {"name": "send_mail", "arguments": MAIL, "key": None}
            message = OutboxMessage(jobs=[job])
            session.add(message)
            await session.flush()
            message.created_at = message.created_at - 2 * RELAY_AFTER
            await session.commit()
        await engine.dispose()
        async with working(settings):
            await until(lambda: server.received)


async def test_the_worker_says_that_it_is_well_and_stops_saying_so(worker_of, valkey):
    async with working(worker_of(1)):
        async with asyncio.timeout(DEADLINE):
            while not await valkey.exists("arq:queue:health-check"):
                await asyncio.sleep(0.02)
        assert await valkey.ttl("arq:queue:health-check") <= HEALTH_SECONDS + 1
    assert not await valkey.exists("arq:queue:health-check")


async def test_arq_reads_the_settings(worker_of):
    settings = worker_of(1, worker_concurrency=3, worker_media_concurrency=2)
    quick = make_worker(settings, QUICK, {})
    assert (quick.max_jobs, quick.job_timeout_s, quick.max_tries, quick.keep_result_s) == (3, 120, 5, 0)
    assert quick.in_progress_timeout_s == 130, "what a killed worker was at is begun again after these"


def test_without_valkey_the_worker_says_what_to_set(settings):
    with pytest.raises(RuntimeError, match="REDIS_URL"):
        make_worker(settings.model_copy(update={"redis_url": None}), QUICK, {})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_worker_cleanly(worker_of, number):
    settings = worker_of(1)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": "src",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": "a key of tests, long enough to sign tokens",
    }
    code = (
        "import logging; logging.basicConfig(level='INFO');"
        "from kitsu_api.settings import Settings; from kitsu_api.workers.settings import run; run(Settings())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    patience = threading.Timer(DEADLINE, process.kill)
    patience.start()
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "ready" in line:
            process.send_signal(number)
    assert process.wait() == 0, lines
    patience.cancel()
    assert "The worker has ended." in lines[-1]


async def test_jobs_lie_in_valkey_as_json(valkey_url):
    queue = ArqQueue(valkey_url)
    await queue.enqueue("send_mail", MAIL, "one")
    assert queue._pool is not None
    kept = await queue._pool.get("arq:job:send_mail:one")
    await queue._pool.flushdb()
    await queue.close()
    assert json.loads(kept)["k"] == MAIL


async def test_a_worker_of_which_a_part_is_broken_ends(worker_of, monkeypatch):
    async def broken(context, enough):
        raise RuntimeError("a part is broken")

    monkeypatch.setattr(worker_settings, "follow_events", broken)
    with pytest.raises(RuntimeError, match="a part is broken"):
        async with asyncio.timeout(DEADLINE):
            await work(worker_of(1, outbox_relay=True), asyncio.Event())
