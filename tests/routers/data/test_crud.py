"""What every table of `/data/…` has in common, one case a table of the register."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from pydantic import TypeAdapter
from sqlalchemy import func, select

from kitsu_api.db.models import ApiEvent, OutboxMessage
from tests import factories
from tests.routers.data.payloads import (
    BODIES,
    BY_PATH,
    MADE_BY_CLIENTS,
    SALARY_SCALES,
    change_of,
    row_of,
)

every_table = pytest.mark.parametrize("path", sorted(BY_PATH))
every_table_of_clients = pytest.mark.parametrize("path", MADE_BY_CLIENTS)

THINGS = {
    "task-status": "task-status",
    "entity-types": "asset-type",
    "entities": "asset",
    "events": "api-event",
    "budget-entries": "budget-entry",
    "news": "news",
    "file-status": "file-status",
    "project-status": "project-status",
}
"""What events call a row, where it is not the path in the singular."""


def thing_of(path: str) -> str:
    return THINGS.get(path, path.removesuffix("s"))


async def create(client, admin, world, path):
    answer = await client.post(f"/data/{path}", json=await BODIES[path](world), headers=admin)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def a_row(client, admin, world, path):
    """A row of the table, by the only way there is to get one."""
    if path != SALARY_SCALES:
        return await create(client, admin, world, path)
    await world.make(factories.department())
    return (await client.get(f"/data/{path}", headers=admin)).json()[0]


async def events_named(session, name, **data):
    rows = (await session.scalars(select(ApiEvent).where(ApiEvent.name == name))).all()
    return [row for row in rows if all(row.data.get(key) == value for key, value in data.items())]


def test_every_table_of_the_register_has_a_body_here():
    assert set(BODIES) == set(MADE_BY_CLIENTS)


@every_table_of_clients
async def test_an_admin_creates_reads_lists_updates_and_deletes_a_row(client, admin, world, path):
    body = await BODIES[path](world)
    answer = await client.post(f"/data/{path}", json=body, headers=admin)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert {name: made[name] for name in body if name in made and name != "type"} == {
        name: value for name, value in body.items() if name in made and name != "type"
    }

    one = await client.get(f"/data/{path}/{made['id']}", headers=admin)
    assert one.status_code == 200
    assert one.json()["id"] == made["id"]

    listed = await client.get(f"/data/{path}", headers=admin)
    assert listed.status_code == 200
    assert made["id"] in [row["id"] for row in listed.json()]

    change = change_of(path)
    changed = await client.put(f"/data/{path}/{made['id']}", json=change, headers=admin)
    assert changed.status_code == 200, changed.text
    assert {name: changed.json()[name] for name in change} == change
    again = (await client.get(f"/data/{path}/{made['id']}", headers=admin)).json()
    assert {name: again[name] for name in change} == change

    gone = await client.delete(f"/data/{path}/{made['id']}", headers=admin)
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await client.get(f"/data/{path}/{made['id']}", headers=admin)).status_code == 404


@every_table
async def test_an_unknown_id_is_not_found(client, admin, path):
    url = f"/data/{path}/{uuid4()}"
    for answer in (
        await client.get(url, headers=admin),
        await client.put(url, json={}, headers=admin),
        await client.delete(url, headers=admin),
        await client.get(f"/data/{path}/no-id", headers=admin),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"] is True


@every_table_of_clients
async def test_every_write_is_logged_with_the_row_by_its_author(client, admin, world, session, path):
    thing = thing_of(path)
    made = await create(client, admin, world, path)
    key = f"{thing.replace('-', '_')}_id"
    await client.put(f"/data/{path}/{made['id']}", json=change_of(path), headers=admin)
    await client.delete(f"/data/{path}/{made['id']}", headers=admin)
    for action in ("new", "update", "delete"):
        rows = await events_named(session, f"{thing}:{action}", **{key: made["id"]})
        told_twice = (path, action) == ("persons", "delete")  # as clients have always heard of it
        assert len(rows) == (2 if told_twice else 1), action
        assert rows[0].user_id == admin.person.id
        if made.get("project_id") and (path, action) != ("comments", "new"):
            assert rows[0].data["project_id"] == made["project_id"]
            assert str(rows[0].project_id) == made["project_id"]
    assert await session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


@every_table
async def test_a_row_of_a_list_is_the_single_row_without_its_relations(client, admin, world, path):
    made = await a_row(client, admin, world, path)
    listed = (await client.get(f"/data/{path}?id={made['id']}", headers=admin)).json()
    single = (await client.get(f"/data/{path}/{made['id']}?relations=false", headers=admin)).json()
    assert listed == [single]
    related = (await client.get(f"/data/{path}?id={made['id']}&relations=true", headers=admin)).json()
    whole = (await client.get(f"/data/{path}/{made['id']}", headers=admin)).json()
    details = set(BY_PATH[path].projection.details)
    plain = [{name: value for name, value in row.items() if name not in details} for row in (*related, whole)]
    assert plain[0] == plain[1]


@every_table
async def test_answers_fit_the_declared_schema_and_hold_nothing_else(client, admin, world, path):
    read = BY_PATH[path].read
    made = await a_row(client, admin, world, path)
    for relations in ("true", "false"):
        answer = await client.get(f"/data/{path}?relations={relations}", headers=admin)
        rows = TypeAdapter(list[read]).validate_json(answer.content)
        assert rows
        for row in answer.json():
            assert set(row) <= set(read.model_fields)
    one = (await client.get(f"/data/{path}/{made['id']}", headers=admin)).json()
    changed = (await client.put(f"/data/{path}/{made['id']}", json=change_of(path), headers=admin)).json()
    for row in (one, changed):
        read.model_validate(row)
        assert set(row) <= set(read.model_fields)
    page = (await client.get(f"/data/{path}?page=1", headers=admin)).json()
    TypeAdapter(list[read]).validate_python(page["data"])


@every_table_of_clients
async def test_a_list_takes_the_same_statements_for_one_row_and_for_fifty(
    client, admin, world, make, count_statements, path
):
    counts = []
    for _ in range(2):
        with count_statements() as statements:
            rows = (await client.get(f"/data/{path}?relations=true", headers=admin)).json()
        with count_statements() as of_page:
            page = (await client.get(f"/data/{path}?page=1&limit=2", headers=admin)).json()
        counts.append((statements.count, of_page.count))
        assert page["total"] == len(rows)
        await make(*[row_of(path, await BODIES[path](world)) for _ in range(50)])
    assert len((await client.get(f"/data/{path}", headers=admin)).json()) >= 50
    assert counts[0] == counts[1]
    assert counts[0][0] <= 3
    assert counts[0][1] == counts[0][0] + 1


@every_table_of_clients
async def test_keys_that_nobody_knows_are_ignored(client, admin, world, path):
    body = {**await BODIES[path](world), "no_such_column": {"a": [1]}, "__class__": "x", "metadata": 1}
    answer = await client.post(f"/data/{path}", json=body, headers=admin)
    assert answer.status_code == 201, answer.text
    assert "no_such_column" not in answer.json()
    change = {**change_of(path), "no_such_column": 1, "metadata": {}, "registry": None}
    again = await client.put(f"/data/{path}/{answer.json()['id']}", json=change, headers=admin)
    assert again.status_code == 200
    assert "no_such_column" not in again.json()


@pytest.mark.parametrize("path", sorted(set(BY_PATH) - {"notifications"}))  # their `type` is the model's name
async def test_a_row_sent_back_whole_is_taken(client, admin, world, path):
    made = await a_row(client, admin, world, path)
    whole = (await client.get(f"/data/{path}/{made['id']}", headers=admin)).json()
    answer = await client.put(f"/data/{path}/{made['id']}", json=whole, headers=admin)
    assert answer.status_code == 200, answer.text
    after = answer.json()
    moving = {"updated_at", "editor_id"}
    assert {k: v for k, v in after.items() if k not in moving} == {
        k: whole[k] for k in after if k not in moving
    }


@every_table
async def test_id_and_timestamps_are_the_servers(client, admin, world, path):
    fixed = {
        "id": str(uuid4()),
        "created_at": "2001-01-01T00:00:00",
        "updated_at": "2001-01-01T00:00:00",
    }
    if path != SALARY_SCALES:
        body = {**await BODIES[path](world), **fixed}
        created = (await client.post(f"/data/{path}", json=body, headers=admin)).json()
        assert all(created[name] != value for name, value in fixed.items())
    made = await a_row(client, admin, world, path)
    answer = await client.put(f"/data/{path}/{made['id']}", json=fixed, headers=admin)
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["created_at"]) == (made["id"], made["created_at"])
    assert answer.json()["updated_at"] >= made["updated_at"]


PROTECTED = {
    "salary-scales": ("department_id", "position", "seniority"),
    "metadata-descriptors": ("project_id",),
    "milestones": ("project_id",),
    "schedule-items": ("project_id",),
    "production-schedule-versions": ("project_id",),
    "production-schedule-version-task-links": ("production_schedule_version_id", "task_id"),
    "budgets": ("project_id", "revision"),
    "budget-entries": ("budget_id",),
    "persons": ("is_bot",),
    "day-offs": ("person_id",),
    "time-spents": ("person_id", "task_id"),
    "search-filters": ("person_id",),
    "search-filter-groups": ("person_id",),
    "chat-messages": ("chat_id", "person_id"),
    "entities": ("project_id", "created_by"),
    "entity-links": ("entity_in_id", "entity_out_id"),
    "asset-instances": ("asset_id", "number"),
    "tasks": ("project_id", "entity_id", "retake_count"),
    "comments": ("object_id", "object_type", "person_id"),
    "attachment-files": ("comment_id", "reply_id", "chat_message_id"),
    "preview-files": ("task_id", "person_id"),
    "playlists": ("project_id", "created_by"),
    "working-files": ("task_id", "entity_id"),
    "output-files": ("entity_id", "asset_instance_id"),
}
"""Columns that say whose a row is: they are set once."""

OTHER = {
    "revision": 77,
    "number": 7777,
    "retake_count": 7,
    "object_type": "Shot",
    "is_bot": True,
    "position": "lead",
    "seniority": "senior",
}


@pytest.mark.parametrize("path", sorted(PROTECTED))
async def test_columns_that_say_whose_a_row_is_stay_as_they_were(client, admin, world, make, path):
    elsewhere = factories.production()
    await make(*elsewhere)
    others = {
        "project_id": elsewhere.project.id,
        "task_id": elsewhere.task.id,
        "object_id": elsewhere.task.id,
        "entity_id": elsewhere.entity.id,
        "asset_id": elsewhere.entity.id,
        "entity_in_id": elsewhere.entity.id,
        "entity_out_id": elsewhere.entity.id,
        "person_id": elsewhere.person.id,
        "created_by": elsewhere.person.id,
    }
    made = await a_row(client, admin, world, path)
    before = (await client.get(f"/data/{path}/{made['id']}", headers=admin)).json()
    for name in PROTECTED[path]:
        value = OTHER.get(name) or str(others.get(name, uuid4()))
        if value == before[name]:
            value = "supervisor" if name == "position" else "junior"
        answer = await client.put(f"/data/{path}/{made['id']}", json={name: value}, headers=admin)
        assert answer.status_code == 200, answer.text
        after = (await client.get(f"/data/{path}/{made['id']}", headers=admin)).json()
        assert after[name] == before[name], name


@every_table
async def test_strangers_are_asked_to_log_in(client, path):
    for verb, url in (
        ("GET", f"/data/{path}"),
        ("POST", f"/data/{path}"),
        ("GET", f"/data/{path}/{uuid4()}"),
        ("PUT", f"/data/{path}/{uuid4()}"),
        ("DELETE", f"/data/{path}/{uuid4()}"),
    ):
        nobody = await client.request(verb, url, json={})
        assert nobody.status_code == 401, verb
        assert nobody.json()["error"] is True
        malformed = await client.request(verb, url, json={}, headers={"Authorization": "Bearer nonsense"})
        assert malformed.status_code == 422, verb


@every_table
async def test_a_slash_at_the_end_and_the_api_prefix_make_no_difference(client, admin, world, path):
    made = await a_row(client, admin, world, path)
    for url in (f"/data/{path}", f"/data/{path}/{made['id']}"):
        plain = await client.get(url, headers=admin)
        for spelling in (f"{url}/", f"/api{url}", f"/api{url}/"):
            other = await client.get(spelling, headers=admin)
            assert (other.status_code, other.content) == (200, plain.content), spelling


async def test_salary_scales_are_not_made_by_clients(client, admin, make):
    department = await make(factories.department())
    body = {"department_id": str(department.id), "position": "lead", "seniority": "mid", "salary": 1}
    answer = await client.post("/data/salary-scales", json=body, headers=admin)
    assert answer.status_code == 400
    assert "PUT" in answer.json()["message"]


async def test_a_body_that_is_no_json_object_is_refused(client, admin):
    for content in (b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", json.dumps([{}]).encode()):
        answer = await client.post(
            "/data/departments",
            content=content,
            headers={**admin, "Content-Type": "application/json"},
        )
        assert answer.status_code == 400, content
        assert answer.json()["message"]
