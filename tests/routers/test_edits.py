"""Edits: who sees and adds them, what lists and single ones hold."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from kitsu_api.db import models as m
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")


class Show(NamedTuple):
    """A production with an episode that has an edit with a task, and an edit of no episode."""

    project: Any
    episode: Any
    edit: Any
    loose: Any
    task: Any
    author: Any


@pytest.fixture
async def show(make) -> Show:
    project = await make(factories.project(name="Film"))
    kinds = {name: await make(factories.entity_type(name=name)) for name in ("Episode", "Edit")}
    episode = await make(factories.entity(project, kinds["Episode"], name="E01"))
    edit = await make(
        factories.entity(project, kinds["Edit"], name="Cut", parent_id=episode.id, data={"a": 1, "cost": 2})
    )
    loose = await make(factories.entity(project, kinds["Edit"], name="Trailer"))
    task = await make(
        factories.task(edit, await make(factories.task_type()), await make(factories.task_status()))
    )
    return Show(project, episode, edit, loose, task, await make(factories.person()))


def paths(show: Show) -> list[str]:
    edit, episode = show.edit.id, show.episode.id
    return [
        f"/data/edits?project_id={show.project.id}",
        f"/data/edits/all?project_id={show.project.id}",
        f"/data/projects/{show.project.id}/edits",
        f"/data/episodes/{episode}/edits",
        f"/data/episodes/{episode}/edit-tasks",
        *(
            f"/data/edits/{edit}{part}"
            for part in ("", "/tasks", "/task-types", "/preview-files", "/versions")
        ),
    ]


@pytest.mark.parametrize("role", ROLES)
async def test_edits_are_for_the_team(client, as_role, show, role):
    outsider = await as_role(role)
    member = await as_role(role, on=show.project)
    for path in paths(show):
        refused = 200 if role == "admin" else 403
        assert (await client.get(path, headers=outsider)).status_code == refused, path
        own = role != "vendor" or "/data/edits/" not in path or "/all" in path
        assert (await client.get(path, headers=member)).status_code == (200 if own else 403), path
    if role != "admin":
        assert (await client.get("/data/edits", headers=outsider)).json() == []


async def test_vendors_see_edits_that_they_are_assigned_to(client, as_role, show, make):
    vendor = await as_role("vendor", on=show.project)
    await make(factories.assignation(show.task, vendor.person))
    department = await make(factories.department())
    column = await make(
        factories.metadata_descriptor(show.project, entity_type="Edit", name="Cost", field_name="cost")
    )
    await make(
        m.DepartmentMetadataDescriptorLink(metadata_descriptor_id=column.id, department_id=department.id)
    )
    await make(m.EntityVersion(name="1", entity_id=show.edit.id, data={"cost": 1}))
    for path in paths(show)[:4]:
        rows = (await client.get(path, headers=vendor)).json()
        assert [(row["name"], row["data"]) for row in rows] == [("Cut", {"a": 1})], path
    single = (await client.get(f"/data/edits/{show.edit.id}", headers=vendor)).json()
    assert single["data"] == {"a": 1}
    versions = (await client.get(f"/data/edits/{show.edit.id}/versions", headers=vendor)).json()
    assert [version["data"] for version in versions] == [{}]
    assert (await client.get(f"/data/edits/{show.loose.id}", headers=vendor)).status_code == 403


async def test_edits_are_filtered(client, as_role, show):
    headers = await as_role("user", on=show.project)
    for query, found in (
        ("name=CUT", ["Cut"]),
        (f"episode_id={show.episode.id}", ["Cut"]),
        (f"id={show.loose.id}", ["Trailer"]),
        ("", ["Cut", "Trailer"]),
    ):
        rows = (await client.get(f"/data/edits?{query}", headers=headers)).json()
        assert [row["name"] for row in rows] == found, query
        assert all(row["project_name"] == "Film" for row in rows)
    for name in ("project_id", "episode_id", "id"):
        assert (await client.get(f"/data/edits?{name}=no-id", headers=headers)).status_code == 400


async def test_a_single_edit_names_its_episode_and_has_its_tasks(client, as_role, show):
    headers = await as_role("user", on=show.project)
    edit = (await client.get(f"/data/edits/{show.edit.id}", headers=headers)).json()
    assert (edit["episode_id"], edit["episode_name"]) == (str(show.episode.id), "E01")
    assert [task["id"] for task in edit["tasks"]] == [str(show.task.id)]
    loose = (await client.get(f"/data/edits/{show.loose.id}", headers=headers)).json()
    assert (loose["episode_id"], loose["episode_name"], loose["tasks"]) == (None, "", [])
    for id in (uuid4(), show.episode.id, "no-id"):
        assert (await client.get(f"/data/edits/{id}", headers=headers)).status_code == 404


async def test_tasks_of_edits_are_listed(client, as_role, show):
    headers = await as_role("user", on=show.project)
    for path in (f"/data/episodes/{show.episode.id}/edit-tasks", f"/data/edits/{show.edit.id}/tasks"):
        (task,) = (await client.get(path, headers=headers)).json()
        assert (task["id"], task["entity_name"]) == (str(show.task.id), "Cut")
        assert "assignees" not in task
        (task,) = (await client.get(f"{path}?relations=true", headers=headers)).json()
        assert task["assignees"] == []
    types = (await client.get(f"/data/edits/{show.edit.id}/task-types", headers=headers)).json()
    assert [kind["id"] for kind in types] == [str(show.task.task_type_id)]


async def test_revisions_come_by_task_type_with_their_other_files(
    client, as_role, show, make, count_statements
):
    for revision, position in ((1, 1), (2, 1), (2, 2), (2, 3)):
        await make(
            factories.preview_file(
                show.task,
                show.author,
                revision=revision,
                position=position,
                name=f"{revision}-{position}",
                data={"original_width": 1280},
            )
        )
    headers = await as_role("user", on=show.project)
    with count_statements() as statements:
        answer = await client.get(f"/data/edits/{show.edit.id}/preview-files", headers=headers)
    assert statements.count <= 4
    (revisions,) = answer.json().values()
    assert list(answer.json()) == [str(show.task.task_type_id)]
    assert [revision["revision"] for revision in revisions] == [2, 1]
    assert [file["position"] for file in revisions[0]["previews"]] == [2, 3]
    assert revisions[1]["previews"] == []
    assert (revisions[0]["original_width"], revisions[0]["original_height"]) == (1280, None)


@pytest.mark.parametrize("role", ROLES)
async def test_who_adds_edits(client, as_role, show, role):
    headers = await as_role(role, on=show.project)
    body = {"name": "New", "episode_id": str(show.episode.id), "data": {"b": 1}}
    answer = await client.post(f"/data/projects/{show.project.id}/edits", json=body, headers=headers)
    assert answer.status_code == (201 if role in ("admin", "manager") else 403)
    if answer.status_code == 201:
        row = answer.json()
        assert (row["type"], row["parent_id"], row["data"]) == ("Edit", str(show.episode.id), {"b": 1})


async def test_edits_have_a_name_of_their_own_and_an_episode_of_the_production(client, as_role, show, make):
    headers = await as_role("manager", on=show.project)
    path = f"/data/projects/{show.project.id}/edits"
    elsewhere = await make(factories.project())
    kind = await make(factories.entity_type(name="Episode"))
    foreign = await make(factories.entity(elsewhere, kind))
    for body in (
        {},
        {"name": ""},
        {"name": None},
        {"name": "x" * 161},
        {"name": "Trailer"},
        {"name": "Cut", "episode_id": str(show.episode.id)},
        {"name": "New", "episode_id": str(foreign.id)},
        {"name": "New", "episode_id": str(show.loose.id)},
        {"name": "New", "episode_id": "no-id"},
        {"name": "New", "data": [1]},
        {"name": "a\x00b"},
    ):
        assert (await client.post(path, json=body, headers=headers)).status_code == 400, body
    assert (await client.post(path, json={"name": "Cut"}, headers=headers)).status_code == 201
    missing = f"/data/projects/{uuid4()}/edits"
    assert (await client.post(missing, json={"name": "Cut"}, headers=headers)).status_code == 404
