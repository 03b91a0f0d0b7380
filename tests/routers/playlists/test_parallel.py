"""Many requests at once, each with a connection of its own, that change a playlist; builds ended half-way."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from kitsu_api.app import connect
from kitsu_api.db.models import BuildJob, StoredFile, TrackedJob
from kitsu_api.storage.files import FileStorage, MissingFile
from tests import factories
from tests.media.clips import make_movie
from tests.routers.playlists.stage import entry, make_stage, take

AT_ONCE = 30


@pytest.fixture
async def stage(built_app, settings, migrated_database, valkey, valkey_url, sign_in):
    engine = create_async_engine(migrated_database.replace("postgresql://", "postgresql+asyncpg://"))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    built_app.state.settings = settings.model_copy(update={"job_heartbeat_seconds": 0.05})
    connect(built_app, sessions, valkey)

    async def make(*rows: Any) -> Any:
        async with sessions() as session:
            for row in rows:
                session.add(row)
                await session.flush()
            await session.commit()
        return rows[0] if len(rows) == 1 else rows

    found = await make_stage(make)
    admin, found.playlist = await make(factories.person(role="admin"), factories.playlist(found.film))
    async with AsyncClient(transport=ASGITransport(built_app), base_url="http://test") as client:
        found.client, found.who, found.make, found.sessions = client, sign_in(admin), make, sessions
        found.app = built_app
        yield found
    await engine.dispose()


async def shots_of(stage: SimpleNamespace) -> list[dict[str, Any]]:
    answer = await stage.client.get(f"/data/playlists/{stage.playlist.id}", headers=stage.who)
    shots: list[dict[str, Any]] = answer.json()["shots"]
    return shots


async def test_entities_that_are_added_at_once_are_all_there(stage):
    shots = [factories.entity(stage.film, stage.kinds["Shot"]) for _ in range(AT_ONCE)]
    await stage.make(*shots)
    path = f"/actions/playlists/{stage.playlist.id}/add-entity"
    answers = await asyncio.gather(
        *(stage.client.post(path, json=entry(shot), headers=stage.who) for shot in shots)
    )
    assert {answer.status_code for answer in answers} == {200}
    found = await shots_of(stage)
    assert sorted(shot["entity_id"] for shot in found) == sorted(str(shot.id) for shot in shots)


async def test_an_entity_that_is_added_many_times_at_once_is_there_once(stage):
    path = f"/actions/playlists/{stage.playlist.id}/add-entities"
    body = {"entities": [entry(stage.first), entry(stage.second)]}
    answers = await asyncio.gather(
        *(stage.client.post(path, json=body, headers=stage.who) for _ in range(AT_ONCE))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert await shots_of(stage) == body["entities"]


async def test_a_build_that_is_deleted_while_it_is_made_leaves_nothing(stage, tmp_path):
    """The request that orders it does the job, as in installations without a worker."""
    preview = await stage.make(take(stage, stage.tasks.first, 1, extension="mp4"))
    storage = FileStorage(stage.app.state.settings)
    movie = make_movie(tmp_path / "long.mp4", frames=200, rate=Fraction(24))
    await storage.put("movies", "lowdef", preview.id, movie)
    shots = {"shots": [entry(stage.first, preview)] * 60}
    path = f"/data/playlists/{stage.playlist.id}"
    assert (await stage.client.put(path, json=shots, headers=stage.who)).status_code == 200

    ordering = asyncio.create_task(stage.client.get(f"{path}/build/mp4", headers=stage.who))
    job = await until(stage, progress)
    build_id = UUID(job.key)
    answer = await stage.client.delete(f"{path}/jobs/{build_id}", headers=stage.who)
    assert answer.status_code == 204
    assert (await asyncio.wait_for(ordering, 60)).status_code == 404
    async with stage.sessions() as session:
        assert (await session.scalars(select(TrackedJob))).one().status == "cancelled"
        assert (await session.scalars(select(BuildJob))).all() == []
        stored = (await session.scalars(select(StoredFile))).all()
    assert all(file.deleted_at for file in stored)
    with pytest.raises(MissingFile):
        await storage.stat("movies", "playlists", build_id)


def progress(job: TrackedJob) -> bool:
    """Whether a job is under way."""
    return job.done > 0


async def until(stage: SimpleNamespace, reached: Any) -> TrackedJob:
    """The only job, once it is so far."""
    for _ in range(2000):
        async with stage.sessions() as session:
            job = (await session.scalars(select(TrackedJob))).one_or_none()
        if job is not None and reached(job):
            assert job.status == "running"
            return job
        await asyncio.sleep(0.02)
    raise AssertionError("The job was not under way in time.")
