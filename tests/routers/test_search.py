"""Search on a server without an index."""

from __future__ import annotations

import pytest


async def test_a_server_without_an_index_finds_nothing(client, as_role):
    answer = await client.post(
        "/data/search", json={"query": "fox", "limit": 5}, headers=await as_role("user")
    )
    assert answer.status_code == 200
    assert answer.json() == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": None},
        {"query": "fox", "limit": -1},
        {"query": "fox", "project_id": "no id"},
        {"query": "fox", "index_names": ["secrets"]},
        {"query": "a\x00b"},
    ],
)
async def test_bad_input_is_refused(client, as_role, body):
    answer = await client.post("/data/search", json=body, headers=await as_role("user"))
    assert answer.status_code == 400
    assert answer.json()["error"] is True


async def test_search_is_for_people_who_signed_in(client):
    assert (await client.post("/data/search", json={"query": "fox"})).status_code == 401
