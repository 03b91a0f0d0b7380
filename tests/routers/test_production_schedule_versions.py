"""Versions of a schedule: copied, applied and locked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db.models import (
    ApiEvent,
    ProductionScheduleVersion,
    ProductionScheduleVersionTaskLink,
    ProductionScheduleVersionTaskLinkPersonLink,
    Task,
    TaskPersonLink,
)
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")
START, DUE = datetime(2026, 3, 2), datetime(2026, 3, 6)
LINKS = "/data/production-schedule-version-task-links"


class Show(NamedTuple):
    """A production with a task that an artist has, and a version that gives it to somebody else."""

    project: Any
    task: Any
    artist: Any
    planned: Any
    version: Any
    link: Any


def version_of(project, **values):
    defaults = {"id": uuid4(), "name": factories.unique("Plan"), "project_id": project.id}
    return ProductionScheduleVersion(**{**defaults, **values})


@pytest.fixture
async def show(make) -> Show:
    rows = factories.production()
    rows.task.estimation, rows.task.start_date = 960, START
    await make(*rows)
    planned = await make(factories.person())
    version = await make(version_of(rows.project))
    link = await make(
        ProductionScheduleVersionTaskLink(
            id=uuid4(),
            production_schedule_version_id=version.id,
            task_id=rows.task.id,
            start_date=START,
            due_date=DUE,
            estimation=480,
        )
    )
    await make(
        ProductionScheduleVersionTaskLinkPersonLink(
            production_schedule_version_task_link_id=link.id, person_id=planned.id
        )
    )
    return Show(rows.project, rows.task, rows.person, planned, version, link)


def action(version, name) -> str:
    return f"/actions/production-schedule-versions/{version.id}/{name}"


def links_of(version) -> str:
    return f"/data/production-schedule-versions/{version.id}/task-links"


async def plan(client, headers, version, **query) -> list[dict]:
    answer = await client.get(links_of(version), params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def copy(client, headers, version, source):
    body = {"production_schedule_version_id": str(source.id)}
    return await client.post(
        action(version, "set-task-links-from-production-schedule-version"), json=body, headers=headers
    )


@pytest.mark.parametrize("role", ROLES)
async def test_who_reads_and_who_works_with_versions(client, as_role, make, show, role):
    headers, stranger = await as_role(role, on=show.project), await as_role(role)
    target = await make(version_of(show.project))
    reads, runs = role not in ("client", "vendor"), role in ("admin", "manager")
    alone = role == "admin"
    for who, may_read, may_run in ((stranger, alone, alone), (headers, reads, runs)):
        answer = await client.get(links_of(show.version), headers=who)
        assert answer.status_code == (200 if may_read else 403)
        assert (await copy(client, who, target, show.version)).status_code == (200 if may_run else 403)
        for name in ("set-task-links-from-production", "apply-to-production"):
            version = await make(version_of(show.project))
            answer = await client.post(action(version, name), json={}, headers=who)
            assert answer.status_code == (200 if may_run else 403), name


async def test_a_version_lists_its_tasks_of_a_type(client, as_role, show):
    headers = await as_role("admin")
    (row,) = await plan(client, headers, show.version)
    assert (row["task_id"], row["estimation"]) == (str(show.task.id), 480)
    assert row["due_date"] == "2026-03-06T00:00:00"
    assert "assignees" not in row
    (row,) = await plan(client, headers, show.version, relations="true")
    assert row["assignees"] == [str(show.planned.id)]
    assert len(await plan(client, headers, show.version, task_type_id=str(show.task.task_type_id))) == 1
    assert await plan(client, headers, show.version, task_type_id=str(uuid4())) == []


async def test_a_version_becomes_the_present_state_of_its_production(client, as_role, make, show):
    await make(*factories.production())
    headers = await as_role("manager", on=show.project)
    for _ in range(2):
        answer = await client.post(action(show.version, "set-task-links-from-production"), headers=headers)
        assert answer.json() == {"success": True, "task_link_count": 1}
    (row,) = await plan(client, headers, show.version, relations="true")
    assert (row["estimation"], row["start_date"], row["due_date"]) == (960, "2026-03-02T00:00:00", None)
    assert row["assignees"] == [str(show.artist.id)]


async def test_a_version_becomes_like_another_one(client, as_role, make, session, show):
    target = await make(version_of(show.project))
    headers = await as_role("manager", on=show.project)
    for _ in range(2):
        answer = await copy(client, headers, target, show.version)
        assert answer.json() == {"success": True, "task_link_count": 1}
    (row,) = await plan(client, headers, target, relations="true")
    assert (row["estimation"], row["assignees"]) == (480, [str(show.planned.id)])
    stored = await session.get_one(ProductionScheduleVersion, target.id)
    assert stored.production_schedule_from == show.version.id
    await client.post(action(target, "set-task-links-from-production"), headers=headers)
    await session.refresh(stored)
    assert stored.production_schedule_from is None, "it is like the production now"
    query = select(ApiEvent).where(ApiEvent.name == "production_schedule_version:update")
    about = {"production_schedule_version_id": str(target.id), "project_id": str(show.project.id)}
    assert [event.data for event in (await session.scalars(query)).all()] == [about] * 3


async def test_a_version_is_copied_within_its_production_from_another_one(client, as_role, make, show):
    other = await make(factories.project())
    foreign = await make(version_of(other))
    headers = await as_role("manager", on=[show.project, other])
    assert (await copy(client, headers, show.version, show.version)).status_code == 400
    assert (await copy(client, headers, show.version, foreign)).status_code == 400
    assert len(await plan(client, headers, show.version)) == 1, "nothing is lost"
    here = await as_role("manager", on=show.project)
    assert (await copy(client, here, show.version, foreign)).status_code == 404
    assert (await copy(client, headers, show.version, version_of(other))).status_code == 404
    assert (await copy(client, headers, version_of(other), show.version)).status_code == 404
    name = "set-task-links-from-production-schedule-version"
    for body in ({}, {"production_schedule_version_id": "x"}, []):
        answer = await client.post(action(show.version, name), json=body, headers=headers)
        assert answer.status_code == 400, body


async def test_applying_a_version_gives_its_plan_to_the_tasks_and_locks_it(client, as_role, session, show):
    headers = await as_role("manager", on=show.project)
    for _ in range(2):
        answer = await client.post(action(show.version, "apply-to-production"), json={}, headers=headers)
        assert answer.json() == {"success": True, "task_count": 1}
    task = await session.get_one(Task, show.task.id)
    assert (task.start_date, task.due_date, task.estimation) == (START, DUE, 480)
    people = select(TaskPersonLink.person_id).where(TaskPersonLink.task_id == task.id)
    assert (await session.scalars(people)).all() == [show.planned.id]
    row = (await client.get(f"/data/projects/{show.project.id}", headers=headers)).json()
    assert row["from_schedule_version_id"] == str(show.version.id)
    assert (await session.get_one(ProductionScheduleVersion, show.version.id)).locked is True
    query = select(ApiEvent).where(ApiEvent.project_id == show.project.id)
    events = [(event.name, event.data) for event in (await session.scalars(query)).all()]
    on_task = {"task_id": str(task.id), "project_id": str(show.project.id)}
    assert events.count(("task:update", on_task)) == 2
    assert events.count(("task:unassign", {**on_task, "person_id": str(show.artist.id)})) == 1
    assert events.count(("task:assign", {**on_task, "person_id": str(show.planned.id)})) == 1
    assert [name for name, _ in events].count("project:update") == 2


async def test_a_canceled_version_is_not_applied(client, as_role, make, show):
    version = await make(version_of(show.project, canceled=True))
    answer = await client.post(action(version, "apply-to-production"), headers=await as_role("admin"))
    assert answer.status_code == 400


async def test_a_locked_version_keeps_its_plan(client, as_role, make, show):
    headers = await as_role("manager", on=show.project)
    source = await make(version_of(show.project))
    one = f"/data/production-schedule-versions/{show.version.id}"
    assert (await client.put(one, json={"locked": True}, headers=headers)).status_code == 200
    new = {"production_schedule_version_id": str(show.version.id), "task_id": str(show.task.id)}
    for answer in (
        await copy(client, headers, show.version, source),
        await client.post(action(show.version, "set-task-links-from-production"), headers=headers),
        await client.put(f"{LINKS}/{show.link.id}", json={"estimation": 1}, headers=headers),
        await client.delete(f"{LINKS}/{show.link.id}", headers=headers),
        await client.post(LINKS, json=new, headers=headers),
    ):
        assert answer.status_code == 400, answer.request.url
        assert "locked" in answer.json()["message"]
    assert len(await plan(client, headers, show.version)) == 1
    assert (await copy(client, headers, source, show.version)).status_code == 200, "it may be copied"
    assert (await client.put(one, json={"locked": False}, headers=headers)).status_code == 200
    answer = await client.put(f"{LINKS}/{show.link.id}", json={"estimation": 1}, headers=headers)
    assert answer.status_code == 200


async def test_what_is_not_there_is_not_found(client, as_role, show):
    headers = await as_role("admin")
    nowhere = version_of(show.project)
    assert (await client.get(links_of(nowhere), headers=headers)).status_code == 404
    for name in ("set-task-links-from-production", "apply-to-production"):
        assert (await client.post(action(nowhere, name), headers=headers)).status_code == 404


async def test_plans_are_copied_and_applied_in_few_statements(client, as_role, make, show, count_statements):
    headers = await as_role("admin")
    kind, status = await make(factories.task_type(), factories.task_status())
    for _ in range(5):
        entity = await make(factories.entity(show.project, await make(factories.entity_type())))
        task = await make(factories.task(entity, kind, status))
        await make(factories.assignation(task, show.artist))
    version = await make(version_of(show.project))
    with count_statements() as statements:
        answer = await client.post(action(version, "set-task-links-from-production"), headers=headers)
    assert answer.json()["task_link_count"] == 6
    assert statements.count <= 10, statements.sql
    with count_statements() as statements:
        await client.post(action(version, "apply-to-production"), headers=headers)
    assert statements.count <= 20, statements.sql
