"""The log of events: filters, cursors, and who reads what of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from kitsu_api.db.models import ApiEvent
from tests import factories

NOON = datetime(2026, 3, 2, 12)


@pytest.fixture
async def log(make):
    """Six events, a minute apart, the oldest first."""
    film, other = await make(factories.project()), await make(factories.project())
    person = await make(factories.person())
    rows = [
        ApiEvent(name="task:new", project_id=film.id, data={"task_id": "1"}),
        ApiEvent(name="task:update", project_id=other.id, user_id=person.id),
        ApiEvent(name="comment:new", project_id=film.id),
        ApiEvent(name="task-status:new"),
        ApiEvent(name="preview-file:add-file", project_id=film.id, user_id=person.id),
        ApiEvent(name="person:update"),
    ]
    for minute, row in enumerate(rows):
        row.created_at = NOON + timedelta(minutes=minute)
        await make(row)
    return film, other, person, rows


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()]


async def last(client, headers, **query):
    return await client.get("/data/events/last", params=query, headers=headers)


async def test_the_newest_come_first(client, as_role, log):
    admin = await as_role("admin")
    assert names(await last(client, admin)) == [row.name for row in reversed(log[3])]
    [row] = (await last(client, admin, limit=1, before="2026-03-02T12:01:00")).json()
    assert row == {
        "id": str(log[3][0].id),
        "created_at": "2026-03-02T12:00:00",
        "name": "task:new",
        "user_id": None,
        "project_id": str(log[0].id),
        "data": {"task_id": "1"},
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"after": "2026-03-02T12:03:00"}, ["person:update", "preview-file:add-file"]),
        ({"before": "2026-03-02T12:01:00"}, ["task:new"]),
        ({"before": "2026-03-02T12:03:00Z", "after": "2026-03-02T12:00:00"}, ["comment:new", "task:update"]),
        ({"name": "task:new"}, ["task:new"]),
        ({"name_prefixes": "task"}, ["task:update", "task:new"]),
        ({"name_prefixes": ["task", "comment"], "name_suffixes": "new"}, ["comment:new", "task:new"]),
        ({"name_prefixes": "task,comment", "name_suffixes": "new"}, ["comment:new", "task:new"]),
        ({"name_suffixes": "add-file"}, ["preview-file:add-file"]),
        ({"only_files": "true"}, ["preview-file:add-file"]),
        ({"limit": 2}, ["person:update", "preview-file:add-file"]),
    ],
)
async def test_filters(client, as_role, log, query, found):
    assert names(await last(client, await as_role("admin"), **query)) == found


async def test_only_those_of_some_people(client, as_role, log):
    answer = await last(client, await as_role("admin"), person_ids=str(log[2].id))
    assert names(answer) == ["preview-file:add-file", "task:update"]


async def test_a_cursor_goes_on_where_the_last_page_ended(client, as_role, log, make):
    twin = ApiEvent(name="twin:new", created_at=NOON + timedelta(minutes=2))
    await make(twin)
    admin, seen, cursor = await as_role("admin"), [], {}
    while page := (await last(client, admin, limit=2, **cursor)).json():
        seen += [row["id"] for row in page]
        cursor = {"cursor_event_id": page[-1]["id"]}
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize(
    "query",
    [
        {"person_ids": "nobody"},
        {"name_prefixes": "%"},
        {"name_suffixes": "_"},
        {"name_prefixes": "Task"},
        {"cursor_event_id": "x"},
        {"limit": 0},
        {"before": "yesterday"},
        {"project_id": "x"},
    ],
)
async def test_what_can_not_be_asked_for_is_refused(client, as_role, query):
    assert (await last(client, await as_role("admin"), **query)).status_code == 400


@pytest.mark.parametrize("role", ["supervisor", "user", "client", "vendor"])
async def test_the_log_is_closed_to_those_who_run_nothing(client, as_role, log, role):
    person = await as_role(role, on=log[0])
    assert (await last(client, person)).status_code == 403
    assert (await last(client, person, project_id=log[0].id)).status_code == 403


async def test_managers_read_of_their_productions_alone(client, as_role, log):
    manager = await as_role("manager", on=log[0])
    mine = ["preview-file:add-file", "comment:new", "task:new"]
    assert names(await last(client, manager)) == mine
    assert names(await last(client, manager, project_id=log[0].id)) == mine
    assert (await last(client, manager, project_id=log[1].id)).status_code == 403


async def test_who_runs_one_production_reads_of_that_one(client, as_role, log):
    person = await as_role("user", on=log[0], role_on="manager")
    assert (await last(client, person)).status_code == 403
    assert len(names(await last(client, person, project_id=log[0].id))) == 3


async def test_a_manager_who_is_an_artist_somewhere_reads_nothing_of_it(client, as_role, log, make):
    manager = await as_role("manager", on=log[1], role_on="user")
    assert names(await last(client, manager)) == []


async def test_names_of_events(client, as_role, log, count_statements):
    admin = await as_role("admin")
    with count_statements() as statements:
        answer = await client.get("/data/events/names", headers=admin)
    assert answer.json() == sorted(row.name for row in log[3])
    assert statements.count == 2
    manager = await as_role("manager", on=log[0])
    assert (await client.get("/data/events/names", headers=manager)).status_code == 403


async def test_an_empty_log_has_no_names(client, as_role):
    assert (await client.get("/data/events/names", headers=await as_role("admin"))).json() == []
