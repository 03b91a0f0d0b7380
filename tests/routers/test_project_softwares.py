"""The softwares that productions work with."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import ApiEvent
from tests import factories


@pytest.fixture
async def rows(make):
    return await make(factories.project(), factories.task_type(), factories.software())


async def test_a_software_is_chosen_once_and_dropped_once(client, as_role, rows, session):
    project, task_type, software = rows
    headers = await as_role("manager", on=project)
    path = f"/data/projects/{project.id}/task-types/{task_type.id}/softwares"
    pair = {
        "project_id": str(project.id),
        "task_type_id": str(task_type.id),
        "software_id": str(software.id),
    }
    for _ in range(2):
        answer = await client.post(path, json={"software_id": str(software.id)}, headers=headers)
        assert (answer.status_code, answer.json()) == (201, pair)
    listed = f"/data/projects/{project.id}/task-type-softwares"
    assert (await client.get(listed, headers=headers)).json() == [pair]
    for _ in range(2):
        assert (await client.delete(f"{path}/{software.id}", headers=headers)).status_code == 204
    assert (await client.get(listed, headers=headers)).json() == []
    assert await session.scalar(select(func.count()).where(ApiEvent.project_id == project.id)) == 2


@pytest.mark.parametrize("role", ["supervisor", "user", "client", "vendor"])
async def test_members_read_and_those_who_run_the_production_choose(client, as_role, rows, role):
    project, task_type, software = rows
    headers = await as_role(role, on=project)
    path = f"/data/projects/{project.id}/task-types/{task_type.id}/softwares"
    listed = f"/data/projects/{project.id}/task-type-softwares"
    assert (await client.get(listed, headers=headers)).status_code == 200
    body = {"software_id": str(software.id)}
    assert (await client.post(path, json=body, headers=headers)).status_code == 403
    assert (await client.delete(f"{path}/{software.id}", headers=headers)).status_code == 403


async def test_other_productions_are_closed(client, as_role, rows, make):
    project, task_type, software = rows
    headers = await as_role("manager", on=await make(factories.project()))
    listed = f"/data/projects/{project.id}/task-type-softwares"
    assert (await client.get(listed, headers=headers)).status_code == 403
    path = f"/data/projects/{project.id}/task-types/{task_type.id}/softwares"
    answer = await client.post(path, json={"software_id": str(software.id)}, headers=headers)
    assert answer.status_code == 403


async def test_what_is_not_there_can_not_be_chosen(client, as_role, rows):
    project, task_type, software = rows
    headers = await as_role("admin")
    base = f"/data/projects/{project.id}/task-types"
    for task_type_id, software_id, status in (
        (uuid4(), software.id, 404),
        (task_type.id, uuid4(), 400),
        (task_type.id, "x", 400),
        (task_type.id, None, 400),
    ):
        body = {"software_id": software_id and str(software_id)}
        answer = await client.post(f"{base}/{task_type_id}/softwares", json=body, headers=headers)
        assert answer.status_code == status
