"""A server with a PostgreSQL and a Valkey of its own, all of which a test may kill, and people who write."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from pydantic import SecretStr

from kitsu_api.db import migrations
from kitsu_api.db import models as m
from kitsu_api.embedded import services
from kitsu_api.embedded.ports import LOOPBACK, free_port
from kitsu_api.permissions import tokens
from kitsu_api.settings import Settings
from tests import factories
from tests.instances import Instance
from tests.live import KEY, ROOT

PATIENCE = 120.0
HEARTBEAT = {"KITSU_JOB_HEARTBEAT_SECONDS": "0.25", "KITSU_JOBS_INLINE": "false"}


def until(happened: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: it is not, after so many seconds.
    """
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


class Process:
    """`kitsu-api` with some arguments, started, killed and started again under the same settings."""

    def __init__(self, values: dict[str, str], log: Path, *arguments: str) -> None:
        self.values, self.log, self.arguments = values, log, arguments
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as output:
            self.running = subprocess.Popen(
                [sys.executable, "-m", "kitsu_api.cli", *self.arguments],
                env=self.values,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """End it as a power cut does."""
        if self.running is not None:
            with contextlib.suppress(ProcessLookupError):
                self.running.kill()
            self.running.wait()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self.running is not None
        return self.running.pid


class Scene:
    """Everything that may fail, and a film to write about."""

    def __init__(self, started: services.EmbeddedServices, folder: Path, **values: str) -> None:
        assert started.postgres is not None
        assert started.valkey is not None
        self.postgres, self.valkey, self.folder = started.postgres, started.valkey, folder
        self.instance = Instance(started.postgres_url, started.valkey_url, folder)
        self.port = free_port()
        self.address = f"http://{LOOPBACK}:{self.port}"
        self.values = self.instance.environment | HEARTBEAT | values
        serve = ("serve", "--host", LOOPBACK, "--port", str(self.port))
        self.api = Process(self.values, folder / "api.log", *serve)
        self.workers: list[Process] = []
        self.film = factories.production()
        self.admin = factories.person(role="admin")
        link = m.ProjectPersonLink(project_id=self.film.project.id, person_id=self.admin.id)
        self.instance.add(*self.film, self.admin, link)

    @property
    def headers(self) -> dict[str, str]:
        """A token of the admin."""
        settings = Settings.model_construct(secret_key=SecretStr(KEY))
        return {"Authorization": f"Bearer {tokens.issue(settings, self.admin.id)}"}

    def start_api(self) -> None:
        """Start the API, and wait until it answers."""
        self.api.start()

        def answers() -> bool:
            assert self.api.running is not None
            assert self.api.running.poll() is None, self.api.log.read_text()
            with contextlib.suppress(httpx.TransportError):
                return httpx.get(f"{self.address}/", timeout=5).status_code == 200
            return False

        until(answers, "the API does not answer", 2 * PATIENCE)

    def start_worker(self) -> Process:
        """Start one more worker."""
        worker = Process(self.values, self.folder / f"worker-{len(self.workers)}.log", "worker")
        worker.start()
        self.workers.append(worker)
        return worker

    def restart_postgres(self) -> None:
        """Kill PostgreSQL with all that belongs to it, and start it on what is on the disk."""
        assert self.postgres.process is not None
        os.killpg(self.postgres.process.pid, signal.SIGKILL)
        self.postgres.process.wait()
        self.postgres.start()

    def sql(self, query: str, *values: Any) -> list[Any]:
        """Rows of a query."""

        async def run() -> list[Any]:
            connection = await asyncpg.connect(self.instance.database_url.replace("+asyncpg", ""))
            try:
                return list(await connection.fetch(query, *values))
            finally:
                await connection.close()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(run())).result()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask as the admin."""
        # one that makes no TLS context of its own costs a tenth
        with httpx.Client(verify=False, timeout=60, trust_env=False) as client:
            return client.request(method, self.address + path, headers=self.headers, **more)

    def is_well(self) -> None:
        """Everything works again, with no help: reading, writing, and what is told of the parts."""

        def works() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return (
                    self.ask("GET", "/status").status_code == 200
                    and self.comment(str(uuid4())).status_code == 201
                )
            return False

        until(works, "the server did not recover")
        assert " 500 " not in self.api.log.read_text()

    def comment(self, text: str) -> httpx.Response:
        """Comment on the task: several rows, and an event."""
        body = {"task_status_id": str(self.film.task_status.id), "comment": text}
        return self.ask("POST", f"/actions/tasks/{self.film.task.id}/comment", json=body)

    def close(self) -> None:
        """End all processes."""
        for process in (self.api, *self.workers):
            process.kill()


@dataclass
class Writers:
    """People who comment on one task without a pause; `told` are the texts that were acknowledged."""

    scene: Scene
    told: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    _enough: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def writing(self, people: int = 3) -> Iterator[Writers]:
        """They write meanwhile."""
        threads = [threading.Thread(target=self._write, daemon=True) for _ in range(people)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._enough.set()
            for thread in threads:
                thread.join(PATIENCE)

    def _write(self) -> None:
        while not self._enough.is_set():
            text = str(uuid4())
            try:
                answer = self.scene.comment(text)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            self.statuses[answer.status_code] += 1
            if answer.status_code == 201:
                self.told.add(text)
            else:
                time.sleep(0.05)

    def wrote(self, more: int) -> None:
        """Wait until so many more comments were acknowledged."""
        goal = len(self.told) + more
        until(lambda: len(self.told) >= goal, f"{goal} comments were not taken: {dict(self.statuses)}")

    def check(self) -> None:
        """What was acknowledged is there; what is there is whole: each comment has its event and its news."""
        rows = self.scene.sql(
            """SELECT c.text, count(DISTINCT e.id) AS events, count(DISTINCT n.id) AS news
               FROM comment c
               LEFT JOIN api_event e ON e.name = 'comment:new' AND e.data->>'comment_id' = c.id::text
               LEFT JOIN news n ON n.comment_id = c.id
               GROUP BY c.id, c.text"""
        )
        stored = {row["text"] for row in rows}
        assert not self.told - stored, "acknowledged comments are lost"
        halves = [dict(row) for row in rows if (row["events"], row["news"]) != (1, 1)]
        assert not halves, halves[:5]
        assert len(rows) == len(stored), "a comment is there twice"
        wrong = {status for status in self.statuses if status not in (201, 503)}
        assert not wrong, f"{self.statuses}\n{self.scene.api.log.read_text()[-8000:]}"


@contextlib.contextmanager
def scene(**values: str) -> Iterator[Scene]:
    """Servers of their own in a folder of their own, whose data survive a crash."""
    folder = Path(tempfile.mkdtemp(prefix="kitsu-faults-"))
    try:
        with services.start(folder) as started:
            migrations.upgrade(started.postgres_url)
            made = Scene(started, folder, **values)
            try:
                yield made
            finally:
                made.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
