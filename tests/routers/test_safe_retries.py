"""A POST with an `Idempotency-Key` is done once, and answered the same again."""

from __future__ import annotations

import asyncio
import json
from functools import partial

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select

from kitsu_api.app import connect
from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.models import Comment, Department, Person
from kitsu_api.permissions import idempotency
from tests import factories

WISH = {"name": "Layout", "color": "#123456"}


def keyed(who, key="one"):
    return {**who, "Idempotency-Key": key}


async def count(session):
    return await session.scalar(
        select(func.count()).select_from(Department).where(Department.name == "Layout")
    )


async def test_the_same_answer_comes_again_and_one_row_is_made(client, as_role, session):
    who = keyed(await as_role("admin"))
    first = await client.post("/data/departments", json=WISH, headers=who)
    second = await client.post("/api/data/departments/", json=WISH, headers=who)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert await count(session) == 1


async def test_another_body_under_the_same_key_is_refused(client, as_role):
    who = keyed(await as_role("admin"))
    await client.post("/data/departments", json=WISH, headers=who)
    answer = await client.post("/data/departments", json={**WISH, "name": "Other"}, headers=who)
    assert answer.status_code == 400


async def test_a_key_counts_for_one_person(client, as_role):
    await client.post("/data/departments", json=WISH, headers=keyed(await as_role("admin")))
    answer = await client.post("/data/departments", json=WISH, headers=keyed(await as_role("user")))
    assert answer.status_code == 403


async def test_a_refusal_frees_the_key(client, as_role):
    who = keyed(await as_role("admin"))
    assert (await client.post("/data/departments", json={}, headers=who)).status_code == 400
    assert (await client.post("/data/departments", json=WISH, headers=who)).status_code == 201


async def test_an_answer_that_is_too_long_is_not_kept_but_the_work_is_not_done_twice(
    client, as_role, session, app, monkeypatch
):
    who = keyed(await as_role("admin"))
    wish = {**WISH, "name": "Layout"}
    once = "kitsu_api.middleware.len"
    monkeypatch.setattr(once, lambda _thing: idempotency.MAXIMUM, raising=False)
    assert (await client.post("/data/departments", json=wish, headers=who)).status_code == 201
    monkeypatch.undo()
    assert (await client.post("/data/departments", json=wish, headers=who)).status_code == 409
    assert await count(session) == 1


async def test_answers_are_kept_unreadable(client, as_role, valkey):
    who = keyed(await as_role("admin"))
    made = await client.post("/data/api-keys", json={"name": "Farm"}, headers=who)
    [name] = [key async for key in valkey.scan_iter("kitsu:once:*")]
    assert made.json()["key"] not in await valkey.get(name)
    assert 86_000 < await valkey.ttl(name) <= 86_400
    assert (await client.post("/data/api-keys", json={"name": "Farm"}, headers=who)).json() == made.json()


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
async def test_malformed_keys_are_refused(client, as_role, key):
    answer = await client.post("/data/departments", json=WISH, headers=keyed(await as_role("admin"), key))
    assert answer.status_code == 400


async def test_ten_at_a_time_make_one_row_and_ten_patches_are_all_kept(
    app, settings, migrated_database, valkey, sign_in
):
    own = settings.model_copy(update={"database_url": migrated_database})
    engine = make_engine(own)
    sessions = make_sessions(engine)
    app.state.settings = own
    connect(app, sessions, valkey)
    admin = factories.person(role="admin")
    async with sessions() as session:
        session.add(admin)
        await session.commit()
    who = keyed(sign_in(admin))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        answers = await asyncio.gather(
            *(client.post("/data/departments", json=WISH, headers=who) for _ in range(10))
        )
        path = f"/data/persons/{admin.id}/data"
        await asyncio.gather(
            *(client.patch(path, json={f"key {n}": n}, headers=sign_in(admin)) for n in range(10))
        )
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    async with sessions() as session:
        assert await count(session) == 1
        changed = await session.get(Person, admin.id)
        assert changed.data == {f"key {n}": n for n in range(10)}
    await engine.dispose()


BODIES_READ_BY_HAND = {
    "/actions/tasks/{task}/comment": {"comment": "once", "task_status_id": "{status}"},
    "/actions/tasks/batch-comment": {
        "comments": [{"task_id": "{task}", "comment": "once", "task_status_id": "{status}"}]
    },
    "/actions/projects/{project}/tasks/comment-many": [
        {"object_id": "{task}", "comment": "once", "task_status_id": "{status}"}
    ],
}


@pytest.mark.parametrize("path", BODIES_READ_BY_HAND)
@pytest.mark.parametrize("form", [False, True])
async def test_bodies_that_routes_read_themselves_are_read_once_more(
    client, as_role, make, session, path, form
):
    rows = factories.production()
    await make(*rows)
    names = {"task": str(rows.task.id), "status": str(rows.task_status.id), "project": str(rows.project.id)}
    body = json.dumps(BODIES_READ_BY_HAND[path])
    for name, value in names.items():
        path, body = path.replace(f"{{{name}}}", value), body.replace(f"{{{name}}}", value)
    sent = json.loads(body)
    who = keyed(await as_role("admin"))
    if form and isinstance(sent, dict):
        fields = {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()
        }
        send = partial(client.post, path, files={name: (None, value) for name, value in fields.items()})
    else:
        send = partial(client.post, path, json=sent)
    async with asyncio.timeout(10):
        first, second = await send(headers=who), await send(headers=who)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    made = select(func.count()).select_from(Comment).where(Comment.text == "once")
    assert await session.scalar(made) == 1


async def test_an_upload_that_is_announced_twice_goes_on_where_the_first_one_stands(client, as_role):
    who = keyed(await as_role("admin"))
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": "filename YS5wbmc="}
    headers |= {"Content-Type": "application/offset+octet-stream", **who}
    first = await client.post("/uploads", content=b"hello", headers=headers)
    second = await client.post("/uploads", content=b"hello", headers=headers)
    assert second.headers["idempotent-replayed"] == "true"
    for name in ("location", "upload-offset", "tus-resumable"):
        assert first.headers[name] == second.headers[name]


async def test_what_was_done_is_answered_when_valkey_goes_away_meanwhile(
    client, as_role, session, valkey, monkeypatch
):
    who = keyed(await as_role("admin"))

    async def gone(*_args, **_kept):
        raise ConnectionError("gone")

    set_once = type(valkey).set

    async def set_first(self, *args, nx=False, **kept):
        return await (set_once(self, *args, nx=nx, **kept) if nx else gone())

    monkeypatch.setattr(type(valkey), "set", set_first)
    made = await client.post("/data/departments", json=WISH, headers=who)
    assert made.status_code == 201
    assert made.json()["name"] == "Layout"
    assert await count(session) == 1
