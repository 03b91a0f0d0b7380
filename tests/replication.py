"""Two PostgreSQL servers for tests of what is read from a replica: a primary, and a copy that follows it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT

import asyncpg

from kitsu_api.db import migrations
from kitsu_api.embedded.folder import DataFolder
from kitsu_api.embedded.ports import LOOPBACK, free_port
from kitsu_api.embedded.postgres import ROLE, Postgres
from kitsu_api.embedded.process import spawn, stop
from tests.servers import run_sql


@dataclass
class Copy:
    """A server that follows another one, and can be stopped and started."""

    primary: Postgres
    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """URL of the same database as the primary's."""
        return self.primary.url.replace(f":{self.primary.port}/", f":{self.port}/")

    def run(self, *statements: str) -> None:
        """Run statements on the copy."""
        run_sql(self.url, *statements)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {
            "port": str(self.port),
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "max_connections": "200",  # a copy takes as many as its primary
        }
        command = [str(_program("postgres", self.primary)), "-D", str(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self.data.with_name("copy.log").open("ab") as log:
            self.process = spawn(
                command, output=log, death_signal=SIGINT, user=self.primary.user, folder=self.data
            )
        until = time.monotonic() + 60
        while True:
            try:
                self.run("SELECT 1")
                return
            except (OSError, asyncpg.PostgresError):
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def stop(self) -> None:
        """Stop it at once."""
        if self.process is not None:
            stop(self.process, (SIGINT, 10.0))
            self.process = None


def _program(name: str, server: Postgres) -> Path:
    return server._binaries() / name


def _copy(server: Postgres) -> Copy:
    """A copy of a running server, which lets it connect from now on."""
    with (server.data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host replication {ROLE} {LOOPBACK}/32 scram-sha-256\n")
    run_sql(server.url, "SELECT pg_reload_conf()")
    copy = Copy(server, server.home / "copy", free_port())
    copy.data.mkdir(mode=0o700)
    if server.user is not None:
        os.chown(copy.data, *server.user)
    address = server.url.replace("postgresql+asyncpg://", "postgresql://").rpartition("/")[0]
    subprocess.run(
        [
            *(str(_program("pg_basebackup", server)), "--dbname", address, "--pgdata", str(copy.data)),
            *("--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream", "--no-sync"),
        ],
        check=True,
        capture_output=True,
        cwd=server.home,
        user=server.user[0] if server.user else None,
        group=server.user[1] if server.user else None,
        extra_groups=[] if server.user else None,
    )
    return copy


@contextlib.contextmanager
def primary_and_copy() -> Iterator[tuple[str, Copy]]:
    """The URL of a migrated database, and the server that follows it."""
    folder = Path(tempfile.mkdtemp(prefix="kitsu-replica-"))
    server = Postgres(DataFolder(folder))
    with contextlib.ExitStack() as running:
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        running.callback(server.stop)
        server.start()
        run_sql(server.url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        migrations.upgrade(server.url)
        copy = _copy(server)
        running.callback(copy.stop)
        copy.start()
        yield server.url, copy


async def caught_up(primary_url: str, copy: Copy) -> None:
    """Wait until the copy shows what the primary has written so far."""
    primary = await asyncpg.connect(primary_url.replace("+asyncpg", ""))
    follower = await asyncpg.connect(copy.url.replace("+asyncpg", ""))
    try:
        written = await primary.fetchval("SELECT pg_current_wal_flush_lsn()")
        async with asyncio.timeout(60):
            while await follower.fetchval("SELECT pg_last_wal_replay_lsn() < $1::pg_lsn", written):
                await asyncio.sleep(0.005)
    finally:
        await primary.close()
        await follower.close()
