"""What is measured: PostgreSQL and Valkey of the package, filled once, and a server of ours on them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg

import kitsu_api
from bench import dataset
from kitsu_api.db.migrations import upgrade
from kitsu_api.embedded.ports import LOOPBACK, free_port
from kitsu_api.embedded.process import spawn, stop
from kitsu_api.embedded.services import EmbeddedServices, start


@dataclass(frozen=True)
class Stand:
    """A server, its database, and the processes that answer."""

    url: str
    database: str
    port: int
    log: Path
    pids: tuple[int, ...]
    """The first process of the server, of PostgreSQL and of Valkey; theirs are what these started."""


@dataclass(frozen=True)
class Databases:
    """PostgreSQL and Valkey with data in them, and the folder that is theirs."""

    services: EmbeddedServices
    home: Path
    scale: str


def plain(url: str) -> str:
    """A URL of SQLAlchemy as asyncpg wants it."""
    return url.replace("+asyncpg", "")


async def _prepare(services: EmbeddedServices, scale: str) -> None:
    """Fill the database, unless it is full already, and have PostgreSQL count statements."""
    connection = await asyncpg.connect(plain(services.postgres_url))
    try:
        await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        filled = await connection.fetchval("SELECT count(*) FROM project WHERE name LIKE 'Lantern %'")
    finally:
        await connection.close()
    if not filled:
        seconds = await dataset.fill(services.postgres_url, dataset.sized(scale))
        print(f"The data set {scale} was made in {seconds:.0f} s.", flush=True)


@contextlib.contextmanager
def databases(folder: Path, scale: str) -> Iterator[Databases]:
    """PostgreSQL and Valkey with data of this scale, which are kept in the folder for the next time."""
    home = folder / f"data-{scale}"
    home.mkdir(parents=True, exist_ok=True)
    with start(home) as services:
        postgres = services.postgres
        assert postgres is not None
        upgrade(services.postgres_url)
        asyncio.run(_preload(services))
        postgres.stop()
        postgres.start()
        asyncio.run(_prepare(services, scale))
        yield Databases(services, home, scale)


@contextlib.contextmanager
def serving(kept: Databases, workers: int, **settings: str) -> Iterator[Stand]:
    """A server with so many processes on these databases; `settings` are variables of its environment."""
    postgres, valkey = kept.services.postgres, kept.services.valkey
    assert postgres is not None
    assert valkey is not None
    port = free_port()
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ} | {
        # the server is that of this source, whichever is installed
        "PYTHONPATH": str(Path(kitsu_api.__file__).parents[1]),
        "DATABASE_URL": postgres.url,
        "REDIS_URL": kept.services.valkey_url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "KITSU_DATA_DIR": str(kept.home / "server"),
        "KITSU_RATE_LIMITS": "false",
        "KITSU_MAIL_TO_LOG": "true",
        **settings,
    }
    command = [sys.executable, "-m", "kitsu_api.cli", "serve", "--host", LOOPBACK, "--port", str(port)]
    log = kept.home / f"server-{port}.log"
    with log.open("wb") as output:
        process = spawn(
            [*command, "--workers", str(workers)], output=output, environment=environment, folder=kept.home
        )
    try:
        _wait(port)
        pids = [one.process.pid for one in (postgres, valkey) if one.process is not None]
        yield Stand(f"http://{LOOPBACK}:{port}", postgres.url, port, log, (process.pid, *pids))
    finally:
        stop(process, (signal.SIGTERM, 10.0))
        log.replace(kept.home / "server.log")  # the last one is kept


@contextlib.contextmanager
def stand(folder: Path, scale: str, workers: int, **settings: str) -> Iterator[Stand]:
    """A server on data of this scale, which are kept in the folder for the next time; `settings` are
    variables of its environment."""
    with databases(folder, scale) as kept, serving(kept, workers, **settings) as running:
        yield running


async def _preload(services: EmbeddedServices) -> None:
    connection = await asyncpg.connect(plain(services.postgres_url))
    await connection.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    await connection.execute("ALTER SYSTEM SET shared_buffers = '512MB'")
    await connection.close()


def _wait(port: int) -> None:
    import http.client

    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
            connection.request("GET", "/status")
            connection.getresponse().read()
            return
        time.sleep(0.05)
    raise RuntimeError("The server did not start.")


# --- memory, read from /proc where there is one -------------------------------------------------------


def processes(port: int) -> list[int]:
    """The processes that listen on a port."""
    sockets = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
            sockets.add(f"socket:[{fields[9]}]")
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(os.readlink(link) in sockets for link in (folder / "fd").iterdir()):
                found.append(int(folder.name))
    return found


def memory(pids: list[int], field: str = "VmRSS") -> float:
    """Resident megabytes of the largest of some processes; `VmHWM` is the most that it was since the reset."""
    sizes = [0.0]
    for pid in pids:
        with contextlib.suppress(OSError):
            match = re.search(rf"{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
            sizes.append(int(match[1]) / 1024 if match else 0.0)
    return max(sizes)


def reset_peak(pids: list[int]) -> None:
    """Begin to look for the peak anew."""
    for pid in pids:
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text("5")
