"""Many requests at once, each with a connection of its own, that publish files."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from kitsu_api.app import connect
from kitsu_api.services.file_trees import named_tree
from tests import factories

AT_ONCE = 50


@pytest.fixture
async def stage(built_app, settings, migrated_database, valkey, valkey_url, sign_in):
    engine = create_async_engine(migrated_database.replace("postgresql://", "postgresql+asyncpg://"))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    built_app.state.settings = settings
    connect(built_app, sessions, valkey)
    rows, admin = factories.production(file_tree=named_tree("simple")), factories.person(role="admin")
    cache = factories.output_type()
    async with sessions() as session:
        for row in (*rows, admin, cache):
            session.add(row)
            await session.flush()
        await session.commit()
    async with AsyncClient(transport=ASGITransport(built_app), base_url="http://test") as client:
        yield SimpleNamespace(client=client, who=sign_in(admin), task=rows.task, cache=cache)
    await engine.dispose()


async def publish(stage, path: str, body: dict[str, Any]) -> list[int]:
    answers = await asyncio.gather(
        *(stage.client.post(path, json=body, headers=stage.who) for _ in range(AT_ONCE))
    )
    assert [answer.status_code for answer in answers] == [201] * AT_ONCE, [one.text for one in answers]
    return sorted(answer.json()["revision"] for answer in answers)


async def test_working_files_that_are_made_at_once_get_different_revisions(stage):
    path = f"/data/tasks/{stage.task.id}/working-files/new"
    assert await publish(stage, path, {"name": "main"}) == list(range(1, AT_ONCE + 1))


async def test_output_files_that_are_made_at_once_get_different_revisions(stage):
    path = f"/data/entities/{stage.task.entity_id}/output-files/new"
    body = {"output_type_id": str(stage.cache.id), "task_type_id": str(stage.task.task_type_id)}
    assert await publish(stage, path, body) == list(range(1, AT_ONCE + 1))
