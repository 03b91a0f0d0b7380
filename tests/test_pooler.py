"""The server behind PgBouncer, in each of its modes: people who write and read at once, events, sheets."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from typer.testing import CliRunner

from kitsu_api.app import create_app
from kitsu_api.cli import app
from kitsu_api.cli.checks import examine
from kitsu_api.db import models as m
from kitsu_api.embedded.ports import LOOPBACK, free_port
from kitsu_api.settings import Settings, get_settings
from kitsu_api.workers.settings import work
from tests import factories, live, pooling
from tests.conftest import make_settings
from tests.pooling import Pooler
from tests.realtime.listener import connected, live_settings, store, token_of
from tests.servers import TEMPLATE, fetch, run_sql

pytestmark = pytest.mark.skipif(pooling.program() is None, reason="PgBouncer is not installed.")
PEOPLE, COMMENTS = 4, 3
CONNECTIONS = "3"
"""Of PostgreSQL, for everybody together: each is lent to all clients in turn."""

MODES = ["session", "transaction"]
if pooling.release() >= (1, 21):
    MODES.append("transaction-prepared")


@dataclass
class Studio:
    """A server and a worker behind PgBouncer, and a production whose people may write."""

    address: str
    pooler: Pooler
    production: factories.Production
    tokens: dict[str, str]
    """By the ids of people; the first one is the admin."""
    mode: str

    def client(self, person: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.tokens[person]}"}
        return httpx.AsyncClient(base_url=self.address, headers=headers, timeout=60)


@pytest.fixture(scope="module")
def built(servers, valkey_url, tmp_path_factory) -> FastAPI:
    """The application, built once for all modes."""
    return create_app(live_settings(tmp_path_factory.mktemp("pooler"), servers.postgres, valkey_url))


@contextlib.contextmanager
def running(served: FastAPI, settings: Settings) -> Iterator[str]:
    """The address of the application, which runs meanwhile beside a worker."""
    served.state.settings, port = settings, free_port()
    server = uvicorn.Server(uvicorn.Config(served, host=LOOPBACK, port=port, log_level="warning"))
    stop = asyncio.Event()

    async def both() -> None:
        working = asyncio.create_task(work(settings, stop))
        await server.serve()
        stop.set()
        await working

    thread = threading.Thread(target=lambda: asyncio.run(both()))
    thread.start()
    try:
        until = time.monotonic() + live.PATIENCE
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        assert server.started
        yield f"http://{LOOPBACK}:{port}"
    finally:
        server.should_exit = True
        thread.join(live.PATIENCE)


@pytest.fixture(scope="module", params=MODES)
def studio(request, built, servers, valkey_url, tmp_path_factory) -> Iterator[Studio]:
    mode, name = request.param, f"scratch_{uuid4().hex}"
    run_sql(servers.postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    url, folder = servers.database(name), tmp_path_factory.mktemp("pooler")
    film = factories.production()
    people = [factories.person(role="admin"), *(factories.person(role="user") for _ in range(PEOPLE))]
    team = [m.ProjectPersonLink(project_id=film.project.id, person_id=each.id) for each in people]
    store(
        live_settings(folder, url, valkey_url),
        *film,
        *people,
        *team,
        *(factories.assignation(film.task, each) for each in people[1:]),
    )
    ini = {"pool_mode": mode.partition("-")[0]}
    if mode != "session":  # where nobody may keep one, there need not be one for each client
        ini["default_pool_size"] = CONNECTIONS
    with pooling.pooler(url, folder, **ini) as pooler:
        changes = {"db_pooler": mode, "database_direct_url": url, "jobs_inline": False, "outbox_relay": True}
        settings = live_settings(folder, pooler.url, valkey_url).model_copy(update=changes)
        tokens = {str(each.id): token_of(settings, each) for each in people}
        with running(built, settings) as address:
            yield Studio(address, pooler, film, tokens, mode)
    run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


async def test_what_people_do_at_once_is_stored_told_and_theirs(studio: Studio) -> None:
    task, status = studio.production.task, studio.production.task_status
    admin, *artists = studio.tokens
    async with asyncio.timeout(60):
        # nothing of a client may show in what another one does on the same connection
        with connected(studio.address, studio.tokens[admin]) as listener:

            async def work(person: str) -> list[str]:
                made = []
                async with studio.client(person) as client:
                    for number in range(COMMENTS):
                        body = {"task_status_id": str(status.id), "comment": f"{number} of {person}"}
                        answer = await client.post(f"/actions/tasks/{task.id}/comment", json=body)
                        assert answer.status_code == 201, answer.text
                        made.append(answer.json()["id"])
                        project = {"project_id": str(studio.production.project.id)}
                        for path in ("/data/shots/with-tasks", "/data/user/context", "/data/tasks"):
                            read = await client.get(path, params=project)
                            assert read.status_code == 200, read.text
                return made

            made = await asyncio.gather(*map(work, artists))
            for id in itertools.chain(*made):
                await asyncio.to_thread(listener.wait_for, "comment:new", comment_id=id)
    stored = fetch(studio.pooler.direct_url, "SELECT id, person_id FROM comment")
    assert {str(row["id"]): str(row["person_id"]) for row in stored} == {
        id: person for person, ids in zip(artists, made, strict=True) for id in ids
    }
    # who did it is told to the triggers of the history by a setting of the transaction
    noted = fetch(
        studio.pooler.direct_url,
        "SELECT record_id, person_id FROM kitsu_api_history"
        " WHERE table_name = 'comment' AND action = 'create'",
    )
    assert {str(row["record_id"]): str(row["person_id"]) for row in noted} == {
        str(row["id"]): str(row["person_id"]) for row in stored
    }


async def test_a_sheet_is_taken_in_by_the_worker(studio: Studio) -> None:
    rows = "\n".join(f"Props,Asset {number}" for number in range(300))
    path = f"/import/csv/projects/{studio.production.project.id}/assets"
    async with studio.client(next(iter(studio.tokens))) as client, asyncio.timeout(60):
        files = {"file": ("assets.csv", f"Type,Name\n{rows}\n".encode(), "text/csv")}
        sent = await client.post(path, files=files, headers={"Prefer": "respond-async"})
        assert sent.status_code == 202, sent.text
        while True:
            job = (await client.get(f"/data/jobs/{sent.json()['id']}")).json()
            if job["ended_at"] is not None:
                break
            await asyncio.sleep(0.05)
    assert job["status"] == "succeeded", job
    (counted,) = fetch(studio.pooler.direct_url, "SELECT count(*) AS n FROM entity WHERE name LIKE 'Asset %'")
    assert counted["n"] == 300


async def test_the_pooler_is_shared_and_its_connections_are_as_they_should_be(studio: Studio) -> None:
    (used,) = fetch(
        studio.pooler.direct_url,
        "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()",
    )
    if studio.mode != "session":
        assert used["n"] <= int(CONNECTIONS)


def test_what_needs_postgresql_itself_says_so_where_only_a_pooler_is_named(studio: Studio) -> None:
    told = {"DATABASE_URL": studio.pooler.url, "DB_POOLER": "transaction"}
    for command in (["db", "check"], ["dump-database"], ["backup", "verify", "nowhere"]):
        get_settings.cache_clear()
        ended = CliRunner().invoke(app, command, env=told)
        assert (ended.exit_code, "DATABASE_DIRECT_URL" in ended.stderr) == (1, True), ended.output
    get_settings.cache_clear()
    ended = CliRunner().invoke(
        app, ["db", "check"], env={**told, "DATABASE_DIRECT_URL": studio.pooler.direct_url}
    )
    get_settings.cache_clear()
    assert ended.exit_code == 0, ended.output


async def found(settings: Settings, name: str) -> tuple[str, str]:
    finding = next(each for each in await examine(settings) if each.about == name)
    return finding.state, finding.text


async def test_doctor_tells_of_a_pooler_that_is_not_named_and_of_what_is_missing(
    studio: Studio, valkey_url: str, tmp_path: Path
) -> None:
    plain = make_settings(tmp_path, studio.pooler.url, valkey_url)
    state, text = await found(plain, "pooler")
    assert state == "fail"
    assert "DB_POOLER" in text
    alone = plain.model_copy(update={"db_pooler": "transaction"})
    state, text = await found(alone, "pooler")
    assert state == "warn"
    assert "DATABASE_DIRECT_URL" in text
    whole = alone.model_copy(update={"database_direct_url": studio.pooler.direct_url})
    state, text = await found(whole, "pooler")
    assert state == "warn"
    assert "SET statement_timeout = '60000'" in text
    assert await found(whole, "migrations") == ("ok", "current")
    direct = whole.model_copy(update={"database_url": studio.pooler.direct_url})
    state, text = await found(direct, "pooler")
    assert state == "warn"
    assert "unset" in text
