"""Brings a database to the state of this release, checks it, and adopts one that another server made.

The functions are plain ones, for the command line; they may also be called while an event loop runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from asyncpg import InterfaceError, PostgresError
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from alembic import command
from kitsu_api.db import urls
from kitsu_api.db.differences import TABLES, differences, own_tables

VERSION_TABLE = "kitsu_api_version"
LOCK = 0x6B69_7473_7561_7069
"""Key of the advisory lock that lets one process migrate at a time ("kitsuapi" in ASCII)."""

CONNECT_SECONDS = 10
LOCK_WAIT = "10s"
"""How long a migration waits for a table that a transaction of others holds: while it waits, everybody else
who wants that table waits behind it."""
_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps its state in globals of the process, so that threads may not use it at once."""

Result = TypeVar("Result")


class MigrationError(RuntimeError):
    """The database could not be reached or migrated; the message says why and holds no password."""


def upgrade(url: str, revision: str = "head") -> None:
    """Run the revisions that the database lacks, all or none. Waits while another process migrates it.

    Raises:
        MigrationError: the database can't be reached, is another server's, or is of a newer release.
    """
    _run(url, lambda connection: command.upgrade(_config(connection), revision))


def downgrade(url: str, revision: str) -> None:
    """Undo revisions down to this one; `base` undoes all and forgets the version.

    An adopted database keeps every table that it had. One that we built loses them, with what they hold.

    Raises:
        MigrationError: the database can't be reached, or there is no such revision.
    """

    def undo(connection: Connection) -> None:
        command.downgrade(_config(connection), revision)
        if not versions(connection):
            connection.execute(text(f"DROP TABLE IF EXISTS {VERSION_TABLE}"))

    _run(url, undo)


def check(url: str) -> list[str]:
    """What keeps the server from working on the database, as sentences; empty when nothing does."""
    try:
        return _run(url, _problems)
    except MigrationError as error:
        return [str(error)]


def adopt(url: str) -> list[str]:
    """Take over a database of release 1.0.97, in place: add our own tables and record our version.

    Returns what differs from our models, as sentences. Then nothing was changed; an empty list means
    that the database is adopted, or was before. Another server's own version table is not touched.

    Raises:
        MigrationError: the database can't be reached, or is of a newer release of ours.
    """
    try:
        return _run(url, _adopt)
    except _KeepNothing as refused:
        return refused.said


def lock(connection: Connection) -> None:
    """Wait until no other process migrates this database; the lock ends with the transaction. From then on no
    lock is waited for longer than LOCK_WAIT."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    connection.execute(text("SELECT set_config('lock_timeout', :wait, true)"), {"wait": LOCK_WAIT})


def versions(connection: Connection) -> list[str]:
    """Our revision that the database is at; empty when it was neither migrated nor adopted."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return []
    return list(connection.scalars(text(f"SELECT version_num FROM {VERSION_TABLE}")))  # noqa: S608 (a constant)


def is_ours(_thing: Any, name: str | None, kind: str, reflected: bool, counterpart: Any) -> bool:
    """Whether autogenerate looks at a thing: a table that no model has belongs to another server, and
    indexes of ours on shared tables are made by their revision alone."""
    if kind == "index" and reflected and (name or "").startswith("kitsu_api_"):
        return False
    return not (kind == "table" and reflected and counterpart is None and name not in TABLES)


def masked(url: str) -> str:
    """A database URL to show: without its password, and without its options, which may hold one."""
    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except ArgumentError:
        return "(not a URL)"


def asyncpg_url(url: str) -> URL:
    """A PostgreSQL URL as SQLAlchemy wants it for asyncpg.

    Raises:
        MigrationError: it is no URL of a PostgreSQL database.
    """
    try:
        return urls.asyncpg_url(url)
    except urls.DatabaseUrlError as error:
        raise MigrationError(str(error)) from None


# --- the work, on a connection whose transaction is committed afterwards ------------------------------


def _problems(connection: Connection) -> list[str]:
    current = versions(connection)
    if not current:
        others = set(inspect(connection).get_table_names()) & (TABLES.keys() - own_tables())
        way = "adopt" if others else "upgrade"
        return [f"The database was not prepared yet: run `kitsu-api db {way}`."]
    script = ScriptDirectory.from_config(_config(connection))
    if current != script.get_heads():
        known = {revision.revision for revision in script.walk_revisions()}
        if not known.issuperset(current):
            return [f"The database is at {', '.join(current)}, of a newer release: update kitsu-api."]
        return [
            f"The database is at {current[0]}, behind {script.get_heads()[0]}: run `kitsu-api db upgrade`."
        ]
    return differences(connection)


class _KeepNothing(Exception):
    """Ends an adoption whose outcome is not right; its transaction is rolled back."""

    def __init__(self, said: list[str]) -> None:
        self.said = said


def _adopt(connection: Connection) -> list[str]:
    lock(connection)
    adopted = bool(versions(connection))
    said = [] if adopted else differences(connection, own=False)
    if not said:
        config = _config(connection)
        config.attributes["adopting"] = True
        command.upgrade(config, "head")
        said = differences(connection)
    if said:
        raise _KeepNothing(said)
    return said


def _config(connection: Connection) -> Config:
    """Alembic's configuration, from an installed package or from a checkout."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1]
    installed = (package / "_migrations").is_dir()
    ini, scripts = (
        (package / "alembic.ini", package / "_migrations")
        if installed
        else (checkout / "alembic.ini", checkout / "alembic")
    )
    config = Config(str(ini))
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _run(url: str, work: Callable[[Connection], Result]) -> Result:
    """Do the work in one transaction; in a thread of its own when an event loop runs in this one."""

    async def on_connection() -> Result:
        async with _connect(url) as connection:
            return await connection.run_sync(work)

    def run() -> Result:
        with _ONE_AT_A_TIME:
            return asyncio.run(on_connection())

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


@contextlib.asynccontextmanager
async def _connect(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction; whatever fails, says what without SQL and passwords."""
    engine = create_async_engine(
        asyncpg_url(url), poolclass=NullPool, hide_parameters=True, connect_args={"timeout": CONNECT_SECONDS}
    )
    try:
        connection = await engine.connect()
    except (OSError, TimeoutError, PostgresError, InterfaceError, SQLAlchemyError) as error:
        raise MigrationError(f"The database {masked(url)} can't be reached: {_reason(error)}") from None
    try:
        async with connection.begin():
            yield connection
    except (CommandError, SQLAlchemyError) as error:
        raise MigrationError(f"The database {masked(url)} could not be migrated: {_reason(error)}") from error
    finally:
        await connection.close()
        await engine.dispose()


def _reason(error: BaseException) -> str:
    if getattr(getattr(error, "orig", None), "sqlstate", None) == "55P03":
        return "a table is in use by a long transaction. Nothing was changed: try again later."
    said = str(getattr(error, "orig", None) or error) or "no answer in time."
    return said.split("\n")[0].removeprefix("<class 'asyncpg.exceptions.").strip()
