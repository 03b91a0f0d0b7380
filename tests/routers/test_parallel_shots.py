"""Two requests at once, each with a connection of its own, that add or cast the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from kitsu_api.app import connect
from kitsu_api.db import models as m
from tests import factories


class Stage(NamedTuple):
    """A client whose requests commit, sessions to look with, and a production that an admin works on."""

    client: Any
    sessions: Any
    headers: Any
    project: Any
    sequence: Any
    scene: Any
    shot: Any
    asset: Any


@pytest.fixture
async def stage(built_app, settings, migrated_database, valkey, valkey_url, sign_in) -> AsyncIterator[Stage]:
    engine = create_async_engine(migrated_database.replace("postgresql://", "postgresql+asyncpg://"))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    built_app.state.settings = settings
    connect(built_app, sessions, valkey)
    project, admin = factories.project(), factories.person(role="admin")
    kinds = {name: factories.entity_type(name=name) for name in ("Sequence", "Shot", "Scene", "Props")}
    sequence = factories.entity(project, kinds["Sequence"])
    scene = factories.entity(project, kinds["Scene"], parent_id=sequence.id)
    shot = factories.entity(project, kinds["Shot"], parent_id=sequence.id)
    asset = factories.entity(project, kinds["Props"], name="Tree")
    async with sessions() as session:
        for row in (project, admin, *kinds.values(), sequence, scene, shot, asset):
            session.add(row)
            await session.flush()
        await session.commit()
    async with AsyncClient(transport=ASGITransport(built_app), base_url="http://test") as client:
        yield Stage(client, sessions, sign_in(admin), project, sequence, scene, shot, asset)
    await engine.dispose()


@pytest.mark.parametrize("kind", ["shots", "sequences", "episodes", "scenes"])
async def test_of_two_that_add_the_same_at_once_one_is_told_that_it_is_there(stage, kind):
    wish = {"name": "New"}
    if kind in ("shots", "scenes"):
        wish["sequence_id"] = str(stage.sequence.id)
    path = f"/data/projects/{stage.project.id}/{kind}"
    answers = await asyncio.gather(
        *(stage.client.post(path, json=wish, headers=stage.headers) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]
    refused = next(answer for answer in answers if answer.status_code == 400)
    assert refused.json()["message"] == "New exists already."
    async with stage.sessions() as session:
        query = select(func.count()).select_from(m.Entity).where(m.Entity.name == "New")
        assert await session.scalar(query) == 1


async def test_a_casting_that_is_set_twice_at_once_holds_each_asset_once(stage):
    path = f"/data/projects/{stage.project.id}/entities/{stage.shot.id}/casting"
    body = [{"asset_id": str(stage.asset.id)}]
    answers = await asyncio.gather(
        *(stage.client.put(path, json=body, headers=stage.headers) for _ in range(4))
    )
    assert [answer.status_code for answer in answers] == [200] * 4, [answer.text for answer in answers]
    async with stage.sessions() as session:
        query = select(func.count()).select_from(m.EntityLink)
        assert await session.scalar(query.where(m.EntityLink.entity_in_id == stage.shot.id)) == 1


async def test_instances_that_are_added_at_once_have_numbers_of_their_own(stage):
    path = f"/data/scenes/{stage.scene.id}/asset-instances"
    body = {"asset_id": str(stage.asset.id)}
    answers = await asyncio.gather(
        *(stage.client.post(path, json=body, headers=stage.headers) for _ in range(4))
    )
    assert [answer.status_code for answer in answers] == [201] * 4, [answer.text for answer in answers]
    assert sorted(answer.json()["number"] for answer in answers) == [1, 2, 3, 4]


async def test_an_instance_that_is_shown_twice_at_once_is_shown(stage):
    made = await stage.client.post(
        f"/data/scenes/{stage.scene.id}/asset-instances",
        json={"asset_id": str(stage.asset.id)},
        headers=stage.headers,
    )
    path, body = f"/data/shots/{stage.shot.id}/asset-instances", {"asset_instance_id": made.json()["id"]}
    answers = await asyncio.gather(
        *(stage.client.post(path, json=body, headers=stage.headers) for _ in range(4))
    )
    assert [answer.status_code for answer in answers] == [201] * 4, [answer.text for answer in answers]
