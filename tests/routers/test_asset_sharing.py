"""Assets that productions share, and lists of assets that other lists of assets don't have."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from kitsu_api.db import models as m
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")


class Shows(NamedTuple):
    """A production that has assets of two types, and one with a shot in an episode that casts some."""

    owner: Any
    user: Any
    props: Any
    sets: Any
    tree: Any
    house: Any
    episode: Any
    shot: Any


@pytest.fixture
async def shows(make) -> Shows:
    owner, user = await make(factories.project(), factories.project())
    props, sets = await make(factories.entity_type(), factories.entity_type())
    kinds = {name: await make(factories.entity_type(name=name)) for name in ("Episode", "Sequence", "Shot")}
    tree = await make(factories.entity(owner, props, name="Tree", is_shared=True))
    house = await make(factories.entity(owner, sets, name="House"))
    own = await make(factories.entity(user, props, name="Own", is_shared=True))
    episode = await make(factories.entity(user, kinds["Episode"]))
    sequence = await make(factories.entity(user, kinds["Sequence"], parent_id=episode.id))
    shot = await make(factories.entity(user, kinds["Shot"], parent_id=sequence.id))
    for asset in (tree, house, own):
        await make(m.EntityLink(entity_in_id=shot.id, entity_out_id=asset.id))
    return Shows(owner, user, props, sets, tree, house, episode, shot)


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()]


async def test_a_production_lists_what_it_uses_of_others(client, as_role, shows, make):
    headers = await as_role("user", on=shows.user)
    base = f"/data/projects/{shows.user.id}"
    assert names(await client.get(f"{base}/assets/shared-used", headers=headers)) == ["Tree"]
    episode = f"{base}/episodes/{shows.episode.id}/assets/shared-used"
    assert names(await client.get(episode, headers=headers)) == ["Tree"]
    other = await make(factories.entity(shows.user, await make(factories.entity_type(name="Episode"))))
    assert names(await client.get(f"{base}/episodes/{other.id}/assets/shared-used", headers=headers)) == []
    for id in (uuid4(), shows.shot.id):
        path = f"{base}/episodes/{id}/assets/shared-used"
        assert (await client.get(path, headers=headers)).status_code == 404
    vendor = await as_role("vendor", on=shows.user)
    assert names(await client.get(f"{base}/assets/shared-used", headers=vendor)) == []
    outsider = await as_role("user", on=shows.owner)
    for path in (f"{base}/assets/shared-used", episode):
        assert (await client.get(path, headers=outsider)).status_code == 403


@pytest.mark.parametrize("role", ROLES)
async def test_who_shares_assets(client, as_role, shows, role):
    headers = await as_role(role, on=shows.owner)
    expected = 200 if role in ("admin", "manager") else 403
    project = f"/actions/projects/{shows.owner.id}"
    for path, body in (
        ("/actions/assets/share", {"asset_ids": [str(shows.house.id)]}),
        (f"{project}/assets/share", {}),
        (f"{project}/asset-types/{shows.sets.id}/assets/share", {}),
    ):
        assert (await client.post(path, json=body, headers=headers)).status_code == expected, path


async def test_assets_are_shared_by_id_type_or_production(client, as_role, shows):
    headers = await as_role("manager", on=shows.owner)
    project = f"/actions/projects/{shows.owner.id}"
    tree, house = str(shows.tree.id), str(shows.house.id)

    async def share(path: str, body: dict[str, Any]) -> dict[str, bool]:
        answer = await client.post(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return {row["id"]: row["is_shared"] for row in answer.json()}

    ids = [house, str(uuid4())]
    assert await share("/actions/assets/share", {"asset_ids": ids}) == {house: True}
    assert await share(f"{project}/assets/share", {"is_shared": False}) == {tree: False, house: False}
    by_type = f"{project}/asset-types/{shows.props.id}/assets/share"
    assert await share(by_type, {"is_shared": True}) == {tree: True}
    mixed = {"asset_ids": [tree, str(shows.shot.id)], "is_shared": False}
    assert await share(f"{project}/assets/share", mixed) == {tree: False}


async def test_assets_of_others_are_not_shared(client, as_role, shows):
    headers = await as_role("manager", on=shows.user)
    body = {"asset_ids": [str(shows.tree.id)], "is_shared": False}
    assert (await client.post("/actions/assets/share", json=body, headers=headers)).status_code == 403
    path = f"/actions/projects/{shows.user.id}/assets/share"
    answer = await client.post(path, json=body, headers=headers)
    assert (answer.status_code, answer.json()) == (200, [])
    for bad in ({}, {"asset_ids": "x"}, {"asset_ids": ["x"]}, {"asset_ids": [], "is_shared": "maybe"}):
        assert (await client.post("/actions/assets/share", json=bad, headers=headers)).status_code == 400
    unknown = f"/actions/projects/{shows.user.id}/asset-types/{uuid4()}/assets/share"
    assert (await client.post(unknown, json={}, headers=headers)).status_code == 404


async def test_assets_come_by_type_and_in_pages(client, as_role, shows):
    headers = await as_role("user", on=shows.owner)
    base = f"/data/projects/{shows.owner.id}/asset-types"
    assert names(await client.get(f"{base}/{shows.props.id}/assets", headers=headers)) == ["Tree"]
    for id in (uuid4(), shows.shot.entity_type_id):
        assert (await client.get(f"{base}/{id}/assets", headers=headers)).status_code == 404
    for path in ("/data/assets", "/data/assets/all"):
        assert names(await client.get(path, headers=headers)) == ["Tree", "House"]
        page = (await client.get(f"{path}?page=2&limit=1", headers=headers)).json()
        assert [row["name"] for row in page.pop("data")] == ["Tree"]
        assert page == {"total": 2, "nb_pages": 2, "limit": 1, "offset": 1, "page": 2}


async def test_types_of_assets_in_a_production_and_in_a_shot(client, as_role, shows):
    headers = await as_role("user", on=[shows.owner, shows.user])
    types = await client.get(f"/data/projects/{shows.owner.id}/asset-types", headers=headers)
    assert {row["id"] for row in types.json()} == {str(shows.props.id), str(shows.sets.id)}
    assert {row["type"] for row in types.json()} == {"AssetType"}
    cast = await client.get(f"/data/shots/{shows.shot.id}/asset-types", headers=headers)
    assert {row["id"] for row in cast.json()} == {str(shows.props.id), str(shows.sets.id)}
    outsider = await as_role("user")
    for path in (f"/data/projects/{shows.owner.id}/asset-types", f"/data/shots/{shows.shot.id}/asset-types"):
        assert (await client.get(path, headers=outsider)).status_code == 403


async def test_task_types_of_an_asset(client, as_role, shows, make):
    kind, status = await make(factories.task_type(), factories.task_status())
    task = await make(factories.task(shows.tree, kind, status))
    path = f"/data/assets/{shows.tree.id}/task-types"
    headers = await as_role("user", on=shows.owner)
    assert [row["id"] for row in (await client.get(path, headers=headers)).json()] == [str(kind.id)]
    vendor = await as_role("vendor", on=shows.owner)
    assert (await client.get(path, headers=vendor)).status_code == 403
    await make(factories.assignation(task, vendor.person))
    assert len((await client.get(path, headers=vendor)).json()) == 1


async def test_tasks_of_an_asset_are_filtered(client, as_role, shows, make):
    kinds, status = [await make(factories.task_type()) for _ in range(2)], await make(factories.task_status())
    tasks = [await make(factories.task(shows.tree, kind, status)) for kind in kinds]
    headers = await as_role("user", on=shows.owner)
    path = f"/data/assets/{shows.tree.id}/tasks"
    for query, found in (
        (f"task_type_id={kinds[1].id}", tasks[1:]),
        (f"task_status_id={status.id}", tasks),
        (f"task_status_id={uuid4()}", []),
    ):
        rows = (await client.get(f"{path}?{query}", headers=headers)).json()
        assert [row["id"] for row in rows] == [str(task.id) for task in found], query
    assert (await client.get(f"{path}?task_type_id=x", headers=headers)).status_code == 400


@pytest.mark.parametrize("role", ROLES)
async def test_who_deletes_an_asset_of_another_production(client, as_role, shows, role):
    headers = await as_role(role, on=shows.user)
    answer = await client.delete(f"/data/assets/{shows.house.id}", headers=headers)
    assert answer.status_code == (204 if role == "admin" else 403)
    for id in (uuid4(), shows.shot.id):
        assert (await client.delete(f"/data/assets/{id}", headers=headers)).status_code == 404
