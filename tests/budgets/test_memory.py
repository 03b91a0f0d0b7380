"""What a server takes of memory, in a process as operators start it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.permissions import tokens
from tests import factories
from tests.conftest import make_settings
from tests.live import KEY, running
from tests.servers import TEMPLATE, run_sql

AT_REST = 113
SIGNED_IN = 127
"""Megabytes: of 1024 * 1024 bytes, resident, a tenth above what was measured."""

RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)
PROC = Path("/proc/self/status")


@dataclass(frozen=True)
class Resident:
    """Megabytes of a process."""

    at_rest: float
    signed_in: float


def resident(process_id: int) -> float:
    found = RESIDENT.search(Path(f"/proc/{process_id}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


@pytest.fixture(scope="module")
def database(servers) -> Iterator[str]:
    name = f"scratch_{uuid4().hex}"
    run_sql(servers.postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield servers.database(name)
    run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def measured(database, valkey_url, tmp_path_factory) -> Resident:
    """What a server takes after it said that it is well, and after requests of somebody who is signed in."""
    if not PROC.exists():
        pytest.skip("This system tells no memory of processes in /proc.")
    folder = tmp_path_factory.mktemp("memory")
    settings = make_settings(folder, database, valkey_url)
    settings = settings.model_copy(update={"secret_key": SecretStr(KEY)})
    person = factories.person(role="admin")

    async def store() -> None:
        engine = make_engine(settings)
        async with make_sessions(engine)() as session:
            session.add(person)
            await session.commit()
        await engine.dispose()

    asyncio.run(store())
    headers = {"Authorization": f"Bearer {tokens.issue(settings, person.id)}"}
    # as operators run it: a worker does the jobs
    with (
        running(database, valkey_url, folder, KITSU_JOBS_INLINE="false") as (address, process),
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        assert client.get("/status").status_code == 200
        at_rest = resident(process.pid)
        for path in ("/data/user/context", "/data/projects"):
            assert client.get(path, headers=headers).status_code == 200
        return Resident(at_rest, resident(process.pid))


def test_a_server_at_rest_keeps_to_its_memory(measured):
    assert measured.at_rest <= AT_REST


def test_a_server_whose_routes_are_asked_for_the_first_time_keeps_to_its_memory(measured):
    assert measured.signed_in <= SIGNED_IN
