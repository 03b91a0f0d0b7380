"""Values that no table takes: every one is a 400 that says why, never a 500, and stores nothing."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from sqlalchemy import ARRAY, Boolean, Date, DateTime, Float, Integer, LargeBinary, String, Uuid, func, select
from sqlalchemy.dialects.postgresql import JSONB

from tests.routers.data.payloads import BODIES, BY_PATH, MADE_BY_CLIENTS
from tests.routers.data.test_crud import a_row

DEEP = "[" * 60 + "]" * 60
VERY_DEEP = "[" * 30_000 + "]" * 30_000
RAW = "@raw@"
"""Marks a value whose text goes into the body as it is: JSON that Python would not write."""

OBJECT = {"a": {"b": []}}


def raw(text: str) -> str:
    return RAW + text


def body_of(values) -> bytes:
    text = json.dumps(values)
    for value in values.values():
        if isinstance(value, str) and value.startswith(RAW):
            text = text.replace(json.dumps(value), value.removeprefix(RAW))
    return text.encode()


def bad_values(column):
    """Values that a column of this kind can't hold."""
    kind = column.type
    if isinstance(kind, Uuid):
        return ["no-id", 7, OBJECT, [], "\x00", "0" * 5000]
    if isinstance(kind, Boolean):
        return ["perhaps", 7, OBJECT, [True]]
    if isinstance(kind, Integer):
        return ["seven", 2**63, -(2**70), 1.5, OBJECT, raw("1e400"), raw("9" * 5000), raw("NaN")]
    if isinstance(kind, Float):
        return ["much", OBJECT, raw("1e400"), raw("NaN"), raw("-Infinity"), "inf"]
    if isinstance(kind, DateTime | Date):
        return ["yesterday", "2026-13-45", OBJECT, "99999-01-01", raw("1e300"), "\x00"]
    if isinstance(kind, ARRAY):
        return ["text", [OBJECT], ["\x00"], 7]
    if isinstance(kind, JSONB):
        return [raw(DEEP), raw('"\\u0000"'), raw('{"\\u0000": 1}'), raw('["\\ud800"]'), raw("[1e400]")]
    if isinstance(kind, LargeBinary):  # passwords
        return [7, OBJECT, True]
    if isinstance(kind, String):
        long = [] if kind.length is None else ["x" * (kind.length + 1)]
        return ["nul\x00", raw('"\\ud800"'), 7, OBJECT, True, *long]
    raise AssertionError(f"{column} is of a kind that this test does not know")


def cases(path, schema):
    """(column, bad value) of all columns that a body may name."""
    columns = BY_PATH[path].model.__table__.columns
    for name in schema.model_fields:
        if name in columns:
            for value in bad_values(columns[name]):
                yield name, value


async def send(client, verb, url, values, headers):
    return await client.request(
        verb, url, content=body_of(values), headers={**headers, "Content-Type": "application/json"}
    )


@pytest.mark.parametrize("path", MADE_BY_CLIENTS)
async def test_a_value_that_the_column_can_not_hold_is_refused_on_creation(
    client, admin, world, session, path
):
    body = await BODIES[path](world)
    model = BY_PATH[path].model
    before = await session.scalar(select(func.count()).select_from(model))
    wrong = []
    for name, value in cases(path, BY_PATH[path].create):
        answer = await send(client, "POST", f"/data/{path}", {**body, name: value}, admin)
        if answer.status_code != 400 or not answer.json()["message"]:
            wrong.append((name, repr(value)[:40], answer.status_code))
    assert wrong == []
    assert await session.scalar(select(func.count()).select_from(model)) == before


@pytest.mark.parametrize("path", sorted(BY_PATH))
async def test_a_value_that_the_column_can_not_hold_is_refused_on_update(client, admin, world, path):
    made = await a_row(client, admin, world, path)
    url = f"/data/{path}/{made['id']}"
    before = (await client.get(url, headers=admin)).json()
    wrong = []
    for name, value in cases(path, BY_PATH[path].update):
        answer = await send(client, "PUT", url, {name: value}, admin)
        if answer.status_code != 400 or not answer.json()["message"]:
            wrong.append((name, repr(value)[:40], answer.status_code))
    assert wrong == []
    assert (await client.get(url, headers=admin)).json() == before


