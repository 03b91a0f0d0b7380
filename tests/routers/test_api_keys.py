"""API keys: made once, hashed, limited, never more than their owner."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete

from kitsu_api.db.base import now
from kitsu_api.db.models import ApiKey, ProjectPersonLink
from tests import factories


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
async def make_key(client):
    """`await make_key(who, access="write")`: the answer to making a key."""

    async def made(who, **wish):
        answer = await client.post("/data/api-keys", json={"name": "Farm", **wish}, headers=who)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return made


async def test_a_key_is_shown_once_and_stored_hashed(client, as_role, make_key, session):
    who = await as_role("user")
    made = await make_key(who)
    assert made["key"].startswith(made["prefix"])
    listed = (await client.get("/data/api-keys", headers=who)).json()
    assert [row["id"] for row in listed] == [made["id"]]
    assert "key" not in listed[0]
    stored = await session.get(ApiKey, made["id"])
    assert len(stored.secret_hash) == 32
    assert made["key"].rpartition("_")[2].encode() not in stored.secret_hash


async def test_a_key_is_good_where_a_token_is(client, as_role, make_key):
    who = await as_role("user")
    key = bearer((await make_key(who))["key"])
    answer = await client.get(f"/data/persons/{who.person.id}", headers=key)
    assert answer.json()["id"] == str(who.person.id)
    assert (await client.get("/auth/authenticated", headers=key)).status_code == 200


async def test_a_key_costs_no_more_statements_than_a_token(client, as_role, make_key, count_statements):
    who = await as_role("user")
    key = bearer((await make_key(who))["key"])
    await client.get("/data/task-types", headers=key)  # notes the use
    with count_statements() as with_token:
        await client.get("/data/task-types", headers=who)
    with count_statements() as with_key:
        await client.get("/data/task-types", headers=key)
    assert with_key.count == with_token.count


async def test_the_last_use_is_noted_once_a_minute(client, as_role, make_key, session):
    who = await as_role("user")
    made = await make_key(who)
    assert made["last_used_at"] is None
    stored = await session.get(ApiKey, made["id"])
    await client.get("/data/task-types", headers=bearer(made["key"]))
    await session.refresh(stored)
    first = stored.last_used_at
    assert now() - first < timedelta(seconds=30)
    await client.get("/data/task-types", headers=bearer(made["key"]))
    await session.refresh(stored)
    assert stored.last_used_at == first
    stored.last_used_at = first - timedelta(minutes=2)
    await session.commit()
    await client.get("/data/task-types", headers=bearer(made["key"]))
    await session.refresh(stored)
    assert stored.last_used_at > first


@pytest.mark.parametrize(
    "key", ["kak_", "kak_0123456789abcdef_" + "a" * 43, "kak_\u00e9", "kak_" + "0" * 500, "kak_x_y"]
)
async def test_made_up_keys_are_refused(client, key):
    answer = await client.get("/data/persons", headers={"Authorization": f"Bearer {key}".encode()})
    assert answer.status_code == 401


async def test_the_right_lookup_with_another_secret_is_refused(client, as_role, make_key):
    made = await make_key(await as_role("admin"))
    forged = made["key"][:-1] + ("A" if made["key"][-1] != "A" else "B")
    assert (await client.get("/data/persons", headers=bearer(forged))).status_code == 401


async def test_a_key_ends_when_it_expires(client, as_role, make_key, session):
    who = await as_role("user")
    made = await make_key(who, expires_at=(now() + timedelta(hours=1)).isoformat())
    assert (await client.get("/data/task-types", headers=bearer(made["key"]))).status_code == 200
    stored = await session.get(ApiKey, made["id"])
    stored.expires_at = now() - timedelta(seconds=1)
    await session.commit()
    assert (await client.get("/data/task-types", headers=bearer(made["key"]))).status_code == 401


async def test_rotating_ends_the_secret_before(client, as_role, make_key):
    who = await as_role("user")
    made = await make_key(who)
    answer = await client.post(f"/data/api-keys/{made['id']}/rotate", headers=who)
    assert (await client.get("/data/task-types", headers=bearer(made["key"]))).status_code == 401
    assert (await client.get("/data/task-types", headers=bearer(answer.json()["key"]))).status_code == 200


async def test_a_deleted_key_opens_nothing(client, as_role, make_key):
    who = await as_role("user")
    made = await make_key(who)
    assert (await client.delete(f"/data/api-keys/{made['id']}", headers=who)).status_code == 204
    assert (await client.get("/data/task-types", headers=bearer(made["key"]))).status_code == 401


async def test_a_key_does_what_its_owner_may_now(client, as_role, make_key, make, session):
    project = await make(factories.project())
    who = await as_role("manager", on=project)
    key = bearer((await make_key(who, access="write"))["key"])
    path = f"/data/projects/{project.id}"
    assert (await client.put(path, json={"name": "Renamed"}, headers=key)).status_code == 200
    await session.execute(delete(ProjectPersonLink).where(ProjectPersonLink.person_id == who.person.id))
    await session.commit()
    assert (await client.get(path, headers=key)).status_code == 403
    person = await session.get(type(who.person), who.person.id)
    person.active = False
    await session.commit()
    assert (await client.get("/data/task-types", headers=key)).status_code == 401


async def test_a_key_that_reads_changes_nothing_but_may_search(client, as_role, make_key):
    key = bearer((await make_key(await as_role("admin"), access="read"))["key"])
    answer = await client.post("/data/departments", json={"name": "Layout", "color": "#000000"}, headers=key)
    assert answer.status_code == 403
    assert (await client.post("/data/search", json={"query": "x"}, headers=key)).status_code == 200


async def test_a_key_is_good_for_its_resources_alone(client, as_role, make_key):
    key = bearer((await make_key(await as_role("admin"), resources=["departments"]))["key"])
    assert (await client.get("/data/departments", headers=key)).status_code == 200
    assert (await client.get("/api/data/departments/", headers=key)).status_code == 200
    for path in ("/data/persons", "/data/tasks", "/data/departments/../persons", "/data/events/stream"):
        assert (await client.get(path, headers=key)).status_code == 403


@pytest.mark.parametrize("role", ["admin", "manager"])
async def test_a_key_is_good_for_its_productions_alone(client, as_role, make_key, make, role):
    status = await make(factories.project_status())
    own, other = await make(factories.project(status), factories.project(status))
    who = await as_role(role, on=[own, other])
    key = bearer((await make_key(who, access="write", project_ids=[str(own.id)]))["key"])
    assert (await client.get(f"/data/projects/{own.id}", headers=key)).status_code == 200
    assert (await client.get(f"/data/projects/{other.id}", headers=key)).status_code == 403
    assert {row["id"] for row in (await client.get("/data/projects", headers=key)).json()} == {str(own.id)}
    answer = await client.post("/data/departments", json={"name": "Layout", "color": "#000000"}, headers=key)
    assert answer.status_code == 403


async def test_keys_reach_neither_keys_nor_passwords(client, as_role, make_key):
    who = await as_role("admin")
    key = bearer((await make_key(who, access="write"))["key"])
    for method, path in (
        ("GET", "/data/api-keys"),
        ("POST", "/data/api-keys"),
        ("POST", "/auth/change-password"),
        ("GET", "/auth/logout"),
        ("GET", "/auth/refresh-token"),
        ("POST", f"/actions/persons/{who.person.id}/change-password"),
        ("DELETE", "/auth/totp"),
    ):
        answer = await client.request(method, path, json={"name": "More"}, headers=key)
        assert answer.status_code in (401, 403, 422), (path, answer.status_code)


async def test_a_key_makes_no_account_that_reaches_further(client, as_role, make_key, make):
    who, other = await as_role("admin"), await make(factories.person(role="admin"))
    artist = await make(factories.person())
    key = bearer((await make_key(who, access="write"))["key"])
    person = {"first_name": "Eve", "last_name": "Oak", "email": "eve@example.com"}
    made = [person | more for more in ({"is_bot": True}, {"role": "admin"}, {"password": "a-long-password"})]
    item = {"action": "create", "resource": "persons", "values": made[0]}
    for method, path, body in (
        *(("POST", "/data/persons", values) for values in made),
        ("PUT", f"/data/persons/{artist.id}", {"role": "admin"}),
        ("PUT", f"/data/persons/{other.id}", {"email": "eve@example.com"}),
        ("POST", f"/actions/persons/{artist.id}/reset-password-link", {}),
        ("POST", "/import/csv/persons", {}),
    ):
        refused = await client.request(method, path, json=body, headers=key)
        assert refused.status_code == 403, (path, body, refused.text)
    sheet = {"file": ("people.csv", b"First Name,Last Name,Role\nEve,Oak,admin\n")}
    for headers, status in ((key, 403), (who, 201)):
        answer = await client.post("/data/imports?kind=persons", files=sheet, headers=headers)
        assert answer.status_code == status, answer.text
    batch = await client.post("/data/batch", json={"items": [item]}, headers=key)
    assert [each["status"] for each in batch.json()["errors"]] == [403]
    assert (await client.post("/data/persons", json=person, headers=key)).status_code == 201
    for id in (artist.id, other.id):
        assert (await client.put(f"/data/persons/{id}", json={"phone": "1"}, headers=key)).status_code == 200
    raised = await client.put(f"/data/persons/{artist.id}", json={"role": "admin"}, headers=who)
    assert raised.status_code == 200


async def test_others_see_and_touch_none_of_them(client, as_role, make_key):
    made = await make_key(await as_role("manager"))
    other, admin = await as_role("manager"), await as_role("admin")
    path = f"/data/api-keys/{made['id']}"
    assert (await client.get(path, headers=other)).status_code == 403
    assert (await client.delete(path, headers=other)).status_code == 403
    listed = await client.get("/data/api-keys", params={"person_id": made["person_id"]}, headers=other)
    assert listed.json() == []
    assert (await client.post(f"{path}/rotate", headers=admin)).status_code == 403
    assert (await client.put(path, json={"access": "write"}, headers=admin)).status_code == 403
    assert (await client.delete(path, headers=admin)).status_code == 204


async def test_admins_make_keys_for_bots_alone(client, as_role, make_key, make):
    bot = await make(factories.bot())
    admin, manager, person = await as_role("admin"), await as_role("manager"), await as_role("user")
    made = await make_key(admin, person_id=str(bot.id))
    assert (await client.get("/data/task-types", headers=bearer(made["key"]))).status_code == 200
    for who, owner in ((admin, person.person.id), (manager, bot.id), (admin, uuid4())):
        wish = {"name": "Farm", "person_id": str(owner)}
        assert (await client.post("/data/api-keys", json=wish, headers=who)).status_code == 403


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"name": ""},
        {"name": "x" * 81},
        {"name": "x", "access": "all"},
        {"name": "x", "expires_at": "2001-01-01T00:00:00"},
        {"name": "x", "project_ids": [str(uuid4())]},
        {"name": "x", "resources": [""]},
    ],
)
async def test_wrong_wishes_are_refused(client, as_role, wish):
    answer = await client.post("/data/api-keys", json=wish, headers=await as_role("user"))
    assert answer.status_code == 400


async def test_limits_change_later(client, as_role, make_key):
    who = await as_role("user")
    made = await make_key(who, resources=["persons"])
    answer = await client.put(f"/data/api-keys/{made['id']}", json={"resources": None}, headers=who)
    assert answer.json()["resources"] is None
    assert (await client.get("/data/task-types", headers=bearer(made["key"]))).status_code == 200
    answer = await client.put(f"/data/api-keys/{made['id']}", json={"name": None}, headers=who)
    assert answer.status_code == 400
