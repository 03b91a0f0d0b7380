"""Castings: who reads and sets them, and what follows for the episodes and shots around them."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db import models as m
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")


class Show(NamedTuple):
    """A production with two assets, and an episode with a sequence of two shots."""

    project: Any
    prop_type: Any
    lamp: Any
    door: Any
    episode: Any
    sequence: Any
    shots: list[Any]


@pytest.fixture
async def show(make) -> Show:
    project = await make(factories.project(name="Film"))
    prop = await make(factories.entity_type(name="Prop"))
    kinds = {name: await make(factories.entity_type(name=name)) for name in ("Episode", "Sequence", "Shot")}
    lamp, door = [await make(factories.entity(project, prop, name=name)) for name in ("Lamp", "Door")]
    episode = await make(factories.entity(project, kinds["Episode"], name="E01"))
    sequence = await make(factories.entity(project, kinds["Sequence"], name="SQ01", parent_id=episode.id))
    shots = [
        await make(factories.entity(project, kinds["Shot"], name=name, parent_id=sequence.id))
        for name in ("SH01", "SH02")
    ]
    return Show(project, prop, lamp, door, episode, sequence, shots)


def casting_of(show: Show, entity: Any) -> str:
    return f"/data/projects/{show.project.id}/entities/{entity.id}/casting"


def names(castings: list[dict[str, Any]]) -> list[str]:
    return [item["asset_name"] for item in castings]


def wish(*assets: Any) -> list[dict[str, Any]]:
    return [{"asset_id": str(asset.id), "nb_occurences": 2, "label": "fixed"} for asset in assets]


def lists(show: Show) -> list[str]:
    project = f"/data/projects/{show.project.id}"
    return [
        casting_of(show, show.shots[0]),
        f"{project}/asset-types/{show.prop_type.id}/casting",
        f"{project}/episodes/casting",
        f"{project}/episodes/{show.episode.id}/sequences/all/casting",
        f"{project}/sequences/all/casting",
        f"{project}/sequences/{show.sequence.id}/casting",
        f"{project}/entity-links",
        f"/data/assets/{show.lamp.id}/casting",
        f"/data/assets/{show.lamp.id}/cast-in",
        f"/data/assets/{show.lamp.id}/assets",
        f"/data/shots/{show.shots[0].id}/assets",
    ]


@pytest.mark.parametrize("role", ROLES)
async def test_castings_are_for_the_team(client, as_role, show, role):
    outsider, member = await as_role(role), await as_role(role, on=show.project)
    for path in lists(show):
        assert (await client.get(path, headers=outsider)).status_code == (200 if role == "admin" else 403)
        if role != "vendor":
            assert (await client.get(path, headers=member)).status_code == 200, path


@pytest.mark.parametrize("role", ROLES)
async def test_only_managers_of_the_production_set_castings(client, as_role, show, role):
    sets = role in ("admin", "manager")
    for headers, allowed in (
        (await as_role(role), role == "admin"),
        (await as_role(role, on=show.project), sets),
    ):
        status = 200 if allowed else 403
        shot, project = show.shots[0], show.project
        answers = [
            await client.put(casting_of(show, shot), headers=headers, json=wish(show.lamp)),
            await client.put(f"/data/assets/{show.door.id}/casting", headers=headers, json=wish(show.lamp)),
            await client.put(
                f"/data/projects/{project.id}/entities/casting",
                headers=headers,
                json={str(shot.id): wish(show.door)},
            ),
            await client.put(
                f"/data/projects/{project.id}/entities/casting/assets/{show.lamp.id}",
                headers=headers,
                json={"entity_ids": [str(shot.id)]},
            ),
        ]
        assert [answer.status_code for answer in answers] == [status] * 4


async def test_a_casting_is_replaced_and_counted(client, as_role, show, sessions):
    manager = await as_role("manager", on=show.project)
    path, shot = casting_of(show, show.shots[0]), show.shots[0]
    answer = await client.put(path, headers=manager, json=wish(show.lamp, show.door))
    assert answer.json() == wish(show.lamp, show.door)
    read = (await client.get(path, headers=manager)).json()
    assert names(read) == ["Door", "Lamp"]
    assert [(item["nb_occurences"], item["label"]) for item in read] == [(2, "fixed")] * 2
    await client.put(path, headers=manager, json=wish(show.door))
    assert names((await client.get(path, headers=manager)).json()) == ["Door"]
    async with sessions() as session:
        counted = await session.scalar(select(m.Entity.nb_entities_out).where(m.Entity.id == shot.id))
    assert counted == 1


async def test_an_episode_casts_what_its_shots_cast(client, as_role, show):
    manager = await as_role("manager", on=show.project)
    await client.put(casting_of(show, show.shots[0]), headers=manager, json=wish(show.lamp))
    assert names((await client.get(casting_of(show, show.episode), headers=manager)).json()) == ["Lamp"]
    await client.put(casting_of(show, show.shots[0]), headers=manager, json=[])
    kept = (await client.get(casting_of(show, show.episode), headers=manager)).json()
    assert names(kept) == ["Lamp"], "an episode keeps what it may cast elsewhere"


async def test_what_an_episode_casts_no_more_goes_out_of_its_shots(client, as_role, show):
    manager = await as_role("manager", on=show.project)
    for shot in show.shots:
        await client.put(casting_of(show, shot), headers=manager, json=wish(show.lamp, show.door))
    await client.put(casting_of(show, show.episode), headers=manager, json=wish(show.door))
    for shot in show.shots:
        assert names((await client.get(casting_of(show, shot), headers=manager)).json()) == ["Door"]


async def test_many_castings_are_set_all_or_none(client, as_role, show):
    manager = await as_role("manager", on=show.project)
    first, second = show.shots
    path = f"/data/projects/{show.project.id}/entities/casting"
    unknown = {"asset_id": str(uuid4())}
    for body, status in (
        ({str(first.id): wish(show.lamp), str(second.id): [unknown]}, 400),
        ({str(first.id): wish(show.lamp), str(uuid4()): []}, 404),
        ({str(show.lamp.id): wish(show.lamp)}, 400),
    ):
        assert (await client.put(path, headers=manager, json=body)).status_code == status
    assert (await client.get(casting_of(show, first), headers=manager)).json() == []
    body = {str(first.id): wish(show.lamp), str(second.id): wish(show.door)}
    assert (await client.put(path, headers=manager, json=body)).json() == body


async def test_assets_of_other_productions_are_not_cast(client, as_role, show, make):
    manager = await as_role("manager", on=show.project)
    other = await make(factories.project(name="Other"))
    foreign = await make(factories.entity(other, show.prop_type, name="Secret"))
    shared = await make(factories.entity(other, show.prop_type, name="Shared", is_shared=True))
    path = casting_of(show, show.shots[0])
    assert (await client.put(path, headers=manager, json=wish(foreign))).status_code == 400
    assert (await client.put(path, headers=manager, json=wish(show.shots[1]))).status_code == 400
    foreign_shot = f"/data/projects/{other.id}/entities/{show.shots[0].id}/casting"
    assert (await client.get(foreign_shot, headers=await as_role("admin"))).status_code == 404
    assert (await client.put(path, headers=manager, json=wish(shared))).status_code == 200


async def test_an_asset_is_cast_beside_what_is_cast(client, as_role, show):
    manager = await as_role("manager", on=show.project)
    first, second = show.shots
    await client.put(casting_of(show, first), headers=manager, json=wish(show.door))
    await client.put(casting_of(show, second), headers=manager, json=wish(show.lamp))
    path = f"/data/projects/{show.project.id}/entities/casting/assets/{show.lamp.id}"
    body = {"entity_ids": [str(first.id), str(second.id)], "nb_occurences": 5, "label": "animate"}
    answer = (await client.put(path, headers=manager, json=body)).json()
    assert names(answer[str(first.id)]) == ["Door", "Lamp"]
    assert [(item["nb_occurences"], item["label"]) for item in answer[str(second.id)]] == [(5, "animate")]
    for wrong, status in (
        ({**body, "entity_ids": [str(uuid4())]}, 404),
        ({**body, "nb_occurences": -1}, 400),
    ):
        assert (await client.put(path, headers=manager, json=wrong)).status_code == status


async def test_an_asset_tells_where_it_is_cast(client, as_role, show):
    manager = await as_role("manager", on=show.project)
    await client.put(casting_of(show, show.shots[0]), headers=manager, json=wish(show.lamp))
    await client.put(f"/data/assets/{show.door.id}/casting", headers=manager, json=wish(show.lamp))
    [shot, asset] = (await client.get(f"/data/assets/{show.lamp.id}/cast-in", headers=manager)).json()
    assert (shot["shot_id"], asset["asset_id"]) == (str(show.shots[0].id), str(show.door.id))
    for path in (f"/data/assets/{show.door.id}/assets", f"/data/shots/{show.shots[0].id}/assets"):
        assert [row["name"] for row in (await client.get(path, headers=manager)).json()] == ["Lamp"]


async def test_vendors_read_the_castings_of_their_shots_only(client, as_role, show, make):
    vendor, manager = await as_role("vendor", on=show.project), await as_role("manager", on=show.project)
    for shot in show.shots:
        await client.put(casting_of(show, shot), headers=manager, json=wish(show.lamp))
    task = await make(
        factories.task(show.shots[0], await make(factories.task_type()), await make(factories.task_status()))
    )
    await make(factories.assignation(task, vendor.person))
    path = f"/data/projects/{show.project.id}/sequences/all/casting"
    assert list((await client.get(path, headers=vendor)).json()) == [str(show.shots[0].id)]
    assert (await client.get(casting_of(show, show.shots[0]), headers=vendor)).status_code == 200
    assert (await client.get(casting_of(show, show.shots[1]), headers=vendor)).status_code == 403


async def test_links_are_read_in_pages_and_deleted(client, as_role, show):
    manager = await as_role("manager", on=show.project)
    await client.put(casting_of(show, show.shots[0]), headers=manager, json=wish(show.lamp))
    await client.put(f"/data/assets/{show.door.id}/casting", headers=manager, json=wish(show.lamp))
    path = f"/data/projects/{show.project.id}/entity-links"
    links = (await client.get(path, headers=manager)).json()
    assert {link["entity_in_id"] for link in links} == {
        str(show.episode.id),
        str(show.shots[0].id),
        str(show.door.id),
    }
    assert len((await client.get(f"{path}?limit=1", headers=manager)).json()) == 1
    page = await client.get(f"{path}?cursor_created_at=2020-01-01T00:00:00", headers=manager)
    assert len(page.json()["data"]) == 3
    for wrong in ("limit=0", "cursor_created_at=yesterday"):
        assert (await client.get(f"{path}?{wrong}", headers=manager)).status_code == 400
    [link] = [link for link in links if link["entity_in_id"] == str(show.door.id)]
    artist = await as_role("user", on=show.project)
    assert (await client.delete(f"{path}/{link['id']}", headers=artist)).status_code == 403
    assert (await client.delete(f"{path}/{link['id']}", headers=manager)).status_code == 200
    assert (await client.delete(f"{path}/{link['id']}", headers=manager)).status_code == 404
    assert (await client.get(f"/data/assets/{show.door.id}/casting", headers=manager)).json() == []


async def test_statements_do_not_grow_with_the_casting(client, as_role, show, make, count_statements):
    manager = await as_role("manager", on=show.project)
    counts = []
    for number in (1, 8):
        props = [
            await make(factories.entity(show.project, show.prop_type, name=f"Prop {number} {at}"))
            for at in range(number)
        ]
        for shot in show.shots:
            await client.put(casting_of(show, shot), headers=manager, json=wish(*props))
        for path in lists(show):  # what is kept from the first time on is read now
            await client.get(path, headers=manager)
        with count_statements() as statements:
            for path in lists(show):
                assert (await client.get(path, headers=manager)).status_code == 200
        counts.append(statements.count)
    assert counts[0] == counts[1]
