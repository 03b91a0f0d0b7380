"""Concepts and their folders: who keeps them, what they hold, how they move."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db import models as m
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")
KEEPERS = ("admin", "manager", "supervisor")


class Show(NamedTuple):
    """A production with a folder, a concept in it that has a task, a loose concept, and an asset."""

    project: Any
    folder: Any
    concept: Any
    loose: Any
    asset: Any
    task: Any
    author: Any


@pytest.fixture
async def show(make) -> Show:
    project = await make(factories.project(name="Film"))
    kinds = {name: await make(factories.entity_type(name=name)) for name in ("Concept", "ConceptFolder")}
    folder = await make(factories.entity(project, kinds["ConceptFolder"], name="Mood"))
    concept = await make(factories.entity(project, kinds["Concept"], name="Dusk", parent_id=folder.id))
    loose = await make(factories.entity(project, kinds["Concept"], name="Dawn"))
    asset = await make(factories.entity(project, await make(factories.entity_type()), name="Tree"))
    await make(m.EntityConceptLink(entity_in_id=concept.id, entity_out_id=asset.id))
    task = await make(
        factories.task(concept, await make(factories.task_type()), await make(factories.task_status()))
    )
    return Show(project, folder, concept, loose, asset, task, await make(factories.person()))


@pytest.mark.parametrize("role", ROLES)
async def test_concepts_are_for_the_team(client, as_role, show, role):
    outsider, member = await as_role(role), await as_role(role, on=show.project)
    single = f"/data/concepts/{show.concept.id}"
    for path in (
        f"/data/concepts?project_id={show.project.id}",
        f"/data/projects/{show.project.id}/concepts",
        *(single + part for part in ("", "/tasks", "/task-types", "/preview-files")),
    ):
        refused = 200 if role == "admin" else 403
        assert (await client.get(path, headers=outsider)).status_code == refused, path
        own = role != "vendor" or single not in path
        assert (await client.get(path, headers=member)).status_code == (200 if own else 403), path


async def test_vendors_see_concepts_that_they_are_assigned_to(client, as_role, show, make):
    vendor = await as_role("vendor", on=show.project)
    assert (await client.get("/data/concepts", headers=vendor)).json() == []
    await make(factories.assignation(show.task, vendor.person))
    rows = (await client.get("/data/concepts", headers=vendor)).json()
    assert [row["name"] for row in rows] == ["Dusk"]


async def test_concepts_tell_what_they_are_drawn_for(client, as_role, show, make):
    preview = await make(factories.preview_file(show.task, show.author))
    headers = await as_role("manager", on=show.project)
    changed = {"preview_file_id": str(preview.id)}
    await client.put(f"/data/entities/{show.concept.id}", json=changed, headers=headers)
    rows = (await client.get(f"/data/concepts?parent_id={show.folder.id}", headers=headers)).json()
    assert [(row["name"], row["project_name"]) for row in rows] == [("Dusk", "Film")]
    assert rows[0]["entity_concept_links"] == [str(show.asset.id)]
    single = (await client.get(f"/data/concepts/{show.concept.id}", headers=headers)).json()
    assert single["entity_concept_links"] == [str(show.asset.id)]
    assert [task["id"] for task in single["tasks"]] == [str(show.task.id)]
    assert single["preview_file_status"] == preview.status
    for id in (uuid4(), show.folder.id, show.asset.id):
        assert (await client.get(f"/data/concepts/{id}", headers=headers)).status_code == 404


@pytest.mark.parametrize("role", ROLES)
async def test_who_keeps_concepts(client, as_role, show, role):
    headers = await as_role(role, on=show.project)
    base = f"/data/projects/{show.project.id}"
    kept = role in KEEPERS
    answers = [
        await client.post(f"{base}/concepts", json={"name": "New"}, headers=headers),
        await client.post(f"{base}/concept-folders", json={"name": "New"}, headers=headers),
        await client.put(f"/data/concept-folders/{show.folder.id}", json={"name": "Other"}, headers=headers),
        await client.post(
            f"/actions/projects/{show.project.id}/move-concepts", json={"concept_ids": []}, headers=headers
        ),
        await client.delete(f"/data/concepts/{show.loose.id}", headers=headers),
        await client.delete(f"/data/concept-folders/{show.folder.id}", headers=headers),
    ]
    expected = [201, 201, 200, 200, 204, 204] if kept else [403] * 6
    assert [answer.status_code for answer in answers] == expected
    folders = await client.get(f"{base}/concept-folders", headers=headers)
    assert folders.status_code == (403 if role in ("client", "vendor") else 200)


async def test_a_concept_is_drawn_for_entities_of_its_production(client, as_role, show, make):
    headers = await as_role("supervisor", on=show.project)
    path = f"/data/projects/{show.project.id}/concepts"
    elsewhere = await make(factories.project())
    foreign = await make(factories.entity(elsewhere, await make(factories.entity_type())))
    for body in (
        {},
        {"name": ""},
        {"name": "Dawn"},
        {"name": "New", "entity_concept_links": [str(foreign.id)]},
        {"name": "New", "entity_concept_links": [str(uuid4())]},
        {"name": "New", "entity_concept_links": "x"},
        {"name": "New", "parent_id": str(show.asset.id)},
        {"name": "New", "data": "x"},
    ):
        assert (await client.post(path, json=body, headers=headers)).status_code == 400, body
    links = [str(show.asset.id)] * 2
    body = {"name": "New", "entity_concept_links": links, "parent_id": str(show.folder.id)}
    row = (await client.post(path, json=body, headers=headers)).json()
    assert (row["type"], row["data"], row["parent_id"]) == ("Concept", {}, str(show.folder.id))
    assert row["entity_concept_links"] == links[:1]


async def test_concepts_move_between_folders(client, as_role, show, make):
    headers = await as_role("supervisor", on=show.project)
    path = f"/actions/projects/{show.project.id}/move-concepts"
    ids = [str(id) for id in (show.loose.id, uuid4(), show.asset.id, show.concept.id)]
    moved = [ids[0], ids[3]]
    for folder in (None, str(show.folder.id)):
        body = {"concept_ids": ids, "concept_folder_id": folder}
        answer = await client.post(path, json=body, headers=headers)
        assert answer.json() == moved, answer.text
        rows = (await client.get("/data/concepts", headers=headers)).json()
        assert {row["parent_id"] for row in rows} == {folder}
    for folder in (str(uuid4()), str(show.asset.id), "no-id"):
        body = {"concept_ids": ids, "concept_folder_id": folder}
        assert (await client.post(path, json=body, headers=headers)).status_code == 400
    assert (await client.post(path, json={}, headers=headers)).status_code == 400


async def test_what_lay_in_a_folder_outlives_it(client, as_role, show, session):
    headers = await as_role("supervisor", on=show.project)
    path = f"/data/concept-folders/{show.folder.id}"
    assert (await client.delete(path, headers=headers)).status_code == 204
    concept = (await client.get(f"/data/concepts/{show.concept.id}", headers=headers)).json()
    assert concept["parent_id"] is None
    names = (await session.scalars(select(m.ApiEvent.name).order_by(m.ApiEvent.created_at))).all()
    assert list(names) == ["concept:update", "concept-folder:delete"]
    assert (await client.delete(path, headers=headers)).status_code == 404


async def test_folders_are_listed_by_name_and_have_one_of_their_own(client, as_role, show):
    headers = await as_role("supervisor", on=show.project)
    base = f"/data/projects/{show.project.id}/concept-folders"
    made = await client.post(base, json={"name": "Colour"}, headers=headers)
    assert made.json()["type"] == "ConceptFolder"
    assert (await client.post(base, json={"name": "Mood"}, headers=headers)).status_code == 400
    rename = f"/data/concept-folders/{made.json()['id']}"
    for body, status in (({"name": "Mood"}, 400), ({}, 400), ({"name": "Colour"}, 200), ({"name": "A"}, 200)):
        assert (await client.put(rename, json=body, headers=headers)).status_code == status, body
    rows = (await client.get(base, headers=headers)).json()
    assert [row["name"] for row in rows] == ["A", "Mood"]
    assert (
        await client.put(f"/data/concept-folders/{show.concept.id}", json={"name": "B"}, headers=headers)
    ).status_code == 404
