"""Templates: what they take from the library, and what productions get from them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import (
    ApiEvent,
    DepartmentMetadataDescriptorLink,
    MetadataDescriptor,
    PreviewBackgroundFile,
    Project,
    ProjectTaskStatusLink,
    ProjectTaskTypeLink,
    ProjectTemplate,
    StatusAutomation,
    TaskType,
)
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")
PARTS = {
    "asset-types": "asset_type_id",
    "task-types": "task_type_id",
    "task-statuses": "task_status_id",
    "status-automations": "status_automation_id",
    "preview-background-files": "preview_background_file_id",
}


@pytest.fixture
async def template(make):
    return await make(ProjectTemplate(id=uuid4(), name=factories.unique("Series")))


@pytest.fixture
async def library(make) -> dict[str, str]:
    """A row of the library for each part, by path."""
    rows = (
        factories.entity_type(),
        factories.task_type(),
        factories.task_status(),
        StatusAutomation(id=uuid4(), entity_type="asset", out_field_type="status"),
        PreviewBackgroundFile(id=uuid4(), name="Sky", is_default=False),
    )
    await make(*rows)
    return {path: str(row.id) for path, row in zip(PARTS, rows, strict=True)}


def path(template, *parts) -> str:
    return "/".join([f"/data/project-templates/{template.id}", *parts])


async def add(client, headers, template, part, id, **values):
    answer = await client.post(path(template, part), json={PARTS[part]: id, **values}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def ids(client, headers, template, part) -> list[str]:
    answer = await client.get(path(template, part), headers=headers)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()]


@pytest.mark.parametrize("role", ROLES)
async def test_managers_read_templates_and_admins_change_them(client, as_role, make, template, library, role):
    project = await make(factories.project())
    headers = await as_role(role, on=project)
    reads, writes = role in ("admin", "manager"), role == "admin"
    for part, id in library.items():
        assert (await client.get(path(template, part), headers=headers)).status_code == (
            200 if reads else 403
        )
        made = await client.post(path(template, part), json={PARTS[part]: id}, headers=headers)
        assert made.status_code == (201 if writes else 403), part
        gone = await client.delete(path(template, part, id), headers=headers)
        assert gone.status_code == (204 if writes else 403), part
    actions = f"/actions/project-templates/{template.id}"
    for method, target, body, status in (
        ("PUT", path(template, "default-preview-background-file"), {}, 200),
        ("PUT", path(template, "metadata-descriptors"), {"metadata_descriptors": []}, 200),
        ("POST", f"{actions}/task-types/reorder", {"task_type_ids": []}, 200),
        ("POST", f"{actions}/task-statuses/reorder", {"task_status_ids": []}, 200),
        ("POST", f"/data/project-templates/from-project/{project.id}", {"name": "Copy"}, 201),
    ):
        answer = await client.request(method, target, json=body, headers=headers)
        assert answer.status_code == (status if writes else 403), target
    answer = await client.post(f"/data/projects/{project.id}/apply-template/{template.id}", headers=headers)
    assert answer.status_code == (200 if reads else 403)


@pytest.mark.parametrize("part", PARTS)
async def test_rows_of_the_library_come_and_go(client, as_role, session, template, library, part):
    headers, id = await as_role("admin"), library[part]
    await add(client, headers, template, part, id)
    await add(client, headers, template, part, id)
    assert await ids(client, headers, template, part) == [id], "twice is once"
    for _ in range(2):
        assert (await client.delete(path(template, part, id), headers=headers)).status_code == 204
    assert await ids(client, headers, template, part) == []
    events = select(func.count()).where(
        ApiEvent.name == "project-template:update",
        ApiEvent.data["project_template_id"].astext == str(template.id),
    )
    assert await session.scalar(events) == 3, "two additions and one removal; the second removed nothing"


@pytest.mark.parametrize("part", PARTS)
async def test_what_is_not_there_is_refused(client, as_role, template, part):
    headers = await as_role("admin")
    answer = await client.post(path(template, part), json={PARTS[part]: str(uuid4())}, headers=headers)
    assert answer.status_code == 400
    for body in ({}, {PARTS[part]: "x"}, {PARTS[part]: None}, []):
        assert (await client.post(path(template, part), json=body, headers=headers)).status_code == 400
    nowhere = f"/data/project-templates/{uuid4()}/{part}"
    assert (await client.get(nowhere, headers=headers)).status_code == 404
    answer = await client.post(nowhere, json={PARTS[part]: str(uuid4())}, headers=headers)
    assert answer.status_code == 404
    assert (await client.delete(f"{nowhere}/{uuid4()}", headers=headers)).status_code == 404


async def test_links_keep_settings_of_their_own(client, as_role, template, library):
    headers = await as_role("admin")
    link = await add(client, headers, template, "task-types", library["task-types"], priority=3)
    assert (link["type"], link["priority"], link["is_client_visible"]) == (
        "ProjectTemplateTaskTypeLink",
        3,
        True,
    )
    again = await add(client, headers, template, "task-types", library["task-types"], is_client_visible=False)
    assert (again["id"], again["priority"], again["is_client_visible"]) == (link["id"], 3, False)
    (shown,) = (await client.get(path(template, "task-types"), headers=headers)).json()
    assert (shown["type"], shown["priority"], shown["is_client_visible"]) == ("TaskType", 3, False)
    await add(client, headers, template, "task-statuses", library["task-statuses"], roles_for_board=["admin"])
    (shown,) = (await client.get(path(template, "task-statuses"), headers=headers)).json()
    assert (shown["roles_for_board"], shown["link_is_client_allowed"]) == (["admin"], None)


@pytest.mark.parametrize(
    ("part", "key", "factory"),
    [
        ("task-types", "task_type_ids", factories.task_type),
        ("task-statuses", "task_status_ids", factories.task_status),
    ],
)
async def test_reordering_numbers_what_is_named(client, as_role, make, template, part, key, factory):
    headers = await as_role("admin")
    rows = [str((await make(factory())).id) for _ in range(3)]
    for place, id in enumerate(rows, start=1):
        await add(client, headers, template, part, id, priority=place * 10)
    target = f"/actions/project-templates/{template.id}/{part}/reorder"
    wanted = [rows[2], str(uuid4()), rows[0], rows[2]]
    answer = await client.post(target, json={key: wanted}, headers=headers)
    assert [(row[key.removesuffix("s")], row["priority"]) for row in answer.json()] == [
        (rows[2], 1),
        (rows[0], 2),
    ]
    assert await ids(client, headers, template, part) == [rows[2], rows[0], rows[1]]
    for body in ({}, {key: "x"}, {key: ["x"]}):
        assert (await client.post(target, json=body, headers=headers)).status_code == 400


async def test_the_default_background_is_one_of_the_templates_own(client, as_role, template, library):
    headers, id = await as_role("admin"), library["preview-background-files"]
    target = path(template, "default-preview-background-file")
    body = {"default_preview_background_file_id": id}
    assert (await client.put(target, json=body, headers=headers)).status_code == 400
    card = await add(client, headers, template, "preview-background-files", id)
    assert card == {"id": id, "name": "Sky", "is_default": False}
    row = (await client.put(target, json=body, headers=headers)).json()
    assert row["default_preview_background_file_id"] == id
    await client.delete(path(template, "preview-background-files", id), headers=headers)
    row = (await client.get(path(template), headers=headers)).json()
    assert row["default_preview_background_file_id"] is None


async def test_metadata_columns_are_kept_whole(client, as_role, make, template):
    headers, department = await as_role("admin"), await make(factories.department())
    target = path(template, "metadata-descriptors")
    wish = {"name": "Cost Code", "entity_type": "Shot", "departments": [str(department.id)]}
    row = (await client.put(target, json={"metadata_descriptors": [wish]}, headers=headers)).json()
    assert row["metadata_descriptors"] == [
        {
            "name": "Cost Code",
            "field_name": "cost_code",
            "data_type": "string",
            "entity_type": "Shot",
            "choices": [],
            "for_client": False,
            "position": None,
            "task_type_id": None,
            "departments": [str(department.id)],
        }
    ]
    for bad in (
        {},
        {"metadata_descriptors": None},
        {"metadata_descriptors": [{}]},
        {"metadata_descriptors": [{**wish, "departments": [str(uuid4())]}]},
        {"metadata_descriptors": [{**wish, "task_type_id": str(uuid4())}]},
        {"metadata_descriptors": [{**wish, "data_type": "colour"}]},
    ):
        assert (await client.put(target, json=bad, headers=headers)).status_code == 400, bad


async def test_a_template_is_made_of_a_production(client, as_role, make, session):
    rows = await make(*factories.production(fps="30", description="secret"))
    project, task_type, status = rows[1], rows[4], rows[5]
    department = await make(factories.department())
    column = await make(factories.metadata_descriptor(project, task_type_id=task_type.id))
    await make(
        ProjectTaskTypeLink(project_id=project.id, task_type_id=task_type.id, priority=4),
        ProjectTaskStatusLink(project_id=project.id, task_status_id=status.id, roles_for_board=["admin"]),
        DepartmentMetadataDescriptorLink(metadata_descriptor_id=column.id, department_id=department.id),
    )
    headers = await as_role("admin")
    target = f"/data/project-templates/from-project/{project.id}"
    answer = await client.post(target, json={"name": "Snapshot"}, headers=headers)
    assert answer.status_code == 201, answer.text
    row = answer.json()
    assert (row["name"], row["fps"], row["description"]) == ("Snapshot", "30", None)
    (kept,) = row["metadata_descriptors"]
    assert (kept["name"], kept["task_type_id"]) == (column.name, str(task_type.id))
    assert kept["departments"] == [str(department.id)]
    one = (await client.get(f"/data/project-templates/{row['id']}", headers=headers)).json()
    assert (one["task_types"], one["task_statuses"]) == ([str(task_type.id)], [str(status.id)])
    assert (await client.post(target, json={"name": "snapshot"}, headers=headers)).status_code == 400
    for body in ({}, {"name": ""}, {"name": "x" * 81}, {"name": "a\x00"}):
        assert (await client.post(target, json=body, headers=headers)).status_code == 400, body
    nowhere = f"/data/project-templates/from-project/{uuid4()}"
    assert (await client.post(nowhere, json={"name": "Other"}, headers=headers)).status_code == 404


async def test_applying_a_template_fills_in_and_overrides(client, as_role, make, session, library):
    project = await make(factories.project(fps="25", file_tree={"working": {}}))
    template = await make(ProjectTemplate(id=uuid4(), name="Feature", fps="24", homepage="shots"))
    admin, manager = await as_role("admin"), await as_role("manager", on=project)
    await add(client, admin, template, "task-types", library["task-types"], priority=5)
    wish = {"metadata_descriptors": [{"name": "Code"}]}
    await client.put(path(template, "metadata-descriptors"), json=wish, headers=admin)
    target = f"/data/projects/{project.id}/apply-template/{template.id}"
    for _ in range(2):
        answer = await client.post(target, json={}, headers=manager)
        assert answer.status_code == 200, answer.text
    row = answer.json()
    assert (row["name"], row["fps"], row["homepage"]) == (project.name, "24", "shots")
    assert row["file_tree"] == {"working": {}}, "what the template leaves open stays"
    link = (await session.scalars(select(ProjectTaskTypeLink).filter_by(project_id=project.id))).one()
    assert (str(link.task_type_id), link.priority) == (library["task-types"], 5)
    columns = select(MetadataDescriptor).filter_by(project_id=project.id)
    assert [column.name for column in (await session.scalars(columns)).all()] == ["Code"]


async def test_templates_are_applied_where_the_caller_manages(client, as_role, make, template):
    project, other = await make(factories.project(), factories.project())
    headers = await as_role("manager", on=other)
    target = f"/data/projects/{project.id}/apply-template/{template.id}"
    assert (await client.post(target, headers=headers)).status_code == 403
    for missing in (
        f"/data/projects/{other.id}/apply-template/{uuid4()}",
        f"/data/projects/{uuid4()}/apply-template/{template.id}",
    ):
        assert (await client.post(missing, headers=await as_role("admin"))).status_code == 404


async def test_a_column_of_a_department_and_task_type_that_are_gone_is_still_applied(
    client, as_role, make, session, template
):
    department, task_type = await make(factories.department(), factories.task_type())
    headers = await as_role("admin")
    wish = {"name": "Code", "departments": [str(department.id)], "task_type_id": str(task_type.id)}
    await client.put(
        path(template, "metadata-descriptors"), json={"metadata_descriptors": [wish]}, headers=headers
    )
    await session.delete(await session.get_one(TaskType, task_type.id))
    await session.delete(await session.merge(department))
    await session.commit()
    body = {"name": factories.unique("Film"), "project_template_id": str(template.id)}
    answer = await client.post("/data/projects", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    made = await session.get_one(Project, answer.json()["id"])
    column = (await session.scalars(select(MetadataDescriptor).filter_by(project_id=made.id))).one()
    assert (column.name, column.task_type_id) == ("Code", None)
