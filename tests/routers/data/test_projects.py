"""Productions and their templates: how they begin, who may touch them, when they go."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from kitsu_api.db.models import (
    ApiEvent,
    Project,
    ProjectStatus,
    ProjectTaskTypeLink,
    ProjectTemplate,
    ProjectTemplateTaskTypeLink,
)
from tests import factories


@pytest.mark.parametrize(
    ("role", "creates", "updates", "deletes"),
    [
        ("admin", 201, 200, 204),
        ("manager", 403, 200, 403),
        ("supervisor", 403, 403, 403),
        ("user", 403, 403, 403),
        ("client", 403, 403, 403),
        ("vendor", 403, 403, 403),
    ],
)
async def test_who_may_touch_a_production(client, as_role, make, role, creates, updates, deletes):
    closed = await make(factories.project_status(name="Closed"))
    project = await make(factories.project(closed))
    headers = await as_role(role, on=project)
    path = f"/data/projects/{project.id}"
    assert (await client.post("/data/projects", json={"name": "New"}, headers=headers)).status_code == creates
    assert (await client.put(path, json={"fps": "24"}, headers=headers)).status_code == updates
    assert (await client.get(path, headers=headers)).status_code == 200
    assert (await client.delete(path, headers=headers)).status_code == deletes


@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "client", "vendor"])
async def test_other_productions_are_closed_to_all_but_admins(client, as_role, make, role):
    mine, other = await make(factories.project(), factories.project())
    headers = await as_role(role, on=mine)
    assert (await client.get(f"/data/projects/{other.id}", headers=headers)).status_code == 403
    assert (await client.put(f"/data/projects/{other.id}", json={}, headers=headers)).status_code == 403
    listed = (await client.get("/data/projects", headers=headers)).json()
    assert [row["id"] for row in listed] == [str(mine.id)]


async def test_a_role_on_the_production_counts_more_than_the_general_one(client, as_role, make):
    project = await make(factories.project())
    promoted = await as_role("user", on=project, role_on="manager")
    demoted = await as_role("manager", on=project, role_on="user")
    path = f"/data/projects/{project.id}"
    assert (await client.put(path, json={"fps": "24"}, headers=promoted)).status_code == 200
    assert (await client.put(path, json={"fps": "24"}, headers=demoted)).status_code == 403


async def test_a_production_begins_open(client, as_role, session):
    headers = await as_role("admin")
    for name in ("One", "Two"):
        project = (await client.post("/data/projects", json={"name": name}, headers=headers)).json()
        assert project["team"] == []
    statuses = (await session.scalars(select(ProjectStatus))).all()
    assert [(status.name, str(status.id)) for status in statuses] == [("Open", project["project_status_id"])]


async def test_only_closed_productions_can_be_deleted(client, as_role, make, session):
    headers = await as_role("admin")
    opened, closed = await make(factories.project_status(), factories.project_status(name="Closed"))
    project = await make(factories.project(opened))
    await make(factories.metadata_descriptor(project), factories.api_event(project_id=project.id))
    path = f"/data/projects/{project.id}"
    assert (await client.delete(path, headers=headers)).status_code == 400
    await client.put(path, json={"project_status_id": str(closed.id)}, headers=headers)
    assert (await client.delete(path, headers=headers)).status_code == 204
    assert await session.get(Project, project.id) is None


async def test_a_production_in_which_something_was_made_stays(client, as_role, make):
    rows = factories.production()
    await make(*rows)
    closed = await make(factories.project_status(name="Closed"))
    headers = await as_role("admin")
    path = f"/data/projects/{rows.project.id}"
    await client.put(path, json={"project_status_id": str(closed.id)}, headers=headers)
    assert (await client.delete(path, headers=headers)).status_code == 400


async def test_one_production_shows_its_settings(client, as_role, make):
    status = await make(factories.project_status())
    project, kind = await make(factories.project(status), factories.task_type())
    await make(
        factories.metadata_descriptor(project, name="Difficulty", field_name="difficulty"),
        ProjectTaskTypeLink(project_id=project.id, task_type_id=kind.id, priority=3),
    )
    shown = (await client.get(f"/data/projects/{project.id}", headers=await as_role("admin"))).json()
    assert shown["project_status_name"] == "Open"
    assert shown["task_types_priority"] == {str(kind.id): 3}
    assert shown["task_type_links"][str(kind.id)]["priority"] == 3
    assert [card["field_name"] for card in shown["descriptors"]] == ["difficulty"]
    client_headers = await as_role("client", on=project)
    for_client = (await client.get(f"/data/projects/{project.id}", headers=client_headers)).json()
    assert "descriptors" not in for_client


async def test_a_template_fills_what_is_not_given(client, as_role, make, session):
    template = await make(
        ProjectTemplate(
            name="Feature",
            fps="30",
            ratio="2.39:1",
            max_retakes=5,
            metadata_descriptors=[{"name": "Ship code", "entity_type": "Shot"}],
        )
    )
    kind = await make(factories.task_type())
    link = ProjectTemplateTaskTypeLink(project_template_id=template.id, task_type_id=kind.id, priority=2)
    await make(link)
    wish = {"name": "Film", "fps": "60", "project_template_id": str(template.id)}
    film = (await client.post("/data/projects", json=wish, headers=await as_role("admin"))).json()
    assert (film["fps"], film["ratio"], film["max_retakes"]) == ("60", "2.39:1", 5)
    assert film["task_types"] == [str(kind.id)]
    names = (await session.scalars(select(ApiEvent.name))).all()
    assert sorted(names) == ["metadata-descriptor:new", "project:new", "project:update"]


async def test_an_unknown_template_is_refused(client, as_role):
    wish = {"name": "Film", "project_template_id": "5b6b8b1e-6d2f-4a53-a8a4-6a3f0a6f8f11"}
    answer = await client.post("/data/projects", json=wish, headers=await as_role("admin"))
    assert answer.status_code == 400


async def test_new_productions_have_the_columns_of_those_that_run(client, as_role, make):
    opened, closed = await make(factories.project_status(), factories.project_status(name="Closed"))
    first, second, over = await make(*(factories.project(status) for status in (opened, opened, closed)))
    column = {"entity_type": "Project", "name": "Code", "field_name": "code"}
    await make(
        factories.metadata_descriptor(first, **column),
        factories.metadata_descriptor(second, **column),
        factories.metadata_descriptor(over, entity_type="Project", name="Old", field_name="old"),
    )
    headers = await as_role("admin")
    project = (await client.post("/data/projects", json={"name": "Fresh"}, headers=headers)).json()
    shown = (await client.get(f"/data/projects/{project['id']}", headers=headers)).json()
    assert [card["field_name"] for card in shown["descriptors"]] == ["code"]


async def test_templates_have_names_of_their_own(client, as_role):
    headers = await as_role("admin")
    first = await client.post("/data/project-templates", json={"name": "Short"}, headers=headers)
    assert first.json()["metadata_descriptors"] == []
    second = await client.post("/data/project-templates", json={"name": "SHORT"}, headers=headers)
    assert second.status_code == 400
    path = f"/data/project-templates/{first.json()['id']}"
    assert (await client.put(path, json={"name": "Short", "fps": "24"}, headers=headers)).status_code == 200
    assert (await client.delete(path, headers=headers)).status_code == 204


@pytest.mark.parametrize(
    "descriptors", ["text", [1], [{"entity_type": "Shot"}], [{"name": "a", "data_type": "x"}]]
)
async def test_templates_refuse_columns_that_cannot_be_read(client, as_role, descriptors):
    wish = {"name": "Short", "metadata_descriptors": descriptors}
    answer = await client.post("/data/project-templates", json=wish, headers=await as_role("admin"))
    assert answer.status_code == 400
