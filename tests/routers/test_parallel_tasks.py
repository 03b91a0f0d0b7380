"""Two requests at once, each with a connection of its own: one row, and sane answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from kitsu_api.app import connect
from kitsu_api.db import models as m
from tests import factories


@pytest.fixture
async def parallel(built_app, settings, migrated_database, valkey, valkey_url) -> AsyncIterator[Any]:
    """A client whose requests have connections of their own, and the sessions to look with."""
    engine = create_async_engine(migrated_database.replace("postgresql://", "postgresql+asyncpg://"))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    built_app.state.settings = settings
    connect(built_app, sessions, valkey)
    async with AsyncClient(transport=ASGITransport(built_app), base_url="http://test") as client:
        yield client, sessions
    await engine.dispose()


async def _store(sessions, *rows):
    async with sessions() as session:
        for row in rows:
            session.add(row)
            await session.flush()
        await session.commit()


@pytest.fixture
async def stage(parallel, sign_in):
    """The client, the sessions, a production with one task, and headers of an admin."""
    client, sessions = parallel
    show, admin = factories.production(), factories.person(role="admin")
    await _store(sessions, *show, admin)
    return client, sessions, show, sign_in(admin)


async def test_one_schedule_item_is_made_of_two_at_once(stage):
    client, sessions, show, headers = stage
    # the unique constraint does not compare nulls: without the lock each of the two would be made
    body = {"project_id": str(show.project.id), "task_type_id": str(show.task_type.id)}
    answers = await asyncio.gather(
        *(client.post("/data/schedule-items", json=body, headers=headers) for _ in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[400] * 5]
    async with sessions() as session:
        of_show = m.ScheduleItem.project_id == show.project.id
        assert await session.scalar(select(func.count()).where(of_show)) == 1


async def test_two_ways_to_make_tasks_at_once_make_one_a_type(stage):
    client, sessions, show, headers = stage
    kinds = [factories.task_type(for_entity="Asset") for _ in range(2)]
    links = [m.ProjectTaskTypeLink(project_id=show.project.id, task_type_id=kind.id) for kind in kinds]
    await _store(sessions, *kinds, *links)
    body = {"task_type_ids": [str(kind.id) for kind in kinds]}
    turned = {"task_type_ids": list(reversed(body["task_type_ids"]))}
    own = f"/data/entities/{show.entity.id}/tasks"
    bulk = [f"/actions/projects/{show.project.id}/task-types/{kind.id}/assets/create-tasks" for kind in kinds]
    answers = await asyncio.gather(
        *(client.post(path, json=[], headers=headers) for path in bulk * 2),
        client.post(own, json=body, headers=headers),
        client.post(own, json=turned, headers=headers),
    )
    assert [answer.status_code for answer in answers] == [201] * 6, [answer.text for answer in answers]
    assert sum(len(answer.json()) for answer in answers) == 2
    async with sessions() as session:
        query = select(func.count()).where(m.Task.task_type_id.in_([kind.id for kind in kinds]))
        assert await session.scalar(query) == 2


async def test_time_that_is_added_at_once_adds_up(stage):
    client, sessions, show, headers = stage
    path = f"/actions/tasks/{show.task.id}/time-spents/2026-03-02/persons/{show.person.id}/add"
    answers = await asyncio.gather(
        *(client.post(path, json={"duration": 60}, headers=headers) for _ in range(5))
    )
    assert [answer.status_code for answer in answers] == [201] * 5, answers[0].text
    async with sessions() as session:
        assert (await session.scalars(select(m.TimeSpent.duration))).all() == [300]
        query = select(m.Task.duration).where(m.Task.id == show.task.id)
        assert await session.scalar(query) == 300


async def test_previews_that_are_added_at_once_get_revisions_of_their_own(stage):
    client, sessions, show, headers = stage
    comment = factories.comment(show.task, show.person)
    await _store(sessions, comment)
    base = f"/actions/tasks/{show.task.id}/comments/{comment.id}"
    answers = await asyncio.gather(
        *(client.post(f"{base}/add-preview", json={}, headers=headers) for _ in range(4))
    )
    assert sorted(answer.json()["revision"] for answer in answers) == [1, 2, 3, 4]
    first = next(answer.json()["id"] for answer in answers if answer.json()["revision"] == 1)
    extras = await asyncio.gather(
        *(client.post(f"{base}/preview-files/{first}", json={}, headers=headers) for _ in range(3))
    )
    assert sorted(extra.json()["position"] for extra in extras) == [2, 3, 4]


async def test_of_two_previews_that_move_to_one_revision_at_once_one_does(stage):
    client, sessions, show, headers = stage
    previews = [factories.preview_file(show.task, show.person, revision=number) for number in (1, 2)]
    await _store(sessions, *previews)
    answers = await asyncio.gather(
        *(
            client.put(f"/data/preview-files/{preview.id}", json={"revision": 7}, headers=headers)
            for preview in previews
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 400]
