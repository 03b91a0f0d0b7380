"""What people have to do, have done, and when."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest

from tests import factories


@pytest.fixture
async def show(make):
    rows = factories.production()
    await make(*rows)
    return rows


async def test_work_moves_from_tasks_to_done_tasks_with_its_status(client, as_role, make, show):
    headers = await as_role("manager", on=show.project)
    base = f"/data/persons/{show.person.id}"
    todo = (await client.get(f"{base}/tasks", headers=headers)).json()
    assert [row["id"] for row in todo] == [str(show.task.id)]
    assert (todo[0]["entity_name"], todo[0]["last_comment"]) == (show.entity.name, {})
    assert (await client.get(f"{base}/done-tasks", headers=headers)).json() == []
    done = await make(factories.task_status(is_done=True))
    body = {"task_status_id": str(done.id)}
    assert (await client.put(f"/data/tasks/{show.task.id}", json=body, headers=headers)).status_code == 200
    assert (await client.get(f"{base}/tasks", headers=headers)).json() == []
    rows = (await client.get(f"{base}/done-tasks", headers=headers)).json()
    assert [row["id"] for row in rows] == [str(show.task.id)]


@pytest.mark.parametrize("list_name", ["tasks", "done-tasks"])
async def test_lists_of_people_show_what_the_caller_sees(client, as_role, show, list_name):
    path = f"/data/persons/{show.person.id}/{list_name}"
    answer = await client.get(path, headers=await as_role("manager"))
    assert (answer.status_code, answer.json()) == (200, [])
    unknown = f"/data/persons/{uuid4()}/{list_name}"
    assert (await client.get(unknown, headers=await as_role("admin"))).status_code == 404
    stranger = await client.get(path, headers=await as_role("vendor"))
    assert (stranger.status_code) == 403


async def test_related_tasks_are_those_of_a_type_on_the_same_entities(client, as_role, make, show):
    animation = await make(factories.task_type())
    elsewhere = await make(factories.entity(show.project, show.entity_type))
    related = factories.task(show.entity, animation, show.task_status)
    await make(related, factories.task(elsewhere, animation, show.task_status))
    headers = await as_role("manager", on=show.project)
    base = f"/data/persons/{show.person.id}/related-tasks"
    rows = (await client.get(f"{base}/{animation.id}", headers=headers)).json()
    assert [row["id"] for row in rows] == [str(related.id)]
    assert (await client.get(f"{base}/{uuid4()}", headers=headers)).status_code == 404
    outsider = await as_role("manager")
    assert (await client.get(f"{base}/{animation.id}", headers=outsider)).json() == []


async def test_dates_of_people_span_their_tasks_and_name_other_work(client, as_role, make, show):
    other = factories.production()
    await make(*other)
    show.task.start_date, show.task.due_date = datetime(2026, 3, 2), datetime(2026, 3, 6)
    await make(show.task)
    for first, last in ((9, 12), (11, 20), (25, 26)):
        entity = await make(factories.entity(other.project, other.entity_type))
        task = factories.task(
            entity,
            other.task_type,
            other.task_status,
            start_date=datetime(2026, 3, first),
            due_date=datetime(2026, 3, last),
        )
        await make(task)
        await make(factories.assignation(task, show.person))
    headers = await as_role("manager", on=[show.project, other.project])
    path = "/data/persons/task-dates"
    rows = {row["person_id"]: row for row in (await client.get(path, headers=headers)).json()}
    assert rows[str(show.person.id)] == {
        "person_id": str(show.person.id),
        "min_date": "2026-03-02T00:00:00",
        "max_date": "2026-03-26T00:00:00",
        "busy_periods": [],
    }
    (row,) = (await client.get(f"{path}?project_id={show.project.id}", headers=headers)).json()
    assert (row["min_date"], row["max_date"]) == ("2026-03-02T00:00:00", "2026-03-06T00:00:00")
    assert row["busy_periods"] == [
        {"start_date": "2026-03-09T00:00:00", "end_date": "2026-03-20T00:00:00"},
        {"start_date": "2026-03-25T00:00:00", "end_date": "2026-03-26T00:00:00"},
    ]


async def test_dates_of_people_are_for_the_studio_and_its_productions(client, as_role, show):
    path = f"/data/persons/task-dates?project_id={show.project.id}"
    assert (await client.get(path, headers=await as_role("manager"))).status_code == 403
    for role in ("client", "vendor"):
        headers = await as_role(role, on=show.project)
        assert (await client.get(path, headers=headers)).status_code == 403


async def test_lists_of_people_take_as_many_statements_whatever_they_hold(
    client, as_role, make, count_statements, show
):
    headers = await as_role("manager", on=show.project)
    path = f"/data/persons/{show.person.id}/tasks"
    await client.get(path, headers=headers)
    with count_statements() as one:
        await client.get(path, headers=headers)
    for _ in range(3):
        entity = await make(factories.entity(show.project, show.entity_type))
        task = await make(factories.task(entity, show.task_type, show.task_status))
        await make(factories.assignation(task, show.person))
    with count_statements() as several:
        assert len((await client.get(path, headers=headers)).json()) == 4
    assert one.count == several.count <= 4
