"""What productions take from the library."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import (
    ApiEvent,
    PreviewBackgroundFile,
    ProjectTaskStatusLink,
    ProjectTaskTypeLink,
    StatusAutomation,
)
from tests import factories

KINDS = ("asset-types", "task-types", "task-status", "status-automations", "preview-background-files")
FIELDS = dict(
    zip(
        KINDS,
        (
            "asset_type_id",
            "task_type_id",
            "task_status_id",
            "status_automation_id",
            "preview_background_file_id",
        ),
        strict=True,
    )
)
LISTED = ("task-status", "status-automations", "preview-background-files")


@pytest.fixture
async def library(make):
    rows = (
        factories.entity_type(),
        factories.task_type(),
        factories.task_status(),
        StatusAutomation(),
        PreviewBackgroundFile(name="Forest"),
    )
    return dict(zip(KINDS, await make(*rows), strict=True))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_row_is_chosen_and_dropped(client, as_role, make, library, session, kind):
    project = await make(factories.project())
    headers = await as_role("manager", on=project)
    path, row = f"/data/projects/{project.id}/settings/{kind}", library[kind]
    for _ in range(2):  # choosing what is chosen changes nothing
        answer = await client.post(path, json={FIELDS[kind]: str(row.id)}, headers=headers)
        assert answer.status_code == 201
        assert answer.json()["id"] == str(project.id)
    if kind in LISTED:
        assert [found["id"] for found in (await client.get(path, headers=headers)).json()] == [str(row.id)]
    for _ in range(2):
        assert (await client.delete(f"{path}/{row.id}", headers=headers)).status_code == 204
    if kind in LISTED:
        assert (await client.get(path, headers=headers)).json() == []
    events = await session.scalar(select(func.count()).where(ApiEvent.project_id == project.id))
    assert events == 3


@pytest.mark.parametrize("kind", KINDS)
async def test_rows_that_the_library_lacks_are_refused(client, as_role, make, kind):
    project = await make(factories.project())
    answer = await client.post(
        f"/data/projects/{project.id}/settings/{kind}",
        json={FIELDS[kind]: str(uuid4())},
        headers=await as_role("admin"),
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("role", ["supervisor", "user", "client", "vendor"])
async def test_settings_are_read_by_the_team_and_kept_by_managers(client, as_role, make, library, role):
    project = await make(factories.project())
    headers, stranger = await as_role(role, on=project), await as_role("manager")
    for kind in KINDS:
        path, wish = f"/data/projects/{project.id}/settings/{kind}", {FIELDS[kind]: str(library[kind].id)}
        for refused in (headers, stranger):
            assert (await client.post(path, json=wish, headers=refused)).status_code == 403
            answer = await client.delete(f"{path}/{library[kind].id}", headers=refused)
            assert answer.status_code == 403
        if kind in LISTED:
            assert (await client.get(path, headers=headers)).status_code == 200
            assert (await client.get(path, headers=stranger)).status_code == 403
    batch = f"/data/projects/{project.id}/settings/batch"
    assert (await client.post(batch, json={}, headers=headers)).status_code == 403


async def test_priorities_are_set_and_changed(client, as_role, make, library, session):
    project = await make(factories.project())
    headers = await as_role("admin")
    path = f"/data/projects/{project.id}/settings/task-types"
    for priority in (1, 4):
        wish = {"task_type_id": str(library["task-types"].id), "priority": priority}
        assert (await client.post(path, json=wish, headers=headers)).status_code == 201
    link = (await session.scalars(select(ProjectTaskTypeLink))).one()
    assert link.priority == 4


async def test_a_status_of_the_production_is_changed(client, as_role, make, library, session):
    project = await make(factories.project())
    headers = await as_role("manager", on=project)
    status = library["task-status"]
    path = f"/data/projects/{project.id}/settings/task-status/{status.id}"
    assert (await client.put(path, json={"is_client_allowed": True}, headers=headers)).status_code == 404
    await make(ProjectTaskStatusLink(project_id=project.id, task_status_id=status.id))
    answer = await client.put(path, json={"is_client_allowed": True}, headers=headers)
    assert answer.json()["is_client_allowed"] is True
    assert answer.json()["roles_for_board"] == ["user", "admin", "supervisor", "manager", "vendor"]
    assert (await client.put(path, json={"roles_for_board": ["x"]}, headers=headers)).status_code == 400


async def test_a_batch_leaves_out_what_the_library_lacks(client, as_role, make, library, session):
    project = await make(factories.project())
    headers = await as_role("admin")
    first, second = library["task-types"], await make(factories.task_type())
    path = f"/data/projects/{project.id}/settings/batch"
    batch = {
        "task_types": [{"task_type_id": str(first.id), "priority": 1}, {"task_type_id": str(uuid4())}],
        "task_status_ids": [str(library["task-status"].id)] * 2 + [str(uuid4())],
        "asset_type_ids": [str(library["asset-types"].id)],
    }
    assert (await client.post(path, json=batch, headers=headers)).status_code == 200
    batch = {"task_types": [{"task_type_id": str(second.id)}], "replace_task_types": True}
    assert (await client.post(path, json=batch, headers=headers)).status_code == 200
    shown = (await client.get(f"/data/projects/{project.id}", headers=headers)).json()
    assert shown["task_types"] == [str(second.id)]
    assert len(shown["task_statuses"]) == len(shown["asset_types"]) == 1
