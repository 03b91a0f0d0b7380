"""Comments at once, each with a connection of its own: one row, one count, and nobody waits forever."""

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
    """Requests of an admin with connections of their own, and a production with two tasks on one entity."""

    client: Any
    sessions: Any
    headers: Any
    rows: Any
    other: Any


async def store(sessions, *rows) -> None:
    async with sessions() as session:
        for row in rows:
            session.add(row)
            await session.flush()
        await session.commit()


@pytest.fixture
async def stage(built_app, settings, migrated_database, valkey, valkey_url, sign_in) -> AsyncIterator[Stage]:
    engine = create_async_engine(migrated_database.replace("postgresql://", "postgresql+asyncpg://"))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    built_app.state.settings = settings
    connect(built_app, sessions, valkey)
    rows, admin, kind = factories.production(), factories.person(role="admin"), factories.task_type()
    other = factories.task(rows.entity, kind, rows.task_status)
    await store(sessions, *rows, admin, kind, other)
    async with AsyncClient(transport=ASGITransport(built_app), base_url="http://test") as client:
        yield Stage(client, sessions, sign_in(admin), rows, other)
    await engine.dispose()


async def post_at_once(stage: Stage, *calls: tuple[str, Any]) -> list[int]:
    posts = (stage.client.post(path, json=body, headers=stage.headers) for path, body in calls)
    return [answer.status_code for answer in await asyncio.wait_for(asyncio.gather(*posts), 60)]


@pytest.mark.parametrize(("times", "left"), [(2, 0), (5, 1)])
async def test_acknowledgements_at_once_follow_each_other(stage, times, left):
    comment = factories.comment(stage.rows.task, stage.rows.person)
    await store(stage.sessions, comment)
    path = f"/data/tasks/{stage.rows.task.id}/comments/{comment.id}/ack"
    assert await post_at_once(stage, *[(path, {})] * times) == [200] * times
    async with stage.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(m.CommentAcknoledgments)) == left


async def test_a_default_status_that_is_missing_is_made_once(stage):
    rows = stage.rows
    entities = [factories.entity(rows.project, rows.entity_type) for _ in range(6)]
    tasks = [factories.task(entity, rows.task_type, rows.task_status) for entity in entities]
    said = [factories.comment(task, rows.person) for task in tasks]
    await store(stage.sessions, *entities, *tasks, *said)
    paths = [f"/data/tasks/{one.object_id}/comments/{one.id}" for one in said]
    gone = (stage.client.delete(path, headers=stage.headers) for path in paths)
    assert [answer.status_code for answer in await asyncio.gather(*gone)] == [204] * 6
    async with stage.sessions() as session:
        made = select(m.TaskStatus.id).where(m.TaskStatus.is_default.is_(True))
        [default] = await session.scalars(made)
        fallen = select(m.Task.task_status_id).where(m.Task.id.in_([task.id for task in tasks]))
        assert set(await session.scalars(fallen)) == {default}


async def test_replies_at_once_are_all_kept(stage):
    comment = factories.comment(stage.rows.task, stage.rows.person)
    await store(stage.sessions, comment)
    path = f"/data/tasks/{stage.rows.task.id}/comments/{comment.id}/reply"
    calls = [(path, {"text": f"reply {number}"}) for number in range(5)]
    assert await post_at_once(stage, *calls) == [200] * 5
    async with stage.sessions() as session:
        replies = await session.scalar(select(m.Comment.replies))
    assert sorted(reply["text"] for reply in replies) == [f"reply {number}" for number in range(5)]


async def test_work_that_is_sent_back_several_times_at_once_is_sent_back_once(stage):
    retake = factories.task_status(is_retake=True)
    await store(stage.sessions, retake)
    call = (f"/actions/tasks/{stage.rows.task.id}/comment", {"task_status_id": str(retake.id)})
    assert await post_at_once(stage, *[call] * 4) == [201] * 4
    async with stage.sessions() as session:
        assert (await session.get(m.Task, stage.rows.task.id)).retake_count == 1
        assert await session.scalar(select(func.count()).select_from(m.Comment)) == 4


async def test_automations_that_point_at_each_other_do_not_wait_for_each_other(stage):
    rows, other = stage.rows, stage.other
    begun, ready = factories.task_status(is_wip=True), factories.task_status()
    await store(stage.sessions, begun, ready)
    for one, two in ((rows.task, other), (other, rows.task)):
        automation = m.StatusAutomation(
            in_task_type_id=one.task_type_id,
            in_task_status_id=begun.id,
            out_field_type="status",
            out_task_type_id=two.task_type_id,
            out_task_status_id=ready.id,
        )
        await store(stage.sessions, automation)
        link = {"project_id": rows.project.id, "status_automation_id": automation.id}
        await store(stage.sessions, m.ProjectStatusAutomationLink(**link))
    body = {"task_status_id": str(begun.id)}
    calls = [(f"/actions/tasks/{task.id}/comment", body) for task in (rows.task, other)] * 4
    assert await post_at_once(stage, *calls) == [201] * 8


async def test_comments_that_change_places_do_not_wait_for_each_other(stage):
    tasks = (stage.rows.task, stage.other)
    calls = []
    for here, there in (tasks, tasks[::-1]) * 3:
        comment = factories.comment(here, stage.rows.person)
        await store(stage.sessions, comment)
        path = f"/actions/tasks/{here.id}/comments/{comment.id}/move"
        calls.append((path, {"target_task_id": str(there.id)}))
    assert await post_at_once(stage, *calls) == [200] * 6
    async with stage.sessions() as session:
        kept = (await session.scalars(select(m.Comment.object_id))).all()
    assert sorted(kept) == sorted([task.id for task in tasks] * 3)


async def test_batches_in_opposite_order_do_not_wait_for_each_other(stage):
    body = {"task_status_id": str(stage.rows.task_status.id)}
    wishes = [{**body, "task_id": str(task.id)} for task in (stage.rows.task, stage.other)]
    path = "/actions/tasks/batch-comment"
    calls = [(path, {"comments": wishes}), (path, {"comments": wishes[::-1]})] * 2
    assert await post_at_once(stage, *calls) == [201] * 4


async def test_a_comment_is_read_while_its_task_is_being_changed(stage):
    comment = factories.comment(stage.rows.task, stage.rows.person)
    await store(stage.sessions, comment)
    base = f"/data/tasks/{stage.rows.task.id}/comments"
    async with stage.sessions() as session:
        await session.execute(select(m.Task).where(m.Task.id == stage.rows.task.id).with_for_update())
        for path in (base, f"{base}/{comment.id}"):
            answer = await asyncio.wait_for(stage.client.get(path, headers=stage.headers), 60)
            assert answer.status_code == 200
