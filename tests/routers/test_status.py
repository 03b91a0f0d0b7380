"""Status pages: open to anybody, quick when a part is away, silent about internals."""

from __future__ import annotations

import time

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from kitsu_api import __version__
from kitsu_api.db.models import ApiEvent, OutboxMessage
from kitsu_api.db.repositories.event_feed import EventFeed

NOWHERE = "127.0.0.1:9"  # the discard port: nobody listens


async def test_the_root_tells_name_and_version(client):
    answer = await client.get("/")
    assert answer.json() == {"api": "kitsu-api", "version": __version__}


async def test_the_status_tells_that_both_parts_are_up(client):
    answer = await client.get("/status")
    assert answer.status_code == 200
    assert answer.json() == {
        "name": "kitsu-api",
        "version": __version__,
        "database_up": True,
        "key_value_store_up": True,
        "job_queue_up": True,
    }
    assert answer.headers["cache-control"] == "no-store"


@pytest.fixture
async def database_away(app):
    engine = create_async_engine(f"postgresql+asyncpg://nobody:hidden@{NOWHERE}/none")
    kept, app.state.sessions = app.state.sessions, async_sessionmaker(engine)
    yield
    app.state.sessions = kept
    await engine.dispose()


@pytest.fixture
async def valkey_away(app):
    client = Redis.from_url(f"redis://:hidden@{NOWHERE}/0", socket_connect_timeout=1)
    kept, app.state.valkey = app.state.valkey, client
    yield
    app.state.valkey = kept
    await client.aclose()


@pytest.mark.usefixtures("database_away")
async def test_a_database_that_is_away_is_told_in_time_and_without_internals(client):
    begun = time.monotonic()
    answer = await client.get("/status")
    assert time.monotonic() - begun < 30  # the driver by itself waits for a minute
    assert answer.status_code == 503
    assert answer.json()["database_up"] is False
    assert answer.json()["key_value_store_up"] is True
    assert not any(word in answer.text for word in ("hidden", "nobody", "127.0.0.1"))


@pytest.mark.usefixtures("valkey_away")
async def test_a_store_that_is_away_is_told_in_text_too(client):
    answer = await client.get("/status.txt")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/plain")
    assert "database_up: true\nkey_value_store_up: false\n" in answer.text


@pytest.mark.usefixtures("valkey_away")
async def test_outages_are_recorded_as_zero(client):
    answer = await client.get("/status/influx")
    assert answer.status_code == 200
    assert answer.json() == {
        "version": __version__,
        "database_up": 1,
        "key_value_store_up": 0,
        "job_queue_up": 1,
    }


async def test_a_queue_counts_as_served_while_its_worker_is_heard_of(client, configure, valkey):
    configure(jobs_inline=False)
    silent = await client.get("/status")
    assert (silent.status_code, silent.json()["job_queue_up"]) == (200, False)
    await valkey.set("arq:queue:health-check", "well")
    assert (await client.get("/status")).json()["job_queue_up"] is False
    await valkey.set("arq:queue:media:health-check", "well")
    assert (await client.get("/status")).json()["job_queue_up"] is True


async def test_resources_are_plausible(client):
    load = (await client.get("/status/resources")).json()
    assert load["cpu_count"] >= 1
    assert 0 <= load["memory"]["percent"] <= 100
    assert load["memory"]["available"] <= load["memory"]["total"]
    assert len(load["load_average"]) == 3


async def test_a_test_event_is_told_and_not_logged(client, session):
    last = await EventFeed(session).number()
    answer = await client.get("/status/test-event")
    assert answer.json() == {"success": True}
    await EventFeed(session).number()
    assert [entry.name for entry in await EventFeed(session).after(last, 10)] == ["main:test"]
    assert await session.scalar(select(func.count()).select_from(ApiEvent)) == 0
    assert await session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


async def test_the_trailing_slash_and_the_prefix_make_no_difference(client):
    for path in ("/api/status", "/status/", "/api/status/", "/api", "/api/"):
        assert (await client.get(path)).status_code == 200, path
