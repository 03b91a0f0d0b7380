"""``kitsu-api up`` as an operator meets it: real processes, on folders and ports of their own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from kitsu_api.embedded.ports import LOOPBACK, free_port

PATIENCE = 60.0


class Installation:
    """One running ``kitsu-api up``, its output collected."""

    def __init__(self, folder: Path, port: int) -> None:
        environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith("KITSU_")
            and key not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DB_HOST")
        }
        command = [
            sys.executable,
            "-m",
            "kitsu_api.cli",
            "up",
            "--data-dir",
            str(folder),
            "--port",
            str(port),
        ]
        source = str(Path(__file__).parents[2] / "src")
        paths = os.pathsep.join([source, *filter(None, [environment.get("PYTHONPATH")])])
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment | {"BCRYPT_LOG_ROUNDS": "4", "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"},
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def says(self, words: str) -> str:
        """Wait for a line with these words."""
        found = until(lambda: next((line for line in self.lines if words in line), None))
        assert found, "\n".join(self.lines)
        return str(found)

    def ends(self) -> int:
        """Wait for the end; the exit code."""
        code = self.process.wait(PATIENCE)
        self._reader.join(5)
        return code

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, word: str) -> psutil.Process:
        """The direct child with this word in its command."""
        return next(
            one
            for one in psutil.Process(self.process.pid).children()
            if any(word in part for part in one.cmdline())
        )


def until(happened: Callable[[], object]) -> object:
    deadline = time.monotonic() + PATIENCE
    while not (result := happened()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return result


@pytest.fixture
def folder() -> Iterator[Path]:
    # not tmp_path: root's PostgreSQL runs as another user, whom pytest's private folder keeps out
    path = Path(tempfile.mkdtemp(prefix="kitsu-test-"))
    path.chmod(0o711)
    yield path / "data"
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def up(folder: Path) -> Iterator[Callable[[], Installation]]:
    started: list[Installation] = []
    port = free_port()

    def begin() -> Installation:
        started.append(Installation(folder, port))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.process.terminate()
            one.ends()


def test_first_start_shows_the_admin_and_ctrl_c_leaves_nothing_behind(
    up: Callable[[], Installation], folder: Path
) -> None:
    first = up()
    first.says("Ctrl-C stops everything")
    admin = first.says("First admin")
    assert re.search(r"password: \S{20}", admin)
    for secret in ("secret_key", "postgres.password", "valkey.password"):
        assert (folder / secret).stat().st_mode & 0o777 == 0o600
    processes = first.children()
    assert len(processes) >= 4
    first.process.send_signal(signal.SIGINT)
    assert first.ends() == 0
    assert [one for one in processes if one.is_running()] == []

    began = time.monotonic()
    second = up()
    second.says("Ctrl-C stops everything")
    # 3 s on a quiet machine; tests share theirs with others, and are to notice a wait, not a busy neighbour
    assert time.monotonic() - began < 60
    assert not any("First admin" in line for line in second.lines)
    second.process.send_signal(signal.SIGTERM)
    assert second.ends() == 0


def test_a_killed_supervisor_takes_its_children_along_and_the_next_start_recovers(
    up: Callable[[], Installation],
) -> None:
    first = up()
    first.says("Ctrl-C stops everything")
    processes = first.children()
    first.process.kill()
    first.ends()
    if sys.platform == "linux":
        assert until(lambda: not any(one.is_running() for one in processes))
    second = up()
    second.says("Ctrl-C stops everything")
    second.process.send_signal(signal.SIGINT)
    assert second.ends() == 0


def test_crashed_parts_are_noticed_and_started_again(up: Callable[[], Installation]) -> None:
    running = up()
    running.says("Ctrl-C stops everything")
    for word, name in (("serve", "API"), ("postgres", "PostgreSQL"), ("valkey", "Valkey")):
        running.child(word).kill()
        running.says(f"{name} ended unexpectedly (signal SIGKILL)")
        running.says(f"{name} runs again")
    running.process.send_signal(signal.SIGINT)
    assert running.ends() == 0


def test_a_second_start_on_one_folder_is_refused(up: Callable[[], Installation], folder: Path) -> None:
    running = up()
    running.says("Ctrl-C stops everything")
    other = Installation(folder, free_port())
    assert other.ends() == 1
    assert f"Process {running.process.pid} already runs on the data folder" in "\n".join(other.lines)


def test_a_taken_port_is_said_before_anything_starts(folder: Path) -> None:
    with socket.socket() as holder:
        holder.bind((LOOPBACK, 0))
        holder.listen()
        refused = Installation(folder, holder.getsockname()[1])
        assert refused.ends() == 1
    assert "is taken" in refused.lines[-1]
    assert not folder.exists()
