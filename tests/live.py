"""A server in a process of its own, for tests that need a real socket."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from kitsu_api.embedded.ports import LOOPBACK, free_port
from tests import forks

ROOT = Path(__file__).parents[1]
PATIENCE = 180.0
"""Seconds until a process has started or ended; long, for machines that do much else."""

KEY = "a key of live tests, long enough to sign their tokens"


def environment(database_url: str, valkey_url: str, folder: Path) -> dict[str, str]:
    """The settings of a live server, and nobody's own ones."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "src"),
        "DATABASE_URL": database_url,
        "REDIS_URL": valkey_url,
        "SECRET_KEY": KEY,
        "KITSU_DATA_DIR": str(folder),
        "KITSU_MAIL_TO_LOG": "true",
        "KITSU_JOBS_INLINE": "true",
        "KITSU_RATE_LIMITS": "false",
        "BCRYPT_LOG_ROUNDS": "4",
    }


def command(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `kitsu-api` with these settings and no others."""
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")} | settings
    return forks.run(list(arguments), known, PATIENCE)


@contextlib.contextmanager
def serving(
    database_url: str, valkey_url: str, folder: Path, *arguments: str, **settings: str
) -> Iterator[str]:
    """The address of a server that runs meanwhile."""
    with running(database_url, valkey_url, folder, *arguments, **settings) as (address, _process):
        yield address


@contextlib.contextmanager
def running(
    database_url: str, valkey_url: str, folder: Path, *arguments: str, **settings: str
) -> Iterator[tuple[str, forks.Forked]]:
    """The address and the process of a server that runs meanwhile, for tests that kill it."""
    port = free_port()
    log = folder / f"server-{port}.log"
    serve = ["serve", "--host", LOOPBACK, "--port", str(port)]
    with log.open("wb") as output:
        process = forks.Forked(
            [*serve, *arguments],
            environment(database_url, valkey_url, folder) | settings,
            output.fileno(),
            output.fileno(),
        )
        try:
            address = f"http://{LOOPBACK}:{port}"
            _wait(process, address, log)
            yield address, process
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait(process: forks.Forked, address: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        # without TLS: making its context anew for each attempt would cost more than the server's start
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=PATIENCE)
            connection.request("GET", "/")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@contextlib.contextmanager
def working(database_url: str, valkey_url: str, folder: Path, **settings: str) -> Iterator[forks.Forked]:
    """A worker that runs meanwhile; the test may kill it."""
    with (folder / "worker.log").open("ab") as output:
        process = forks.Forked(
            ["worker"],
            environment(database_url, valkey_url, folder) | settings,
            output.fileno(),
            output.fileno(),
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait(PATIENCE)
