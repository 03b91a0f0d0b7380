"""Changes that mean a state of a row, and metadata that two people edit."""

from __future__ import annotations

import pytest

from tests import factories


@pytest.fixture
async def asset(make):
    kind = await make(factories.entity_type())
    project = await make(factories.project())
    return await make(factories.entity(project, kind, data={"mood": "calm", "size": {"x": 1, "y": 2}}))


@pytest.fixture
async def manager(as_role, asset):
    return await as_role("manager", on=asset.project_id)


async def test_a_change_of_the_state_that_was_read_is_made(client, manager, asset):
    path = f"/data/entities/{asset.id}"
    read = await client.get(path, headers=manager)
    answer = await client.put(
        path, json={"name": "Oak"}, headers={**manager, "If-Match": read.headers["etag"]}
    )
    assert answer.status_code == 200
    assert answer.headers["etag"] != read.headers["etag"]
    again = await client.get(path, headers=manager)
    assert again.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_change_of_an_older_state_is_refused(client, manager, asset, method):
    path = f"/data/entities/{asset.id}"
    old = (await client.get(path, headers=manager)).headers["etag"]
    await client.put(path, json={"name": "Oak"}, headers=manager)
    answer = await client.request(method, path, json={"name": "Elm"}, headers={**manager, "If-Match": old})
    assert answer.status_code == 412
    assert (await client.get(path, headers=manager)).json()["name"] == "Oak"


@pytest.mark.parametrize("tag", ["*", '"other", {etag}'])
async def test_any_of_several_states_will_do(client, manager, asset, tag):
    path = f"/data/entities/{asset.id}"
    etag = (await client.get(path, headers=manager)).headers["etag"]
    headers = {**manager, "If-Match": tag.format(etag=etag)}
    assert (await client.put(path, json={"name": "Oak"}, headers=headers)).status_code == 200


async def test_a_patch_changes_its_keys_alone(client, manager, asset):
    path = f"/data/entities/{asset.id}/data"
    patch = {"mood": None, "size": {"x": 5}, "new": [1]}
    headers = {**manager, "Content-Type": "application/merge-patch+json"}
    answer = await client.patch(path, json=patch, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["data"] == {"size": {"x": 5, "y": 2}, "new": [1]}
    answer = await client.patch(path, json={"other": 1}, headers=headers)
    assert answer.json()["data"] == {"size": {"x": 5, "y": 2}, "new": [1], "other": 1}
    stale = {**headers, "If-Match": '"1"'}
    assert (await client.patch(path, json={"other": 2}, headers=stale)).status_code == 412


async def test_patches_are_for_those_who_may_change_the_row(client, as_role, asset):
    for role in ("user", "client", "vendor"):
        headers = await as_role(role, on=asset.project_id)
        answer = await client.patch(f"/data/entities/{asset.id}/data", json={"a": 1}, headers=headers)
        assert answer.status_code == 403
    stranger = await as_role("manager")
    assert (
        await client.patch(f"/data/projects/{asset.project_id}/data", json={"a": 1}, headers=stranger)
    ).status_code == 403
    admin = await as_role("admin")
    path = f"/data/persons/{admin.person.id}/data"
    assert (await client.patch(path, json={"a": 1}, headers=admin)).json()["data"] == {"a": 1}


@pytest.mark.parametrize("body", ["[]", "null", "{", '{"a": "\\u0000"}', "1"])
async def test_what_is_no_patch_is_refused(client, manager, asset, body):
    headers = {**manager, "Content-Type": "application/merge-patch+json"}
    answer = await client.patch(f"/data/entities/{asset.id}/data", content=body, headers=headers)
    assert answer.status_code == 400


KINDS = ("Asset", "Shot", "Scene", "Sequence", "Edit", "Episode", "Concept")


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_addressed_by_its_kind_has_the_states_of_its_row(client, as_role, make, kind):
    project = await make(factories.project())
    type = await make(factories.entity_type(**({} if kind == "Asset" else {"name": kind})))
    row = await make(factories.entity(project, type))
    boss = await as_role("manager", on=project)
    old = (await client.get(f"/data/entities/{row.id}", headers=boss)).headers["etag"]
    await client.put(f"/data/entities/{row.id}", json={"name": "Oak"}, headers=boss)
    path = f"/data/{kind.lower()}s/{row.id}"
    refused = await client.delete(path, headers={**boss, "If-Match": old})
    assert refused.status_code == 412
    read = await client.get(f"/data/entities/{row.id}", headers=boss)
    assert read.status_code == 200
    done = await client.delete(path, headers={**boss, "If-Match": read.headers["etag"]})
    assert done.status_code == 204


async def test_a_shot_is_changed_in_the_state_that_was_read_alone(client, as_role, make):
    project = await make(factories.project())
    shot = await make(
        factories.entity(project, await make(factories.entity_type(name="Shot")), data={"a": 1})
    )
    boss = await as_role("manager", on=project)
    old = (await client.get(f"/data/entities/{shot.id}", headers=boss)).headers["etag"]
    path = f"/data/shots/{shot.id}"
    first = await client.put(path, json={"data": {"a": 2}}, headers={**boss, "If-Match": old})
    second = await client.put(path, json={"data": {"b": 3}}, headers={**boss, "If-Match": old})
    assert (first.status_code, second.status_code) == (200, 412)
    read = await client.get(f"/data/entities/{shot.id}", headers=boss)
    assert read.json()["data"] == {"a": 2}


async def test_a_route_that_knows_no_states_does_nothing_in_a_certain_one(client, as_role, make):
    project = await make(factories.project())
    boss = await as_role("manager", on=project)
    wish = {"name": "Week", "kind": "burndown", "project_id": str(project.id)}
    made = await client.post("/data/reports", json=wish, headers=boss)
    path = f"/data/reports/{made.json()['id']}"
    for method in ("PUT", "DELETE"):
        refused = await client.request(
            method, path, json={"name": "Day"}, headers={**boss, "If-Match": '"1"'}
        )
        assert refused.status_code == 412
        assert "If-Match" in refused.json()["message"]
    assert (await client.get(path, headers={**boss, "If-Match": '"1"'})).json()["name"] == "Week"
    anyhow = await client.put(path, json={"name": "Day"}, headers={**boss, "If-Match": "*"})
    assert anyhow.json()["name"] == "Day"
