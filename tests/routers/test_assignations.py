"""Who hands out work, and what follows from it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import Notification, ProjectPersonLink, TaskPersonLink
from tests import factories


@pytest.fixture
async def show(make):
    rows = factories.production()
    await make(*rows)
    return rows


@pytest.mark.parametrize(
    ("role", "status"),
    [("admin", 200), ("manager", 200), ("supervisor", 200), ("user", 403), ("client", 403), ("vendor", 403)],
)
async def test_who_assigns_a_task(client, as_role, make, show, role, status):
    person = await make(factories.person())
    headers = await as_role(role, on=show.project)
    answer = await client.put(
        f"/actions/tasks/{show.task.id}/assign", json={"person_id": str(person.id)}, headers=headers
    )
    assert answer.status_code == status, answer.text


async def test_an_assigned_person_joins_the_team_and_is_told(client, as_role, make, session, show):
    person = await make(factories.person())
    headers = await as_role("admin", on=show.project)
    path = f"/actions/tasks/{show.task.id}/assign"
    answer = await client.put(path, json={"person_id": str(person.id)}, headers=headers)
    assert str(person.id) in answer.json()["assignees"]
    for model in (ProjectPersonLink, Notification, TaskPersonLink):
        query = select(func.count()).select_from(model).where(model.person_id == person.id)
        assert await session.scalar(query) == 1


async def test_a_bot_is_not_assigned_where_bots_do_not_work(client, as_role, make, show):
    bot = await make(factories.bot())
    headers = await as_role("admin", on=show.project)
    path = f"/actions/tasks/{show.task.id}/assign"
    assert (await client.put(path, json={"person_id": str(bot.id)}, headers=headers)).status_code == 403


async def test_an_unknown_assignee_is_refused_with_a_reason(client, as_role, show):
    headers = await as_role("admin", on=show.project)
    path = f"/actions/tasks/{show.task.id}/assign"
    answer = await client.put(path, json={"person_id": "nobody"}, headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"error": "Assignee doesn't exist in database."})


async def test_tasks_of_other_productions_are_left_out_of_bulk_changes(client, as_role, make, show):
    other = factories.production()
    await make(*other)
    headers = await as_role("manager", on=show.project)
    ids = [str(show.task.id), str(other.task.id)]
    answer = await client.put(
        "/actions/tasks/set-priority", json={"task_ids": ids, "priority": 3}, headers=headers
    )
    assert [(row["id"], row["priority"]) for row in answer.json()] == [(ids[0], 3)]
    answer = await client.put("/actions/tasks/clear-assignation", json={"task_ids": ids}, headers=headers)
    assert answer.json() == [ids[0]]
