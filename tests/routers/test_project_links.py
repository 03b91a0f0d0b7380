"""What productions have of the library, and in which order."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import ApiEvent, ProjectTaskStatusLink, ProjectTaskTypeLink, TaskType
from tests import factories

KINDS = ("task-type", "task-status")


async def library(make, kind, count=3):
    rows = await make(
        *(factories.task_type() if kind == "task-type" else factories.task_status() for _ in range(count))
    )
    return list(rows)


def fields(kind):
    return (
        ("task_type_id", ProjectTaskTypeLink)
        if kind == "task-type"
        else ("task_status_id", ProjectTaskStatusLink)
    )


async def told(session, project):
    return await session.scalar(select(func.count()).where(ApiEvent.project_id == project.id))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_link_is_made_once_and_changed(client, as_role, make, session, kind):
    project, (row, *_) = await make(factories.project()), await library(make, kind)
    headers = await as_role("manager", on=project)
    field, _ = fields(kind)
    ids = set()
    for priority in (None, 4):
        body = {"project_id": str(project.id), field: str(row.id)}
        if priority is not None:
            body["priority"] = priority
        answer = await client.post(f"/data/{kind}-links", json=body, headers=headers)
        assert answer.status_code == 201
        assert answer.json()["priority"] == (priority or 1)
        ids.add(answer.json()["id"])
    assert len(ids) == 1
    assert await told(session, project) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "client", "vendor"])
async def test_those_who_run_the_production_link_and_order(client, as_role, make, kind, role):
    project, other, (row, *_) = (
        *await make(factories.project(), factories.project()),
        await library(make, kind),
    )
    headers = await as_role(role, on=other if role == "manager" else project)
    field, _ = fields(kind)
    body = {"project_id": str(project.id), field: str(row.id)}
    assert (await client.post(f"/data/{kind}-links", json=body, headers=headers)).status_code == 403
    path = f"/actions/projects/{project.id}/{kind}-links/reorder"
    assert (await client.post(path, json={field + "s": []}, headers=headers)).status_code == 403


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_not_there_can_not_be_linked(client, as_role, make, kind):
    project, (row, *_) = await make(factories.project()), await library(make, kind)
    headers = await as_role("admin")
    field, _ = fields(kind)
    for project_id, id in ((uuid4(), row.id), (project.id, uuid4()), (project.id, "x"), ("", row.id)):
        body = {"project_id": str(project_id), field: str(id)}
        assert (await client.post(f"/data/{kind}-links", json=body, headers=headers)).status_code == 400


@pytest.mark.parametrize("kind", KINDS)
async def test_links_are_numbered_in_the_order_that_is_sent(client, as_role, make, session, kind):
    project, rows = await make(factories.project()), await library(make, kind, 4)
    field, model = fields(kind)
    for row in rows[:3]:
        await make(model(project_id=project.id, priority=9, **{field: row.id}))
    headers = await as_role("manager", on=project)
    # The fourth is not in the production, the third is not named.
    sent = [str(rows[1].id), str(rows[3].id), str(rows[0].id), str(rows[1].id)]
    path = f"/actions/projects/{project.id}/{kind}-links/reorder"
    answer = await client.post(path, json={field + "s": sent}, headers=headers)
    assert answer.status_code == 200
    assert [(row[field], row["priority"]) for row in answer.json()] == [(sent[0], 1), (sent[2], 2)]
    query = select(model.priority).where(model.project_id == project.id, getattr(model, field) == rows[2].id)
    assert await session.scalar(query) == 9
    assert await told(session, project) == 1


async def test_task_types_of_the_studio_are_put_in_order_by_admins(client, as_role, make, session):
    rows = await library(make, "task-type")
    body = {"task_type_ids": [str(rows[2].id), str(rows[0].id), str(uuid4())]}
    answer = await client.post("/actions/task-types/reorder", json=body, headers=await as_role("admin"))
    assert answer.status_code == 200
    assert [row["id"] for row in answer.json()] == body["task_type_ids"][:2]
    priorities = dict((await session.execute(select(TaskType.id, TaskType.priority))).all())
    assert [priorities[rows[2].id], priorities[rows[0].id]] == [1, 2]
    for role in ("manager", "user", "client"):
        answer = await client.post("/actions/task-types/reorder", json=body, headers=await as_role(role))
        assert answer.status_code == 403


@pytest.mark.parametrize("body", [{}, {"task_type_ids": None}, {"task_type_ids": ["x"]}, []])
async def test_an_order_names_ids(client, as_role, body):
    headers = await as_role("admin")
    assert (await client.post("/actions/task-types/reorder", json=body, headers=headers)).status_code == 400
