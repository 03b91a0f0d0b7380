"""Listings are read from a replica, which never shows less than the caller knows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from httpx import ASGITransport, AsyncClient
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from kitsu_api.app import create_app
from kitsu_api.cli.checks import examine
from kitsu_api.db import replica as replicas
from kitsu_api.db.engine import Sessions, make_engine, make_sessions
from kitsu_api.db.models import ProjectPersonLink
from kitsu_api.db.positions import KEY
from kitsu_api.permissions.listings import open_listing
from kitsu_api.permissions.tokens import issue
from kitsu_api.unit_of_work import open_unit_of_work
from kitsu_api.workers.settings import Resources
from tests import factories
from tests.conftest import make_settings
from tests.contract.document import APP
from tests.replication import Copy, caught_up, primary_and_copy
from tests.servers import run_sql

LISTS_OF_ALL = (
    "/data/projects",
    "/data/persons",
    "/data/shots/with-tasks",
    "/data/events/last",
    "/data/news",
)


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[str, Copy]]:
    with primary_and_copy() as found:
        yield found


@pytest.fixture(scope="module")
def built(pair: tuple[str, Copy], valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    url, copy = pair
    settings = make_settings(tmp_path_factory.mktemp("replica"), url, valkey_url)
    return create_app(settings.model_copy(update={"database_replica_url": copy.url, "replica_wait_ms": 40}))


@dataclass
class Studio:
    """The running application, an admin's client, and which server was asked what."""

    app: FastAPI
    client: AsyncClient
    copy: Copy
    primary_url: str
    asked: dict[str, list[str]] = field(default_factory=dict)

    async def listed(self, path: str = "/data/projects") -> Any:
        """The answer, and `on_copy` or `on_primary` for who gave it."""
        for statements in self.asked.values():
            statements.clear()
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer

    @property
    def by_copy(self) -> bool:
        """Whether the copy was asked for more than where it is."""
        return any("pg_last_wal_replay_lsn" not in sql for sql in self.asked["copy"])

    async def catch_up(self) -> None:
        await caught_up(self.primary_url, self.copy)


@pytest.fixture
async def studio(built: FastAPI, pair: tuple[str, Copy], valkey, monkeypatch) -> AsyncIterator[Studio]:
    url, copy = pair
    monkeypatch.setattr(replicas, "FIRST_REST", 0.05)
    monkeypatch.setattr(replicas, "CATCHING_UP", 0.0)
    async with built.router.lifespan_context(built):
        sessions: Sessions = built.state.sessions
        async with sessions() as session:
            admin = factories.person(role="admin")
            session.add(admin)
            await session.commit()
        headers = {"Authorization": f"Bearer {issue(built.state.settings, admin.id)}"}
        async with AsyncClient(
            transport=ASGITransport(built), base_url="http://test", headers=headers
        ) as client:
            found = Studio(built, client, copy, url)
            await found.catch_up()
            with noting(found, "copy", built.state.replica.engine):
                yield found
    copy.run("SELECT pg_wal_replay_resume()")


