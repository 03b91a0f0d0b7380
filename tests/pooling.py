"""A PgBouncer before the PostgreSQL of the tests."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT

from sqlalchemy.engine import make_url

from kitsu_api.embedded.ports import LOOPBACK, free_port
from kitsu_api.embedded.process import spawn, stop, unprivileged_user

OPERATIONS = Path(__file__).parents[1] / "docs" / "operations.md"
PATIENCE = 60.0


def program() -> str | None:
    """Where PgBouncer is; `PGBOUNCER` may name another one than the system's."""
    return os.environ.get("PGBOUNCER") or shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


def release() -> tuple[int, ...]:
    """The version of PgBouncer; (0,) where there is none."""
    found = program()
    if found is None:
        return (0,)
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in re.findall(r"\d+", told)[:2])


def documented() -> dict[str, str]:
    """The settings of PgBouncer that the documentation tells to make."""
    block = re.search(r"    \[pgbouncer\]\n((?:    .+\n)+)", OPERATIONS.read_text())
    assert block is not None
    lines = (line.partition("#")[0].partition("=") for line in block[1].splitlines())
    return {name.strip(): value.strip() for name, _, value in lines if name.strip()}


@dataclass(frozen=True)
class Pooler:
    """A PgBouncer that runs."""

    url: str
    """Of the database, through it."""
    direct_url: str
    """Of the database past it."""


def _wait(port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
            return
        time.sleep(0.02)
    raise AssertionError(log.read_text())


@contextlib.contextmanager
def pooler(database_url: str, folder: Path, **settings: str) -> Iterator[Pooler]:
    """PgBouncer as documented, but for what is named here."""
    found, user, port = program(), unprivileged_user(), free_port()
    assert found is not None
    parts = make_url(database_url)
    (folder / "users.txt").write_text(f'"{parts.username}" "{parts.password}"\n')
    options = documented() | {
        "listen_addr": LOOPBACK,
        "listen_port": str(port),
        "unix_socket_dir": "",
        "auth_file": "users.txt",
        **settings,
    }
    if release() < (1, 21):
        del options["max_prepared_statements"]
    lines = [f"{name} = {value}" for name, value in options.items()]
    database = f"{parts.database} = host={parts.host} port={parts.port}"
    (folder / "pgbouncer.ini").write_text("\n".join(["[databases]", database, "[pgbouncer]", *lines, ""]))
    if user is not None:
        for path in (folder, *folder.iterdir()):
            os.chown(path, *user)
    log = folder / "pgbouncer.log"
    with log.open("ab") as output:
        process = spawn([found, "pgbouncer.ini"], output=output, user=user, folder=folder)
    try:
        _wait(port, log)
        through = parts.set(host=LOOPBACK, port=port).render_as_string(hide_password=False)
        yield Pooler(through, database_url)
    finally:
        stop(process, (SIGINT, PATIENCE))