@pytest.mark.parametrize("path", MADE_BY_CLIENTS)
async def test_null_for_a_column_that_needs_a_value_is_refused(client, admin, world, path):
    resource = BY_PATH[path]
    body = await BODIES[path](world)
    made = await a_row(client, admin, world, path)
    needed = [
        column.name
        for column in resource.model.__table__.columns
        if not column.nullable and column.default is None and column.server_default is None
    ]
    wrong = []
    for name in needed:
        if name in resource.create.model_fields:
            answer = await client.post(f"/data/{path}", json={**body, name: None}, headers=admin)
            if answer.status_code != 400:
                wrong.append((name, "POST", answer.status_code))
        if name in resource.update.model_fields and name not in resource.protected:
            answer = await client.put(f"/data/{path}/{made['id']}", json={name: None}, headers=admin)
            if answer.status_code != 400 or name not in answer.json()["message"]:
                wrong.append((name, "PUT", answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("path", MADE_BY_CLIENTS)
async def test_null_for_a_column_with_a_default_leaves_the_default(client, admin, world, path):
    resource = BY_PATH[path]
    body = await BODIES[path](world)
    columns = [
        column.name
        for column in resource.model.__table__.columns
        if not column.nullable
        and (column.default is not None or column.server_default is not None)
        and column.name in resource.create.model_fields
        and column.name not in body
    ]
    answer = await client.post(f"/data/{path}", json={**body, **dict.fromkeys(columns)}, headers=admin)
    assert answer.status_code == 201, answer.text
    assert all(answer.json()[name] is not None for name in columns)


@pytest.mark.parametrize("path", MADE_BY_CLIENTS)
async def test_a_reference_to_nothing_is_refused_without_sql(client, admin, world, path):
    resource = BY_PATH[path]
    body = await BODIES[path](world)
    wrong = []
    for column in resource.model.__table__.columns:
        if column.foreign_keys and column.name in resource.create.model_fields:
            values = {**body, column.name: str(uuid4())}
            answer = await client.post(f"/data/{path}", json=values, headers=admin)
            text = answer.text.lower()
            ours = path in ("entities", "playlists") and column.name == "created_by"
            if answer.status_code != (201 if ours else 400) or "foreign key" in text or "insert" in text:
                wrong.append((column.name, answer.status_code, answer.text[:80]))
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("entity-types", "task_types"),
        ("tasks", "assignees"),
        ("comments", "mentions"),
        ("comments", "department_mentions"),
        ("chats", "participants"),
        ("metadata-descriptors", "departments"),
        ("asset-instances", "shots"),
        ("production-schedule-version-task-links", "assignees"),
        ("persons", "departments"),
    ],
)
async def test_links_to_nothing_or_to_no_ids_are_refused(client, admin, world, path, name):
    made = await a_row(client, admin, world, path)
    for value in ([str(uuid4())], ["no-id"], "text", [None], {"a": 1}, [[]]):
        body = await BODIES[path](world)
        created = await client.post(f"/data/{path}", json={**body, name: value}, headers=admin)
        changed = await client.put(f"/data/{path}/{made['id']}", json={name: value}, headers=admin)
        assert (created.status_code, changed.status_code) == (400, 400), value


@pytest.mark.parametrize("path", ["entities", "tasks", "comments", "playlists", "events"])
async def test_json_nested_without_end_is_refused(client, admin, world, path):
    column = next(
        column.name
        for column in BY_PATH[path].model.__table__.columns
        if isinstance(column.type, JSONB) and column.name in BY_PATH[path].create.model_fields
    )
    body = await BODIES[path](world)
    answer = await send(client, "POST", f"/data/{path}", {**body, column: raw(VERY_DEEP)}, admin)
    assert answer.status_code == 400
    assert answer.json()["message"]


@pytest.mark.parametrize("value", [[1, 2], "text", 7, True])
@pytest.mark.parametrize("path", ["entities", "tasks"])
async def test_metadata_that_is_no_object_is_refused_where_it_is_merged(client, admin, world, path, value):
    body = {**await BODIES[path](world), "data": {"colour": "red"}}
    made = (await client.post(f"/data/{path}", json=body, headers=admin)).json()
    answer = await client.put(f"/data/{path}/{made['id']}", json={"data": value}, headers=admin)
    assert answer.status_code == 400
    after = (await client.get(f"/data/{path}/{made['id']}", headers=admin)).json()
    assert after["data"] == {"colour": "red"}