@contextlib.contextmanager
def noting(studio: Studio, name: str, engine: Any) -> Iterator[None]:
    statements = studio.asked[name] = []

    def note(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        statements.append(sql)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield
    event.remove(engine.sync_engine, "before_cursor_execute", note)


# it pauses when the process that replays looks at the request, not when it is made
PAUSED = """DO $$ BEGIN
    FOR attempt IN 1 .. 1000 LOOP
        EXIT WHEN pg_get_wal_replay_pause_state() = 'paused';
        PERFORM pg_sleep(0.01);
    END LOOP;
    ASSERT pg_get_wal_replay_pause_state() = 'paused';
END $$"""


@pytest.fixture
def paused(studio: Studio) -> Callable[[], AbstractContextManager[None]]:
    """`with paused(): ...`: what is written meanwhile, the copy does not show."""

    @contextlib.contextmanager
    def pausing() -> Iterator[None]:
        studio.copy.run("SELECT pg_wal_replay_pause()", PAUSED)
        try:
            yield
        finally:
            studio.copy.run("SELECT pg_wal_replay_resume()")

    return pausing


async def create_project(studio: Studio, name: str) -> str:
    answer = await studio.client.post("/data/projects", json={"name": name})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def write_past(studio: Studio, *rows: Any) -> None:
    """Write as another server on the same tables does: nobody notes how far."""
    engine = make_engine(studio.app.state.settings)
    async with make_sessions(engine)() as session:
        for row in rows:
            session.add(row)
        await session.commit()
    await engine.dispose()


def names(answer: Any) -> set[str]:
    return {row["name"] for row in answer.json()}


@pytest.mark.parametrize("path", LISTS_OF_ALL)
async def test_a_listing_is_read_from_the_replica(studio, path):
    await studio.listed(path)
    assert studio.by_copy


async def test_one_row_is_read_from_the_primary(studio):
    id = await create_project(studio, "One row")
    await studio.catch_up()
    await studio.listed(f"/data/projects/{id}")
    assert not studio.asked["copy"]


async def test_who_wrote_reads_it_at_once_though_the_replica_is_behind(studio, paused):
    with paused():
        await create_project(studio, "Written just now")
        assert "Written just now" in names(await studio.listed())
        assert not studio.by_copy
    await studio.catch_up()
    assert "Written just now" in names(await studio.listed())
    assert studio.by_copy


async def test_a_replica_that_is_a_little_behind_is_waited_for(studio, monkeypatch):
    monkeypatch.setattr(studio.app.state.replica, "_wait", 60.0)
    studio.copy.run("SELECT pg_wal_replay_pause()")
    await create_project(studio, "Worth a wait")
    reading = asyncio.create_task(studio.listed())
    while not studio.asked["copy"]:
        await asyncio.sleep(0.001)
    await asyncio.to_thread(studio.copy.run, "SELECT pg_wal_replay_resume()")
    assert "Worth a wait" in names(await reading)
    assert studio.by_copy


async def test_what_nobody_was_told_of_may_be_missing_for_a_while(studio, paused):
    project = factories.project(name="Past this server")
    with paused():
        await studio.listed()
        noted = await studio.app.state.valkey.get(KEY)
        await write_past(studio, project)
        assert "Past this server" not in names(await studio.listed())
        assert studio.by_copy
        assert await studio.app.state.valkey.get(KEY) == noted
        # as it is once the note is too old
        await studio.app.state.valkey.delete(KEY)
        assert "Past this server" in names(await studio.listed())


async def test_whoever_hears_of_an_event_finds_what_it_tells_of(studio, paused):
    feed = studio.app.state.feed
    project = factories.project(name="Told of by another server")
    with paused():
        position = feed.position
        await write_past(studio, project, factories.api_event("project:new"))
        assert await feed.wait_beyond(position, 10)
        assert "Told of by another server" in names(await studio.listed())


async def test_a_replica_that_is_away_costs_a_try_now_and_then(studio):
    await create_project(studio, "While it is away")
    studio.copy.stop()
    try:
        assert "While it is away" in names(await studio.listed())
        tries = []
        connected = studio.app.state.replica._sessions
        studio.app.state.replica._sessions = lambda: tries.append(1) or connected()
        studio.app.state.replica._rests_until += 60
        await studio.listed()
        assert not tries
    finally:
        studio.copy.start()
    studio.app.state.replica._rests_until = 0.0
    await studio.catch_up()
    await studio.listed()
    assert tries
    assert studio.by_copy


async def test_rests_grow_while_the_replica_stays_away(studio):
    replica = studio.app.state.replica
    studio.copy.stop()
    try:
        rests = []
        for _ in range(3):
            replica._rests_until = 0.0
            await studio.listed()
            rests.append(replica._rest)
    finally:
        studio.copy.start()
    assert rests[0] < rests[1] < rests[2]
    replica._rests_until = 0.0


@pytest.mark.parametrize(
    ("path", "after"),
    [("/data/projects", 0), ("/data/shots/with-tasks?compact=true", 0), ("/data/shots/with-tasks", 1)],
    ids=["list", "version of a board", "rows of a board"],
)
async def test_a_read_that_the_replica_breaks_off_is_done_by_the_primary(studio, path, after):
    before = (await studio.listed(path)).content
    engine = studio.app.state.replica.engine.sync_engine
    broken: list[str] = []

    def break_off(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        if "pg_last_wal_replay_lsn" in sql:
            return
        broken.append(sql)
        if len(broken) == after + 1:
            studio.copy.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kitsu-api'"
            )

    event.listen(engine, "before_cursor_execute", break_off)
    try:
        answer = await studio.listed(path)
    finally:
        event.remove(engine, "before_cursor_execute", break_off)
    assert len(broken) > after
    assert answer.content == before


async def test_the_validator_of_a_board_names_what_the_board_shows(studio, paused):
    path = "/data/shots/with-tasks"
    old = await studio.listed(path)
    with paused():
        async with studio.app.state.sessions() as session:
            project = factories.project()
            session.add(project)
            await session.flush()
            kind = factories.entity_type(name="Shot")
            session.add(kind)
            await session.flush()
            session.add(factories.entity(project, kind, name="Behind"))
            await session.commit()
        new = await studio.listed(path)
        assert not studio.by_copy
        assert "Behind" in names(new)
        assert new.headers["etag"] != old.headers["etag"]
    await studio.catch_up()
    again = await studio.client.get(path, headers={"If-None-Match": new.headers["etag"]})
    assert again.status_code == 304


async def test_a_right_that_was_taken_away_counts_at_once(studio, paused):
    sessions = studio.app.state.sessions
    async with sessions() as session:
        artist, project = factories.person(role="user"), factories.project(name="Theirs no more")
        session.add_all([artist, project])
        await session.flush()
        session.add(ProjectPersonLink(project_id=project.id, person_id=artist.id))
        await session.commit()
    await studio.catch_up()
    headers = {"Authorization": f"Bearer {issue(studio.app.state.settings, artist.id)}"}
    path = f"/data/projects/{project.id}/shots"
    assert (await studio.client.get(path, headers=headers)).status_code == 200
    with paused():
        run_sql(studio.primary_url, f"DELETE FROM project_person_link WHERE person_id = '{artist.id}'")
        assert (await studio.client.get(path, headers=headers)).status_code == 403


async def test_the_primary_is_no_replica(studio, monkeypatch, caplog):
    replica = studio.app.state.replica
    monkeypatch.setattr(replica, "_sessions", studio.app.state.sessions)
    with caplog.at_level(logging.WARNING):
        await studio.listed()
    assert "does not follow another one" in caplog.text
    replica._rests_until = 0.0


async def test_the_doctor_says_whether_the_replica_follows(studio):
    settings = studio.app.state.settings
    found = [finding for finding in await examine(settings) if finding.about == "replica"]
    assert [(one.state, one.text.partition(",")[0]) for one in found] == [("ok", "follows")]
    wrong = settings.model_copy(update={"database_replica_url": studio.primary_url})
    found = [finding for finding in await examine(wrong) if finding.about == "replica"]
    assert [one.state for one in found] == ["fail"]


async def test_without_valkey_the_primary_answers(studio, monkeypatch):
    async def away(*_: Any) -> None:
        raise replicas.RedisError

    monkeypatch.setattr(studio.app.state.replica._positions, "wanted", away)
    await studio.listed()
    assert not studio.asked["copy"]


async def test_what_valkey_did_not_take_is_kept_for_later(studio, monkeypatch, paused):
    positions = studio.app.state.replica._positions

    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise ConnectionRefusedError

    whole = positions._valkey
    with paused():
        monkeypatch.setattr(positions, "_valkey", Broken())
        await create_project(studio, "Noted later")
        monkeypatch.setattr(positions, "_valkey", whole)
        assert "Noted later" in names(await studio.listed())
        assert not studio.by_copy


async def test_no_listing_writes(studio, caplog):
    """A write would be refused by the replica, then done by the primary, with a word in the log."""
    plain = [path for path in listings() if "{" not in path]
    assert len(plain) > 60
    with caplog.at_level(logging.WARNING, logger="kitsu_api.db.replica"):
        for path in plain:
            assert (await studio.client.get(path)).status_code < 500, path
    assert not caplog.text


@pytest.mark.parametrize(
    ("state", "asks_the_primary", "rests"),
    [
        ("57P01", True, True),
        ("40001", True, False),
        ("25006", True, False),
        ("22003", False, False),
        ("57014", False, False),
    ],
    ids=["it stops", "in the way of the replay", "a write", "out of range", "out of time"],
)
def test_the_primary_is_asked_for_what_only_the_replica_refuses(state, asks_the_primary, rests):
    class Refusal(Exception):
        sqlstate = state

    replica = replicas.Replica(None, None, None, 0.0)
    assert replica.failed(DBAPIError("SELECT 1", None, Refusal())) is asks_the_primary
    assert bool(replica._rests_until) is rests
    assert replica.failed(ValueError()) is False


def listings() -> dict[str, APIRoute]:
    return {
        route.path_format: route
        for route in (context.original_route for context in iter_route_contexts(APP.routes))
        if isinstance(route, APIRoute) and open_listing in calls(route.dependant)
    }


def calls(dependant: Dependant) -> Iterator[Any]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from calls(dependency)


def test_listings_are_reads_alone():
    for path, route in listings().items():
        assert route.methods == {"GET"}, path
        if open_unit_of_work in calls(route.dependant):
            assert path == "/data/events/last"  # it numbers events, and reads these where it numbered them


async def test_workers_note_their_commits_as_well(built, valkey):
    resources = Resources(built.state.settings)
    try:
        async with resources.context.sessions() as session:
            await session.commit()
        assert int(await valkey.get(KEY)) > 0
    finally:
        await resources.close()


def test_without_a_replica_there_is_nothing_to_ask(app: FastAPI):
    assert app.state.replica is None


def test_the_replica_has_settings(tmp_path: Path):
    settings = make_settings(tmp_path, "postgresql://unused", "redis://unused")
    assert settings.database_replica_url is None
