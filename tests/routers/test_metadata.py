"""The columns that productions add to what they keep."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db.models import DepartmentMetadataDescriptorLink, Entity, Project, Task
from tests import factories


@pytest.fixture
async def project(make):
    return await make(factories.project())


def path_of(project):
    return f"/data/projects/{project.id}/metadata-descriptors"


COLUMN = {"name": "Delivery code", "data_type": "string"}
SHARED = "/data/metadata-descriptors/all-projects"


async def data_of(session, model, id):
    return await session.scalar(select(model.data).where(model.id == id))


async def test_a_column_is_for_assets_unless_it_says_otherwise(client, as_role, project):
    headers = await as_role("manager", on=project)
    answer = await client.post(path_of(project), json=COLUMN, headers=headers)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["entity_type"], made["field_name"], made["choices"]) == ("Asset", "delivery_code", [])
    one = await client.get(f"{path_of(project)}/{made['id']}", headers=headers)
    assert one.json() == made
    assert (await client.get(path_of(project), headers=headers)).json() == [made]


async def test_a_kind_has_a_column_once(client, as_role, project):
    headers = await as_role("admin")
    for body, status in (
        (COLUMN, 201),
        (COLUMN, 400),
        ({**COLUMN, "name": "delivery code"}, 400),  # the same field
        ({**COLUMN, "entity_type": "Shot"}, 201),
    ):
        assert (await client.post(path_of(project), json=body, headers=headers)).status_code == status


async def test_columns_of_tasks_are_for_one_task_type(client, as_role, project, make):
    headers, task_type = await as_role("admin"), await make(factories.task_type())
    body = {**COLUMN, "entity_type": "Task"}
    for more, message in (
        ({}, "Task metadata descriptors require a task_type_id."),
        ({"task_type_id": str(uuid4())}, "Task type not found."),
        (
            {"entity_type": "Asset", "task_type_id": str(task_type.id)},
            "task_type_id only applies to Task metadata descriptors.",
        ),
    ):
        answer = await client.post(path_of(project), json={**body, **more}, headers=headers)
        assert (answer.status_code, answer.json()["message"]) == (400, message)
    body["task_type_id"] = str(task_type.id)
    statuses = [(await client.post(path_of(project), json=body, headers=headers)).status_code for _ in "ab"]
    assert statuses == [201, 400]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": " "},
        {"name": "x" * 121},
        {"name": None},
        {"data_type": "colour"},
        {"data_type": None},
        {"entity_type": "House"},
        {"departments": [str(uuid4())]},
        {"departments": ["x"]},
        {"choices": "indoor"},
        {"name": "a\x00b"},
    ],
)
async def test_columns_that_make_no_sense_are_refused(client, as_role, project, change):
    answer = await client.post(path_of(project), json={**COLUMN, **change}, headers=await as_role("admin"))
    assert answer.status_code == 400


async def test_values_move_with_a_column_and_go_with_it(client, as_role, make, session):
    show = factories.production()
    await make(*show)
    show.project.data = {"code": "p", "other": 1}
    show.task.data = {"code": "t"}
    show.entity.data = {"code": "a"}
    await make(show.project, show.task, show.entity)
    headers = await as_role("admin")
    kinds = (
        (Project, show.project.id, {"entity_type": "Project"}, {"other": 1}),
        (Task, show.task.id, {"entity_type": "Task", "task_type_id": str(show.task.task_type_id)}, {}),
        (Entity, show.entity.id, {"entity_type": "Asset"}, {}),
    )
    for model, id, kind, rest in kinds:
        body = {"name": "Code", "data_type": "string", **kind}
        made = (await client.post(path_of(show.project), json=body, headers=headers)).json()
        [value] = [value for key, value in (await data_of(session, model, id)).items() if key == "code"]
        path = f"{path_of(show.project)}/{made['id']}"
        renamed = await client.put(path, json={"name": "Ship code"}, headers=headers)
        assert (renamed.status_code, renamed.json()["field_name"]) == (200, "ship_code")
        assert await data_of(session, model, id) == {"ship_code": value, **rest}
        assert (await client.delete(path, headers=headers)).status_code == 204
        assert await data_of(session, model, id) == rest


async def test_values_of_other_kinds_and_productions_stay(client, as_role, make, session):
    show, other = factories.production(), factories.production()
    await make(*show)
    await make(*other)
    show.task.data = {"code": "task"}
    other.entity.data = {"code": "other"}
    await make(show.task, other.entity)
    headers = await as_role("admin")
    body = {"name": "Code", "data_type": "string", "entity_type": "Asset"}
    made = (await client.post(path_of(show.project), json=body, headers=headers)).json()
    await client.delete(f"{path_of(show.project)}/{made['id']}", headers=headers)
    assert await data_of(session, Task, show.task.id) == {"code": "task"}
    assert await data_of(session, Entity, other.entity.id) == {"code": "other"}


async def test_a_column_is_as_it_is_sent(client, as_role, make, project, session):
    headers, department = await as_role("admin"), await make(factories.department())
    body = {**COLUMN, "choices": ["a"], "for_client": "True", "departments": [str(department.id)]}
    made = (await client.post(path_of(project), json=body, headers=headers)).json()
    assert (made["for_client"], made["departments"]) == (True, [str(department.id)])
    changed = await client.put(f"{path_of(project)}/{made['id']}", json={"name": "Code"}, headers=headers)
    assert [changed.json()[key] for key in ("choices", "for_client", "departments")] == [[], False, []]
    query = select(DepartmentMetadataDescriptorLink).where(
        DepartmentMetadataDescriptorLink.metadata_descriptor_id == UUID(made["id"])
    )
    assert (await session.scalars(query)).all() == []


async def test_a_column_can_not_take_the_name_of_another(client, as_role, project):
    headers = await as_role("admin")
    await client.post(path_of(project), json=COLUMN, headers=headers)
    made = (await client.post(path_of(project), json={**COLUMN, "name": "Code"}, headers=headers)).json()
    path = f"{path_of(project)}/{made['id']}"
    assert (await client.put(path, json={"name": COLUMN["name"]}, headers=headers)).status_code == 400
    assert (await client.put(path, json={"name": "Code"}, headers=headers)).status_code == 200


async def test_columns_of_other_productions_are_not_found_here(client, as_role, make, project):
    foreign = await make(factories.metadata_descriptor(await make(factories.project())))
    headers = await as_role("admin")
    for id in (foreign.id, uuid4()):
        path = f"{path_of(project)}/{id}"
        answers = (
            await client.get(path, headers=headers),
            await client.put(path, json={"name": "X"}, headers=headers),
            await client.delete(path, headers=headers),
        )
        assert [answer.status_code for answer in answers] == [404] * 3
    body = {"entity_type": foreign.entity_type, "descriptor_ids": [str(foreign.id)]}
    assert (await client.post(f"{path_of(project)}/reorder", json=body, headers=headers)).status_code == 400


async def test_columns_are_listed_in_the_order_that_is_sent(client, as_role, project):
    headers = await as_role("manager", on=project)
    ids = [
        (await client.post(path_of(project), json={**COLUMN, "name": name}, headers=headers)).json()["id"]
        for name in ("Alpha", "Beta", "Gamma")
    ]
    order = [ids[2], ids[0]]
    answer = await client.post(
        f"{path_of(project)}/reorder",
        json={"entity_type": "Asset", "descriptor_ids": order},
        headers=headers,
    )
    assert [(row["id"], row["position"]) for row in answer.json()] == [(order[0], 1), (order[1], 2)]
    listed = (await client.get(path_of(project), headers=headers)).json()
    assert [row["id"] for row in listed] == [*order, ids[1]]
    wrong = {"entity_type": "Shot", "descriptor_ids": order}
    assert (await client.post(f"{path_of(project)}/reorder", json=wrong, headers=headers)).status_code == 400


@pytest.mark.parametrize("role", ["supervisor", "user", "client", "vendor"])
async def test_members_read_and_those_who_run_the_production_write(client, as_role, make, project, role):
    column = await make(factories.metadata_descriptor(project, for_client=True))
    headers = await as_role(role, on=project)
    path = f"{path_of(project)}/{column.id}"
    assert (await client.get(path, headers=headers)).status_code == 200
    body = {"entity_type": "Asset", "descriptor_ids": []}
    answers = (
        await client.post(path_of(project), json=COLUMN, headers=headers),
        await client.put(path, json={"name": "X"}, headers=headers),
        await client.delete(path, headers=headers),
        await client.post(f"{path_of(project)}/reorder", json=body, headers=headers),
        await client.post(SHARED, json=COLUMN, headers=headers),
    )
    assert [answer.status_code for answer in answers] == [403] * 5


async def test_other_productions_are_closed(client, as_role, make, project):
    headers = await as_role("manager", on=await make(factories.project()))
    assert (await client.get(path_of(project), headers=headers)).status_code == 403
    assert (await client.post(path_of(project), json=COLUMN, headers=headers)).status_code == 403


async def test_clients_know_of_columns_for_clients(client, as_role, make, project):
    shown, hidden = await make(
        factories.metadata_descriptor(project, for_client=True), factories.metadata_descriptor(project)
    )
    headers = await as_role("client", on=project)
    rows = (await client.get(path_of(project), headers=headers)).json()
    assert [row["id"] for row in rows] == [str(shown.id)]
    assert (await client.get(f"{path_of(project)}/{hidden.id}", headers=headers)).status_code == 404


async def test_vendors_know_of_columns_of_their_departments(client, as_role, make, project):
    department, free, restricted = await make(
        factories.department(), factories.metadata_descriptor(project), factories.metadata_descriptor(project)
    )
    await make(
        DepartmentMetadataDescriptorLink(metadata_descriptor_id=restricted.id, department_id=department.id)
    )
    vendor = (await client.get(path_of(project), headers=await as_role("vendor", on=project))).json()
    assert [row["id"] for row in vendor] == [str(free.id)]
    artist = (await client.get(path_of(project), headers=await as_role("user", on=project))).json()
    assert {row["id"] for row in artist} == {str(free.id), str(restricted.id)}


@pytest.fixture
async def studio(make):
    """Two productions that run, and one that is over."""
    running, over = await make(factories.project_status(), factories.project_status(name="Closed"))
    return await make(factories.project(running), factories.project(running), factories.project(over))


async def test_all_productions_that_run_get_a_column(client, as_role, make, studio, session):
    first, second, over = studio
    headers = await as_role("admin")
    first.data = {"delivery_code": "X"}
    await make(first)
    made = await client.post(SHARED, json=COLUMN, headers=headers)
    assert made.status_code == 201
    mine = {str(first.id), str(second.id)}
    assert {row["project_id"] for row in made.json()} >= mine
    assert str(over.id) not in {row["project_id"] for row in made.json()}
    assert {row["entity_type"] for row in made.json()} == {"Project"}
    assert (await client.post(SHARED, json=COLUMN, headers=headers)).status_code == 400

    renamed = await client.put(
        f"{SHARED}/delivery_code", json={**COLUMN, "name": "Ship code", "choices": ["a"]}, headers=headers
    )
    assert renamed.status_code == 200
    assert {(row["field_name"], tuple(row["choices"])) for row in renamed.json()} == {("ship_code", ("a",))}
    assert await data_of(session, Project, first.id) == {"ship_code": "X"}

    order = {"entity_type": "Project", "field_order": ["unknown", "ship_code"]}
    ordered = await client.post(
        "/actions/metadata-descriptors/all-projects/reorder", json=order, headers=headers
    )
    assert {row["position"] for row in ordered.json()} == {2}

    gone = await client.delete(f"{SHARED}/ship_code?entity_type=Project", headers=headers)
    assert (gone.status_code, set(gone.json())) == (200, {row["id"] for row in made.json()})
    assert await data_of(session, Project, first.id) == {}
    again = await client.delete(f"{SHARED}/ship_code?entity_type=Project", headers=headers)
    assert (again.status_code, again.json()) == (200, [])


async def test_a_production_that_has_the_column_is_skipped(client, as_role, studio):
    first, second, _ = studio
    headers = await as_role("manager", on=[first, second])
    await client.post(path_of(first), json={**COLUMN, "entity_type": "Project"}, headers=headers)
    made = await client.post(SHARED, json=COLUMN, headers=headers)
    assert [row["project_id"] for row in made.json()] == [str(second.id)]


async def test_managers_reach_the_productions_that_they_run(client, as_role, make, studio):
    first, second, _ = studio
    column = await make(factories.metadata_descriptor(second, entity_type="Project", field_name="code"))
    headers = await as_role("manager", on=first)
    made = await client.post(SHARED, json=COLUMN, headers=headers)
    assert [row["project_id"] for row in made.json()] == [str(first.id)]
    for answer in (
        await client.put(f"{SHARED}/code", json={"name": "Mine"}, headers=headers),
        await client.delete(f"{SHARED}/code?entity_type=Project", headers=headers),
    ):
        assert (answer.status_code, answer.json()) == (200, [])
    kept = await client.get(f"{path_of(second)}/{column.id}", headers=await as_role("admin"))
    assert kept.json()["name"] == column.name


@pytest.mark.parametrize("query", ["", "?entity_type=House"])
async def test_what_goes_everywhere_says_from_what(client, as_role, query):
    answer = await client.delete(f"{SHARED}/code{query}", headers=await as_role("admin"))
    assert answer.status_code == 400
