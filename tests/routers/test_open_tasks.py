"""Tasks of running productions: pages, sums and a burndown."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from tests import factories

PATH = "/data/tasks/open-tasks"


class Show(NamedTuple):
    """A production with three shots and a task on each; the last is done."""

    project: Any
    task_type: Any
    todo: Any
    done: Any
    artist: Any
    tasks: list[Any]


@pytest.fixture
async def show(make):
    running = factories.project_status()
    project = factories.project(running)
    kind, shots = factories.task_type(), factories.entity_type()
    todo, done = factories.task_status(), factories.task_status(is_done=True)
    artist = factories.person()
    entities = [factories.entity(project, shots, name=f"SH0{number}") for number in range(3)]
    tasks = [
        factories.task(
            entity,
            kind,
            done if number == 2 else todo,
            estimation=60.0 * (number + 1),
            duration=10.0,
            priority=number,
            start_date=datetime(2026, 3, 2 + number),
            due_date=datetime(2026, 3, 10 + number, 18),
            done_date=datetime(2026, 3, 11, 9) if number == 2 else None,
        )
        for number, entity in enumerate(entities)
    ]
    await make(running, project, kind, shots, todo, done, artist)
    await make(*entities)
    await make(*tasks)
    await make(factories.assignation(tasks[0], artist))
    return Show(project, kind, todo, done, artist, tasks)


async def _ids(client, headers, show, query="", project=True):
    narrowed = f"project_id={show.project.id}&" if project else ""
    answer = await client.get(f"{PATH}?{narrowed}{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


async def test_a_page_says_what_all_tasks_come_to(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    first = (await client.get(f"{PATH}?limit=2", headers=headers)).json()
    assert [row["entity_name"] for row in first["data"]] == ["SH00", "SH01"]
    assert (first["page"], first["limit"], first["is_more"]) == (1, 2, True)
    stats = first["stats"]
    assert (stats["total"], stats["total_duration"], stats["total_estimation"]) == (3, 30, 360)
    assert {row["task_status_id"]: row["amount"] for row in stats["status"]} == {
        str(show.todo.id): 2,
        str(show.done.id): 1,
    }
    second = (await client.get(f"{PATH}?limit=2&page=2", headers=headers)).json()
    assert [row["entity_name"] for row in second["data"]] == ["SH02"]
    assert (second["stats"]["total"], second["is_more"]) == (1, False)
    row = first["data"][0]
    assert (row["type_name"], row["status_name"]) == (show.task_type.name, show.todo.name)
    assert row["assignees"] == [str(show.artist.id)]
    assert "task_duration" not in row


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("start_date=2026-03-03", [1, 2]),
        ("due_date=2026-03-11", [0, 1]),
        ("priority=1", [1]),
        ("task_status_id={done}", [2]),
        ("task_type_id={kind}", [0, 1, 2]),
        ("task_type_id={none}", []),
        ("person_id={artist}", [0]),
        ("studio_id={none}", []),
        ("department_id={none}", []),
    ],
)
async def test_each_filter_narrows_the_list(client, as_role, show, query, expected):
    headers = await as_role("manager", on=show.project)
    filled = query.format(done=show.done.id, kind=show.task_type.id, artist=show.artist.id, none=uuid4())
    assert await _ids(client, headers, show, filled) == [str(show.tasks[number].id) for number in expected]


@pytest.mark.parametrize(
    "query", ["limit=0", "page=0", "priority=99999999999", "start_date=2026-13-01", "person_id=x"]
)
async def test_impossible_filters_are_refused(client, as_role, show, query):
    headers = await as_role("manager", on=show.project)
    assert (await client.get(f"{PATH}?{query}", headers=headers)).status_code == 400


async def test_each_sees_the_tasks_of_their_productions_and_vendors_their_own(client, as_role, make, show):
    outsider = await as_role("manager")
    assert await _ids(client, outsider, show) == []
    vendor = await as_role("vendor", on=show.project)
    assert await _ids(client, vendor, show) == []
    await make(factories.assignation(show.tasks[1], vendor.person))
    assert await _ids(client, vendor, show) == [str(show.tasks[1].id)]
    for path in (f"{PATH}/stats", f"{PATH}/burndown"):
        assert (await client.get(path, headers=outsider)).status_code == 200
    assert (await client.get(f"{PATH}/stats", headers=outsider)).json() == {}
    assert (await client.get(f"{PATH}/burndown", headers=vendor)).json()["total"] == 1


async def test_closed_productions_have_no_open_tasks(client, as_role, make, show):
    closed = factories.project_status(name="Closed")
    await make(closed)
    rows = factories.production(project_status_id=closed.id)
    await make(*rows)
    headers = await as_role("manager", on=rows.project)
    assert (await client.get(PATH, headers=headers)).json()["data"] == []
    assert (await client.get(f"{PATH}/stats", headers=headers)).json() == {}


async def test_statistics_are_told_by_production_type_and_status(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    sums = (await client.get(f"{PATH}/stats", headers=headers)).json()[str(show.project.id)]
    assert (sums["amount"], sums["amount_done"]) == (3, 1)
    assert (sums["total_duration"], sums["total_estimation"]) == (30, 360)
    by_status = {row["task_status_id"]: row for row in sums["task_types"]}
    assert by_status[str(show.todo.id)]["total_estimation"] == 180
    assert by_status[str(show.done.id)]["amount_done"] == 1


async def test_the_burndown_tells_what_was_done_on_which_day(client, as_role, show):
    headers = await as_role("client", on=show.project)
    answer = await client.get(f"{PATH}/burndown?project_id={show.project.id}", headers=headers)
    assert answer.json() == {
        "total": 3,
        "total_estimation": 360,
        "start_date": "2026-03-02",
        "end_date": "2026-03-12",
        "done_by_day": [{"date": "2026-03-11", "nb_done": 1, "estimation": 180}],
    }


async def test_pages_take_as_many_statements_whatever_they_hold(client, as_role, count_statements, show):
    headers = await as_role("manager", on=show.project)
    await client.get(PATH, headers=headers)
    with count_statements() as one:
        await client.get(f"{PATH}?limit=1", headers=headers)
    with count_statements() as all_of_them:
        await client.get(f"{PATH}?limit=100", headers=headers)
    assert one.count == all_of_them.count <= 5


async def test_pages_are_slices_of_one_list(client, as_role, make, show):
    """Types of one name are one place of the order, whichever of them a task is of."""
    kinds = [factories.task_type(name=name) for name in ("Ink", "Ink", "Zoom")]
    await make(*kinds)
    shots = await make(factories.entity_type())
    entities = [factories.entity(show.project, shots, name=f"Z{number}") for number in range(9)]
    await make(*entities)
    await make(*(factories.task(row, kinds[place % 3], show.todo) for place, row in enumerate(entities)))
    admin = await as_role("admin")
    whole = await _ids(client, admin, show, "limit=100")
    assert len(whole) == 12
    for limit in (1, 5):
        pages = [
            await _ids(client, admin, show, f"limit={limit}&page={page}")
            for page in range(1, len(whole) // limit + 3)
        ]
        assert [id for page in pages for id in page] == whole
