"""Assets and shots: what each role sees of them, who adds them, and in how many statements."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from kitsu_api.db.models import ApiEvent, DepartmentMetadataDescriptorLink, Entity, EntityLink
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")


class Show(NamedTuple):
    """A production with an episode, a sequence, two shots and an asset that has two tasks."""

    project: Any
    props: Any
    asset: Any
    tasks: list[Any]
    episode: Any
    sequence: Any
    shots: list[Any]


@pytest.fixture
async def show(make) -> Show:
    project, props = await make(factories.project(), factories.entity_type())
    kinds = {name: await make(factories.entity_type(name=name)) for name in ("Episode", "Sequence", "Shot")}
    asset = await make(factories.entity(project, props, name="Tree", data={"size": 1, "cost": 9}))
    episode = await make(factories.entity(project, kinds["Episode"], name="E01"))
    sequence = await make(factories.entity(project, kinds["Sequence"], name="SQ01", parent_id=episode.id))
    shots = [
        await make(
            factories.entity(project, kinds["Shot"], name=name, parent_id=sequence.id, data={"fps": 25})
        )
        for name in ("SH01", "SH02")
    ]
    status = await make(factories.task_status())
    tasks = []
    for entity in (asset, asset, shots[0]):
        kind = await make(factories.task_type())
        tasks.append(await make(factories.task(entity, kind, status)))
    return Show(project, props, asset, tasks, episode, sequence, shots)


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()]


@pytest.mark.parametrize("role", ROLES)
async def test_who_adds_assets_sequences_and_shots(client, as_role, show, role):
    headers = await as_role(role, on=show.project)
    expected = 201 if role in ("admin", "manager") else 403
    base = f"/data/projects/{show.project.id}"
    for path in (f"{base}/asset-types/{show.props.id}/assets/new", f"{base}/sequences", f"{base}/shots"):
        answer = await client.post(path, json={"name": "New"}, headers=headers)
        assert answer.status_code == expected, path


@pytest.mark.parametrize("role", ROLES)
async def test_lists_and_single_ones_are_for_the_team(client, as_role, show, role):
    headers = await as_role(role)
    expected = 200 if role == "admin" else 403
    for path in (
        f"/data/assets/all?project_id={show.project.id}",
        f"/data/shots/all?project_id={show.project.id}",
        f"/data/sequences?project_id={show.project.id}",
        f"/data/projects/{show.project.id}/assets",
        f"/data/projects/{show.project.id}/shots",
        f"/data/projects/{show.project.id}/sequences",
        f"/data/projects/{show.project.id}/task-types",
        f"/data/sequences/{show.sequence.id}/shots",
        f"/data/assets/{show.asset.id}",
        f"/data/assets/{show.asset.id}/tasks",
        f"/data/shots/{show.shots[0].id}",
        f"/data/shots/{show.shots[0].id}/tasks",
        f"/data/tasks/{show.tasks[0].id}/full",
    ):
        assert (await client.get(path, headers=headers)).status_code == expected, path
    if role != "admin":
        assert names(await client.get("/data/assets/all", headers=headers)) == []


async def test_vendors_see_what_they_are_assigned_to(client, as_role, show, make):
    headers = await as_role("vendor", on=show.project)
    base = f"/data/projects/{show.project.id}"
    for path in ("/data/assets/all", "/data/shots/all", "/data/sequences", f"{base}/assets", f"{base}/shots"):
        assert names(await client.get(path, headers=headers)) == []
    assert (await client.get(f"/data/assets/{show.asset.id}", headers=headers)).status_code == 403
    await make(factories.assignation(show.tasks[0], headers.person))
    await make(factories.assignation(show.tasks[2], headers.person))
    assert names(await client.get("/data/assets/all", headers=headers)) == ["Tree"]
    assert names(await client.get(f"{base}/shots", headers=headers)) == ["SH01"]
    assert names(await client.get("/data/sequences", headers=headers)) == ["SQ01"]
    tree = (await client.get(f"/data/assets/{show.asset.id}", headers=headers)).json()
    assert [task["id"] for task in tree["tasks"]] == [str(show.tasks[0].id)]
    assert len((await client.get(f"/data/assets/{show.asset.id}/tasks", headers=headers)).json()) == 1
    full = f"/data/tasks/{show.tasks[1].id}/full"
    assert (await client.get(full, headers=headers)).status_code == 403


async def test_a_vendor_on_the_production_alone_is_one_there(client, as_role, show):
    headers = await as_role("manager", on=show.project, role_on="vendor")
    assert names(await client.get(f"/data/assets/all?project_id={show.project.id}", headers=headers)) == []


async def test_vendors_read_the_metadata_of_their_departments(client, as_role, show, make):
    headers = await as_role("vendor", on=show.project)
    await make(factories.assignation(show.tasks[0], headers.person))
    department = await make(factories.department())
    column = await make(
        factories.metadata_descriptor(show.project, entity_type="Asset", name="Cost", field_name="cost")
    )
    await make(
        DepartmentMetadataDescriptorLink(metadata_descriptor_id=column.id, department_id=department.id)
    )
    for path in ("/data/assets/all", f"/data/projects/{show.project.id}/assets"):
        assert (await client.get(path, headers=headers)).json()[0]["data"] == {"size": 1}
    single = (await client.get(f"/data/assets/{show.asset.id}", headers=headers)).json()
    assert single["data"] == {"size": 1}
    colleague = await as_role("user", on=show.project)
    whole = (await client.get("/data/assets/all", headers=colleague)).json()
    assert whole[0]["data"] == {"size": 1, "cost": 9}


async def test_lists_are_filtered(client, as_role, show, make):
    headers = await as_role("admin")
    await make(EntityLink(entity_in_id=show.episode.id, entity_out_id=show.asset.id))
    for query, found in (
        ("name=sh01", ["SH01"]),
        (f"sequence_id={show.sequence.id}", ["SH01", "SH02"]),
        (f"episode_id={show.episode.id}&name=SH02", ["SH02"]),
        (f"sequence_id={show.episode.id}", []),
    ):
        assert names(await client.get(f"/data/shots/all?{query}", headers=headers)) == found
    assert names(await client.get(f"/data/assets/all?episode_id={show.episode.id}", headers=headers)) == [
        "Tree"
    ]
    assert names(await client.get(f"/data/sequences?episode_id={show.episode.id}", headers=headers)) == [
        "SQ01"
    ]
    for bad in ("project_id=undefined", "episode_id=x", "canceled=maybe"):
        for path in ("/data/assets/all", "/data/shots/all"):
            assert (await client.get(f"{path}?{bad}", headers=headers)).status_code == 400


async def test_a_shot_tells_where_it_belongs(client, as_role, show):
    shot = (await client.get(f"/data/shots/{show.shots[0].id}", headers=await as_role("admin"))).json()
    assert (shot["sequence_name"], shot["episode_name"], shot["fps"]) == ("SQ01", "E01", 25)
    assert [task["id"] for task in shot["tasks"]] == [str(show.tasks[2].id)]


async def test_an_asset_is_no_shot(client, as_role, show):
    headers = await as_role("admin")
    assert (await client.get(f"/data/shots/{show.asset.id}", headers=headers)).status_code == 404
    assert (await client.get(f"/data/assets/{show.shots[0].id}", headers=headers)).status_code == 404
    assert (await client.get(f"/data/sequences/{show.asset.id}/shots", headers=headers)).status_code == 404


async def test_names_are_not_given_twice(client, as_role, show):
    headers = await as_role("admin")
    path = f"/data/projects/{show.project.id}/shots"
    wish = {"name": "SH03", "sequence_id": str(show.sequence.id)}
    assert (await client.post(path, json=wish, headers=headers)).status_code == 201
    assert (await client.post(path, json=wish, headers=headers)).status_code == 400


async def test_parents_lie_in_the_same_production(client, as_role, show, make):
    other = await make(factories.project())
    headers = await as_role("admin")
    for path, wish in (
        ("shots", {"sequence_id": str(show.sequence.id)}),
        ("sequences", {"episode_id": str(show.episode.id)}),
        (f"asset-types/{show.props.id}/assets/new", {"episode_id": str(show.episode.id)}),
    ):
        answer = await client.post(
            f"/data/projects/{other.id}/{path}", json={"name": "New", **wish}, headers=headers
        )
        assert answer.status_code == 400


async def test_shots_are_no_asset_type(client, as_role, show, session):
    headers = await as_role("admin")
    base = f"/data/projects/{show.project.id}/asset-types"
    kind = show.shots[0].entity_type_id
    assert (
        await client.post(f"{base}/{kind}/assets/new", json={"name": "x"}, headers=headers)
    ).status_code == 400
    assert (await client.get(f"/data/asset-types/{kind}", headers=headers)).status_code == 404
    listed = names(await client.get("/data/asset-types", headers=headers))
    assert listed == [show.props.name]


async def test_events_say_where_something_was_added(client, as_role, show, session):
    headers = await as_role("manager", on=show.project)
    base = f"/data/projects/{show.project.id}"
    wish = {"name": "SH09", "sequence_id": str(show.sequence.id), "data": {"frame_in": 1}, "nb_frames": 5}
    shot = (await client.post(f"{base}/shots", json=wish, headers=headers)).json()
    assert (shot["nb_frames"], shot["data"]) == (5, {"frame_in": 1})
    event = (await session.scalars(select(ApiEvent).where(ApiEvent.name == "shot:new"))).one()
    assert event.data == {
        "shot_id": shot["id"],
        "project_id": str(show.project.id),
        "episode_id": str(show.episode.id),
    }
    assert (await session.get(Entity, shot["id"])).created_by == headers.person.id


async def test_reads_take_a_constant_number_of_statements(client, as_role, show, count_statements):
    headers = await as_role("user", on=show.project)
    for path, most in (
        (f"/data/assets/all?project_id={show.project.id}", 3),
        (f"/data/projects/{show.project.id}/shots", 4),
        (f"/data/sequences/{show.sequence.id}/shots", 3),
        (f"/data/assets/{show.asset.id}", 3),
        (f"/data/shots/{show.shots[0].id}/tasks", 3),
        (f"/data/tasks/{show.tasks[0].id}/full", 3),
    ):
        with count_statements() as statements:
            assert (await client.get(path, headers=headers)).status_code == 200
        assert statements.count <= most, path
