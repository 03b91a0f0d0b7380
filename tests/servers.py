"""The PostgreSQL and Valkey of a test run: started once, shared by all its processes.

The first process of pytest starts them, since it outlives the others; a run without tests that need
them starts nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from kitsu_api.db import migrations
from kitsu_api.embedded import services

TEMPLATE = "kitsu_template"


@dataclass(frozen=True)
class Addresses:
    """URLs of the servers; the database of the first one is for administration."""

    postgres: str
    valkey: str

    def database(self, name: str) -> str:
        """URL of a database of the server."""
        return f"{self.postgres.rpartition('/')[0]}/{name}"


class Servers:
    """Starts what is asked for once, and stops it."""

    def __init__(self) -> None:
        self._running = contextlib.ExitStack()
        self._addresses: Addresses | None = None

    def addresses(self) -> Addresses:
        """Where the servers are, with the migrated template made."""
        if self._addresses is None:
            folder = Path(tempfile.mkdtemp(prefix="kitsu-tests-"))
            self._running.callback(shutil.rmtree, folder, ignore_errors=True)
            started = self._running.enter_context(services.start(folder, durable=False))
            addresses = Addresses(started.postgres_url, started.valkey_url)
            run_sql(addresses.postgres, f"CREATE DATABASE {TEMPLATE}")
            migrations.upgrade(addresses.database(TEMPLATE))
            self._addresses = addresses
        return self._addresses

    def stop(self) -> None:
        """Stop what was started, and remove its folder."""
        self._running.close()


def run_sql(url: str, *statements: str) -> None:
    """Run statements one by one, outside of a transaction; also where an event loop runs."""

    async def run() -> None:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(run())).result()


def fetch(url: str, query: str) -> list[dict[str, Any]]:
    """The rows of a query; also where an event loop runs."""

    async def run() -> list[dict[str, Any]]:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            return [dict(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()
