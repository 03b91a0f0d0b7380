"""Scenes: who sees and changes them, the shots in them, the instances of assets that stand in them."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db import models as m
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")


class Show(NamedTuple):
    """A production with a sequence, a scene that has a task, a shot, an asset and a camera."""

    project: Any
    kinds: dict[str, Any]
    episode: Any
    sequence: Any
    scene: Any
    shot: Any
    asset: Any
    camera: Any
    task: Any


@pytest.fixture
async def show(make) -> Show:
    project = await make(factories.project(name="Film"))
    kinds = {
        name: await make(factories.entity_type(name=name))
        for name in ("Episode", "Sequence", "Shot", "Scene", "Props", "Camera")
    }

    async def entity(kind: str, name: str, **values: Any) -> Any:
        return await make(factories.entity(project, kinds[kind], name=name, **values))

    episode = await entity("Episode", "E01")
    sequence = await entity("Sequence", "SQ01", parent_id=episode.id)
    scene = await entity("Scene", "SC01", parent_id=sequence.id)
    shot = await entity("Shot", "SH01", parent_id=sequence.id)
    asset, camera = await entity("Props", "Old Tree"), await entity("Camera", "Main camera")
    kind, status = await make(factories.task_type(), factories.task_status())
    task = await make(factories.task(scene, kind, status))
    return Show(project, kinds, episode, sequence, scene, shot, asset, camera, task)


def paths(show: Show) -> list[str]:
    parts = ("", "/tasks", "/task-types", "/shots", "/asset-instances", "/camera-instances")
    return [f"/data/scenes/{show.scene.id}{part}" for part in parts]


@pytest.mark.parametrize("role", ROLES)
async def test_scenes_are_for_the_team(client, as_role, show, role):
    outsider, member = await as_role(role), await as_role(role, on=show.project)
    lists = [
        f"/data/projects/{show.project.id}/scenes",
        f"/data/sequences/{show.sequence.id}/scenes",
        f"/data/shots/{show.shot.id}/asset-instances",
    ]
    for path in (*paths(show), *lists, f"/data/scenes/all?project_id={show.project.id}"):
        refused = 200 if role == "admin" else 403
        assert (await client.get(path, headers=outsider)).status_code == refused, path
        own = role != "vendor" or path in lists[:2]
        assert (await client.get(path, headers=member)).status_code == (200 if own else 403), path


async def test_vendors_see_scenes_that_they_work_on(client, as_role, show, make):
    vendor = await as_role("vendor", on=show.project)
    lists = [f"/data/projects/{show.project.id}/scenes", f"/data/sequences/{show.sequence.id}/scenes"]
    for path in lists:
        assert (await client.get(path, headers=vendor)).json() == []
    await make(factories.assignation(show.task, vendor.person))
    for path in lists:
        assert [row["name"] for row in (await client.get(path, headers=vendor)).json()] == ["SC01"]
    for path in paths(show):
        assert (await client.get(path, headers=vendor)).status_code == 200, path


async def test_a_vendor_on_the_production_alone_sees_no_scene_of_others(client, as_role, show):
    headers = await as_role("manager", on=show.project, role_on="vendor")
    answer = await client.get(f"/data/scenes/all?project_id={show.project.id}", headers=headers)
    assert (answer.status_code, answer.json()) == (200, [])


async def test_a_scene_names_what_it_is_in(client, as_role, show):
    headers = await as_role("user", on=show.project)
    scene = (await client.get(f"/data/scenes/{show.scene.id}", headers=headers)).json()
    assert (scene["type"], scene["project_name"]) == ("Scene", "Film")
    assert (scene["sequence_id"], scene["sequence_name"]) == (str(show.sequence.id), "SQ01")
    assert (scene["episode_id"], scene["episode_name"]) == (str(show.episode.id), "E01")
    for query in ("name=sc01", f"sequence_id={show.sequence.id}", f"episode_id={show.episode.id}"):
        (row,) = (await client.get(f"/data/scenes/all?{query}", headers=headers)).json()
        assert (row["name"], row["sequence_name"]) == ("SC01", "SQ01")
    assert (await client.get("/data/scenes/all?name=other", headers=headers)).json() == []
    assert (await client.get("/data/scenes/all?project_id=undefined", headers=headers)).status_code == 400


@pytest.mark.parametrize("role", ROLES)
async def test_who_changes_scenes(client, as_role, show, role, make):
    headers = await as_role(role, on=show.project)
    runs = role in ("admin", "manager")
    instance = await make(m.AssetInstance(asset_id=show.asset.id, scene_id=show.scene.id, name="x", number=7))
    scene, shot = f"/data/scenes/{show.scene.id}", f"/data/shots/{show.shot.id}"
    for method, path, body, good in (
        (
            "POST",
            f"/data/projects/{show.project.id}/scenes",
            {"name": "SC02", "sequence_id": str(show.sequence.id)},
            201,
        ),
        ("POST", f"{scene}/shots", {"shot_id": str(show.shot.id)}, 201),
        ("DELETE", f"{scene}/shots/{show.shot.id}", None, 204),
        ("POST", f"{scene}/asset-instances", {"asset_id": str(show.asset.id)}, 201),
        ("POST", f"{shot}/asset-instances", {"asset_instance_id": str(instance.id)}, 201),
        ("DELETE", f"{shot}/asset-instances/{instance.id}", None, 204),
        (
            "POST",
            f"/data/assets/{show.camera.id}/asset-asset-instances",
            {"asset_to_instantiate_id": str(show.asset.id)},
            201,
        ),
        ("DELETE", f"{scene}?force=true", None, 204),
    ):
        answer = await client.request(method, path, json=body, headers=headers)
        assert answer.status_code == (good if runs else 403), (path, answer.text)


async def test_new_scenes_lie_in_a_sequence_of_the_production(client, as_role, show, make):
    headers = await as_role("manager", on=show.project)
    path = f"/data/projects/{show.project.id}/scenes"
    elsewhere = await make(factories.project())
    foreign = await make(factories.entity(elsewhere, show.kinds["Sequence"]))
    good = {"name": "SC02", "sequence_id": str(show.sequence.id)}
    for bad in (
        {"name": "SC02"},
        {**good, "name": ""},
        {**good, "name": "SC01"},
        {**good, "sequence_id": str(foreign.id)},
        {**good, "sequence_id": str(show.shot.id)},
        {**good, "sequence_id": "x"},
    ):
        assert (await client.post(path, json=bad, headers=headers)).status_code == 400, bad
    row = (await client.post(path, json=good, headers=headers)).json()
    assert (row["type"], row["parent_id"]) == ("Scene", str(show.sequence.id))


async def test_shots_are_put_into_scenes_and_taken_out(client, as_role, show, make, session):
    headers = await as_role("manager", on=show.project)
    path = f"/data/scenes/{show.scene.id}/shots"
    row = (await client.post(path, json={"shot_id": str(show.shot.id)}, headers=headers)).json()
    assert (row["id"], row["source_id"]) == (str(show.shot.id), str(show.scene.id))
    assert [shot["name"] for shot in (await client.get(path, headers=headers)).json()] == ["SH01"]
    assert (await client.delete(f"{path}/{show.shot.id}", headers=headers)).status_code == 204
    assert (await client.get(path, headers=headers)).json() == []
    query = select(m.ApiEvent.name).where(m.ApiEvent.name.like("shot:%-scene"))
    assert sorted((await session.scalars(query)).all()) == ["shot:add-to-scene", "shot:remove-from-scene"]
    elsewhere = await make(factories.project())
    foreign = await make(factories.entity(elsewhere, show.kinds["Shot"]))
    for id in (foreign.id, show.asset.id, uuid4()):
        assert (await client.post(path, json={"shot_id": str(id)}, headers=headers)).status_code == 404
    assert (await client.post(path, json={}, headers=headers)).status_code == 400
    for id in (show.shot.id, uuid4(), "no-id"):
        assert (await client.delete(f"{path}/{id}", headers=headers)).status_code == 404


async def test_scenes_with_tasks_are_canceled_first(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    path = f"/data/scenes/{show.scene.id}"
    assert (await client.delete(path, headers=headers)).status_code == 204
    assert (await client.get(path, headers=headers)).json()["canceled"] is True
    assert (await client.delete(path, headers=headers)).status_code == 204
    assert (await client.get(path, headers=headers)).status_code == 404


async def test_instances_are_numbered_in_their_scene(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    path = f"/data/scenes/{show.scene.id}/asset-instances"
    wish = {"asset_id": str(show.asset.id), "description": "By the door"}
    made = [(await client.post(path, json=wish, headers=headers)).json() for _ in range(2)]
    assert [(row["name"], row["number"]) for row in made] == [("Old_Tree_0001", 1), ("Old_Tree_0002", 2)]
    camera = {"asset_id": str(show.camera.id)}
    assert (await client.post(path, json=camera, headers=headers)).json()["name"] == "Main_camera_0001"
    found = (await client.get(path, headers=headers)).json()
    assert {id: len(rows) for id, rows in found.items()} == {str(show.asset.id): 2, str(show.camera.id): 1}
    cameras = await client.get(f"/data/scenes/{show.scene.id}/camera-instances", headers=headers)
    assert list(cameras.json()) == [str(show.camera.id)]
    for bad in ({}, {"asset_id": str(show.shot.id)}, {"asset_id": str(uuid4())}, {"asset_id": "x"}):
        assert (await client.post(path, json=bad, headers=headers)).status_code == 400, bad
    of_asset = await client.get(f"/data/assets/{show.asset.id}/scene-asset-instances", headers=headers)
    assert {id: len(rows) for id, rows in of_asset.json().items()} == {str(show.scene.id): 2}


async def test_shots_show_instances(client, as_role, show, make):
    headers = await as_role("manager", on=show.project)
    path = f"/data/shots/{show.shot.id}/asset-instances"
    instance = await make(m.AssetInstance(asset_id=show.asset.id, scene_id=show.scene.id, name="x", number=1))
    wish = {"asset_instance_id": str(instance.id)}
    for _ in range(2):
        answer = await client.post(path, json=wish, headers=headers)
        assert (answer.status_code, answer.json()["id"]) == (201, str(show.shot.id))
    found = (await client.get(path, headers=headers)).json()
    assert [row["id"] for row in found[str(show.asset.id)]] == [str(instance.id)]
    of_asset = await client.get(f"/data/assets/{show.asset.id}/shot-asset-instances", headers=headers)
    assert list(of_asset.json()) == [str(show.shot.id)]
    assert (await client.delete(f"{path}/{instance.id}", headers=headers)).status_code == 204
    assert (await client.get(path, headers=headers)).json() == {}
    assert (await client.delete(f"{path}/{instance.id}", headers=headers)).status_code == 404
    elsewhere = await make(factories.project())
    foreign = await make(factories.entity(elsewhere, show.kinds["Props"]))
    theirs = await make(m.AssetInstance(asset_id=foreign.id, name="y", number=1))
    for id in (theirs.id, uuid4()):
        answer = await client.post(path, json={"asset_instance_id": str(id)}, headers=headers)
        assert answer.status_code == 404


async def test_assets_stand_in_assets(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    path = f"/data/assets/{show.camera.id}/asset-asset-instances"
    wish = {"asset_to_instantiate_id": str(show.asset.id)}
    row = (await client.post(path, json=wish, headers=headers)).json()
    assert (row["target_asset_id"], row["asset_id"]) == (str(show.camera.id), str(show.asset.id))
    found = (await client.get(path, headers=headers)).json()
    assert [one["id"] for one in found[str(show.asset.id)]] == [row["id"]]
    assert (await client.post(path, json={}, headers=headers)).status_code == 400
