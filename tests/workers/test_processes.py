"""Workers as processes of their own, killed, frozen, cut off from Valkey: each job is done, and once."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select

from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.models import OutboxMessage, Studio, TrackedJob
from kitsu_api.db.repositories.jobs import Jobs
from kitsu_api.embedded import services
from kitsu_api.outbox import RELAY_AFTER, DatabaseOutbox
from kitsu_api.realtime.bell import ValkeyBell
from kitsu_api.services import jobs
from kitsu_api.workers import register
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.queue import ArqQueue
from tests.conftest import make_settings
from tests.live import ROOT, environment
from tests.workers import probes

PATIENCE = 120.0
HEARTBEAT = "0.5"


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    functions = {queue: dict(known) for queue, known in register.FUNCTIONS.items()}
    monkeypatch.setattr(register, "FUNCTIONS", functions)
    monkeypatch.setattr(jobs, "KINDS", dict(jobs.KINDS))
    monkeypatch.setattr(register, "KINDS", jobs.KINDS)
    probes.install()


class Tracker:
    """A server without its API: what queues jobs, looks at them, and starts workers."""

    def __init__(self, settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.engine = make_engine(settings)
        self.sessions = make_sessions(self.engine)
        self.queue = ArqQueue(settings.redis_url)
        valkey = Redis.from_url(settings.redis_url)
        self.outbox = DatabaseOutbox(self.sessions, ValkeyBell(valkey, settings.redis_url), self.queue)
        self.context = JobContext(settings, self.sessions, valkey, self.outbox)
        self.workers: list[subprocess.Popen[bytes]] = []

    async def start(self, kind: str, key: str | None = None):
        async with self.context.unit_of_work() as uow:
            return await jobs.start(uow, None, kind, {"folder": str(self.folder)}, key=key)

    async def row(self, id) -> TrackedJob:
        async with self.sessions() as session:
            found = await Jobs(session).find(id)
            assert found is not None
            return found

    async def effects(self, id) -> int:
        async with self.sessions() as session:
            count = select(func.count()).select_from(Studio).where(Studio.name == str(id))
            return int(await session.scalar(count) or 0)

    def worker(self, queues: str = "quick,media") -> subprocess.Popen[bytes]:
        own = {
            "KITSU_JOBS_INLINE": "false",
            "KITSU_JOB_HEARTBEAT_SECONDS": HEARTBEAT,
            "KITSU_WORKER_CONCURRENCY": "2",
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        }
        values = environment(str(self.settings.database_url), str(self.settings.redis_url), self.folder)
        log = self.folder / f"worker-{len(self.workers)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.workers.probes", queues],
                env=values | own,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.workers.append(process)
        return process

    async def until(self, happened, what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not await happened():
            if time.monotonic() > deadline:
                logs = "\n".join(path.read_text() for path in sorted(self.folder.glob("worker-*.log")))
                raise AssertionError(f"{what}\n{logs}")
            await asyncio.sleep(0.02)

    async def begun(self, id, attempt: int = 1) -> int:
        """Wait until an attempt has begun; its process."""
        path = probes.begun_file(self.folder, id, attempt)

        async def there() -> bool:
            return path.exists()

        await self.until(there, f"attempt {attempt} has not begun")
        return int(path.read_text())

    async def is_now(self, id, status: str) -> TrackedJob:
        async def so() -> bool:
            return (await self.row(id)).status == status

        await self.until(so, f"the job is not {status}")
        return await self.row(id)

    async def close(self) -> None:
        for process in self.workers:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
        await self.queue.close()
        await self.context.valkey.aclose()
        await self.engine.dispose()


@pytest.fixture
async def studio(tmp_path, migrated_database, valkey, valkey_url):
    studio = Tracker(make_settings(tmp_path, migrated_database, valkey_url), tmp_path)
    yield studio
    await studio.close()


@pytest.fixture
def own_valkey():
    """A Valkey that this test may kill; it keeps nothing on the disk."""
    folder = Path(tempfile.mkdtemp(prefix="kitsu-test-"))
    with services.start(folder, durable=False, postgres_url="postgresql://unused") as running:
        assert running.valkey is not None
        yield running.valkey
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def lonely_studio(tmp_path, migrated_database, own_valkey):
    """A studio whose Valkey this test may kill."""
    studio = Tracker(make_settings(tmp_path, migrated_database, own_valkey.url), tmp_path)
    yield studio
    await studio.close()


async def test_the_job_of_a_killed_worker_is_finished_by_another_and_takes_effect_once(studio):
    id = await studio.start("probe")
    first = studio.worker()
    assert await studio.begun(id) == first.pid
    first.kill()
    second = studio.worker()
    assert await studio.begun(id, 2) == second.pid
    probes.let_go(studio.folder)
    job = await studio.is_now(id, "succeeded")
    assert (job.result, job.attempts) == ({"pid": second.pid}, 2)
    assert await studio.effects(id) == 1


async def test_a_worker_that_was_frozen_finds_its_job_gone_and_changes_nothing(studio):
    id = await studio.start("probe_stubborn")
    first = studio.worker()
    assert await studio.begun(id) == first.pid
    second = studio.worker()
    job = await studio.is_now(id, "succeeded")
    assert await studio.begun(id, 2) == second.pid
    probes.let_go(studio.folder)

    async def noticed() -> bool:
        return (studio.folder / "lost").exists()

    await studio.until(noticed, "the first worker did not notice")
    assert await studio.effects(id) == 1
    assert (await studio.row(id)).ended_at == job.ended_at


@pytest.mark.parametrize("kind", ["probe_frozen", "probe_frozen_row"])
async def test_what_a_frozen_worker_has_locked_is_let_go_when_another_takes_its_job(studio, kind):
    id = await studio.start(kind)
    first = studio.worker()
    assert await studio.begun(id) == first.pid
    second = studio.worker()
    job = await studio.is_now(id, "succeeded")
    assert (job.result, job.attempts, job.error) == ({"pid": second.pid}, 2, None)
    probes.let_go(studio.folder)

    async def noticed() -> bool:
        return "another worker's by now" in (studio.folder / "worker-0.log").read_text()

    await studio.until(noticed, "the first worker did not notice")
    assert await studio.effects(id) == 1
    after = await studio.row(id)
    assert (after.status, after.ended_at, after.result) == (job.status, job.ended_at, job.result)
    assert first.poll() is None, "it goes on with other jobs"


async def test_a_worker_that_is_stopped_leaves_its_job_to_the_next_one(studio):
    id = await studio.start("probe")
    first = studio.worker()
    await studio.begun(id)
    first.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(first.wait, PATIENCE) == 0
    job = await studio.row(id)
    assert (job.status, job.interruptions) == ("queued", 1)
    probes.let_go(studio.folder)
    studio.worker()
    await studio.is_now(id, "succeeded")
    assert await studio.effects(id) == 1


async def test_a_flushed_valkey_loses_no_job(studio, valkey):
    ids = [await studio.start("probe") for _ in range(5)]
    probes.let_go(studio.folder)
    await valkey.flushdb()
    studio.worker()
    for id in ids:
        await studio.is_now(id, "succeeded")
        assert await studio.effects(id) == 1


async def test_a_valkey_that_is_killed_and_comes_back_empty_loses_no_job(lonely_studio, own_valkey):
    studio = lonely_studio
    running = [await studio.start("probe") for _ in range(2)]
    process = studio.worker()
    for id in running:
        await studio.begun(id)
    waiting = [await studio.start("probe") for _ in range(2)]
    own_valkey.process.kill()
    own_valkey.process.wait()
    probes.let_go(studio.folder)
    for id in running:
        await studio.is_now(id, "succeeded")
    assert {(await studio.row(id)).status for id in waiting} == {"queued"}
    own_valkey.start()
    for id in waiting:
        await studio.is_now(id, "succeeded")
    assert [await studio.effects(id) for id in running + waiting] == [1, 1, 1, 1]
    assert {(await studio.row(id)).attempts for id in running + waiting} == {1}
    assert process.poll() is None, "the worker outlives it"


async def test_what_is_queued_while_valkey_is_away_is_sent_later(lonely_studio, own_valkey):
    studio = lonely_studio
    probes.let_go(studio.folder)
    own_valkey.process.kill()
    own_valkey.process.wait()
    studio.queue._settings.conn_retries = 0
    id = await studio.start("probe")
    async with studio.sessions() as session:
        message = (await session.scalars(select(OutboxMessage))).one()
        message.created_at -= 2 * RELAY_AFTER
        await session.commit()
    own_valkey.start()
    assert await studio.outbox.relay_forgotten() == 1
    studio.worker()
    await studio.is_now(id, "succeeded")
    assert await studio.effects(id) == 1


async def test_a_running_job_shows_how_far_it_is_and_ends_when_it_is_cancelled(studio):
    id = await studio.start("probe")
    studio.worker()
    await studio.begun(id)

    async def moved() -> bool:
        return (await studio.row(id)).done > 0

    await studio.until(moved, "no progress was seen")
    async with studio.sessions() as session:
        assert (await Jobs(session).cancel(id)).status == "running"
        await session.commit()
    await studio.is_now(id, "cancelled")
    assert await studio.effects(id) == 0


async def test_work_in_a_thread_ends_when_it_is_cancelled(studio):
    id = await studio.start("probe_thread")
    studio.worker()
    await studio.begun(id)
    async with studio.sessions() as session:
        await Jobs(session).cancel(id)
        await session.commit()
    await studio.is_now(id, "cancelled")


async def test_long_media_jobs_hold_up_no_quick_ones_and_stand_back(studio):
    media = [await studio.start("probe_thread") for _ in range(3)]
    studio.worker()
    await studio.begun(media[0])
    quick = await studio.start("probe_stubborn")
    await studio.begun(quick)
    assert (await studio.row(media[0])).status == "running"
    assert {(await studio.row(id)).status for id in media[1:]} == {"queued"}, "one at a time"
    probes.let_go(studio.folder)
    await studio.is_now(quick, "succeeded")
    for id in media:
        job = await studio.is_now(id, "succeeded")
        assert job.result == {"niceness": 10 if sys.platform == "linux" else 0}


async def test_a_worker_of_one_queue_leaves_the_others_alone(studio):
    probes.let_go(studio.folder)
    quick, media = await studio.start("probe"), await studio.start("probe_thread")
    studio.worker("media")
    await studio.is_now(media, "succeeded")
    assert (await studio.row(quick)).status == "queued"
    studio.worker("quick")
    await studio.is_now(quick, "succeeded")


async def test_a_job_that_takes_every_worker_down_is_given_up(studio):
    id = await studio.start("probe")
    async with studio.sessions() as session:
        job = await Jobs(session).find(id)
        job.attempts = 4
        await session.commit()
    first = studio.worker()
    await studio.begun(id, 5)
    first.kill()
    studio.worker()
    job = await studio.is_now(id, "failed")
    assert "workers that took it ended" in job.error
