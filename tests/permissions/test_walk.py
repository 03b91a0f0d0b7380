"""Everybody calls every route; what they are answered is kept in `permissions.csv`, to be read by eye."""

from __future__ import annotations

import json
import os

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import async_sessionmaker

from kitsu_api.app import connect
from kitsu_api.permissions.guard import PUBLIC_ROUTES
from tests.permissions import walk


@pytest.fixture
async def stage(app, engine, settings, valkey, valkey_url, sign_in):
    """A connection with the two productions stored, whose every call is undone."""
    async with engine.connect() as connection:
        transaction = await connection.begin()
        sessions = async_sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )

        async def make(*rows):
            async with sessions() as session:
                for row in rows:
                    session.add(row)
                    await session.flush()
                await session.commit()
            return rows[0] if len(rows) == 1 else rows

        own, other, people = await walk.build(make)
        connect(app, sessions, valkey)
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://test") as client:

            async def call(method, path, person):
                """Status and text of an answer; what the call did is undone."""
                headers = dict(sign_in(person)) if person is not None else {}
                undone = await connection.begin_nested()
                try:
                    body = {} if method in ("POST", "PUT") else None
                    answer = await client.request(method, path, json=body, headers=headers)
                    return answer.status_code, answer.text
                finally:
                    await undone.rollback()

            yield own, other, people, call
        await transaction.rollback()


def leaked(text: str, secrets: set[str], asked: str) -> set[str]:
    """Ids of the other production in an answer, besides those that the request itself named."""
    return (set(walk.ID.findall(text)) & secrets) - set(walk.ID.findall(asked))


@pytest.mark.parametrize("part", range(walk.PARTS))
async def test_everybody_is_answered_as_the_table_says(stage, part):
    own, other, people, call = stage
    secrets = other.own_ids()
    found, problems = {}, []
    for method, path in walk.routes(part):
        status, _ = await call(method, own.path(path), None)
        row = {"method": method, "path": path, "anonymous": str(status)}
        if status not in (401, 404) and (method, path) not in PUBLIC_ROUTES:
            problems.append(f"{method} {path}: {status} for nobody")
        for name, person in people.items():
            for where, place in (("own", own), ("other", other)):
                asked = place.path(path)
                status, text = await call(method, asked, person)
                row[f"{name} {where}"] = str(status)
                if status >= 500:
                    problems.append(f"{method} {path}: {status} for {name} in {where}")
                if name != "admin" and status < 300 and (ids := leaked(text, secrets, asked)):
                    problems.append(f"{method} {path}: {name} reads {len(ids)} ids of the other production")
        found[method, path] = row
    if os.environ.get(walk.WRITE):
        walk.write_table(walk.read_table() | found)
    differences = list(walk.differences(found))
    told = "\n".join([*problems, *differences])
    assert not problems, told
    assert not differences, f"{told}\nIf this is meant: python -m tests.permissions.walk"


def test_the_table_names_every_route_and_no_other():
    assert sorted(walk.read_table()) == sorted(walk.routes())


def test_the_table_can_be_read_by_machines_as_well():
    rows = walk.read_table().values()
    assert json.dumps(list(rows))
    assert {row["anonymous"] for row in rows} >= {"401"}
