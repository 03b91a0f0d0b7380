"""Castings: who reads and sets them, what follows for episodes and tasks, links and their pages."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db import models as m
from tests import factories

NAMED = ("Episode", "Sequence", "Shot", "Scene", "Edit", "Concept", "ConceptFolder")
ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")


class Show(NamedTuple):
    """A production with an episode, a sequence, two shots, a scene, and two assets; a production beside."""

    project: Any
    kinds: dict[str, Any]
    episode: Any
    sequence: Any
    shots: list[Any]
    tree: Any
    hero: Any
    elsewhere: Any


@pytest.fixture
async def show(make) -> Show:
    project, elsewhere = await make(factories.project(), factories.project())
    kinds = {name: await make(factories.entity_type(name=name)) for name in (*NAMED, "Props", "Characters")}

    async def entity(kind: str, name: str, **values: Any) -> Any:
        return await make(factories.entity(project, kinds[kind], name=name, **values))

    episode = await entity("Episode", "E01")
    sequence = await entity("Sequence", "SQ01", parent_id=episode.id)
    shots = [await entity("Shot", name, parent_id=sequence.id) for name in ("SH01", "SH02")]
    tree, hero = await entity("Props", "Tree"), await entity("Characters", "Hero")
    return Show(project, kinds, episode, sequence, shots, tree, hero, elsewhere)


def base(show: Show) -> str:
    return f"/data/projects/{show.project.id}"


def casting_path(show: Show, entity: Any) -> str:
    return f"{base(show)}/entities/{entity.id}/casting"


async def cast(client, headers, show: Show, entity: Any, *assets: Any) -> None:
    body = [{"asset_id": str(asset.id)} for asset in assets]
    answer = await client.put(casting_path(show, entity), json=body, headers=headers)
    assert answer.status_code == 200, answer.text


async def cast_names(client, headers, show: Show, entity: Any) -> list[str]:
    answer = await client.get(casting_path(show, entity), headers=headers)
    assert answer.status_code == 200, answer.text
    return [row["asset_name"] for row in answer.json()]


def project_paths(show: Show) -> list[str]:
    return [
        f"{base(show)}/entity-links",
        f"{base(show)}/episodes/casting",
        f"{base(show)}/sequences/all/casting",
        f"{base(show)}/sequences/{show.sequence.id}/casting",
        f"{base(show)}/episodes/{show.episode.id}/sequences/all/casting",
        f"{base(show)}/asset-types/{show.kinds['Props'].id}/casting",
    ]


def entity_paths(show: Show) -> list[str]:
    return [
        casting_path(show, show.shots[0]),
        f"/data/shots/{show.shots[0].id}/assets",
        *(f"/data/assets/{show.tree.id}/{part}" for part in ("casting", "cast-in", "assets")),
    ]


@pytest.mark.parametrize("role", ROLES)
async def test_castings_are_for_the_team(client, as_role, show, role):
    outsider, member = await as_role(role), await as_role(role, on=show.project)
    for path in (*project_paths(show), *entity_paths(show)):
        refused = 200 if role == "admin" else 403
        assert (await client.get(path, headers=outsider)).status_code == refused, path
        own = role != "vendor" or path in project_paths(show)
        assert (await client.get(path, headers=member)).status_code == (200 if own else 403), path


async def test_vendors_see_castings_of_what_they_work_on(client, as_role, show, make):
    manager = await as_role("manager", on=show.project)
    for shot in show.shots:
        await cast(client, manager, show, shot, show.tree)
    vendor = await as_role("vendor", on=show.project)
    for path in project_paths(show):
        assert (await client.get(path, headers=vendor)).json() in ([], {}), path
    kind, status = await make(factories.task_type(), factories.task_status())
    task = await make(factories.task(show.shots[0], kind, status))
    await make(factories.assignation(task, vendor.person))
    for path in project_paths(show)[1:5]:
        assert set((await client.get(path, headers=vendor)).json()) == {str(show.shots[0].id)}, path
    (link,) = (await client.get(project_paths(show)[0], headers=vendor)).json()
    assert link["entity_in_id"] == str(show.shots[0].id)


@pytest.mark.parametrize("role", ROLES)
async def test_who_sets_castings(client, as_role, show, role, make):
    headers = await as_role(role, on=show.project)
    body = [{"asset_id": str(show.tree.id)}]
    link = await make(m.EntityLink(entity_in_id=show.shots[1].id, entity_out_id=show.hero.id))
    expected = 200 if role in ("admin", "manager") else 403
    for method, path, wish in (
        ("PUT", casting_path(show, show.shots[0]), body),
        ("PUT", f"{base(show)}/entities/casting", {str(show.shots[0].id): body}),
        ("PUT", f"/data/assets/{show.hero.id}/casting", body),
        (
            "PUT",
            f"{base(show)}/entities/casting/assets/{show.tree.id}",
            {"entity_ids": [str(show.shots[0].id)]},
        ),
        ("DELETE", f"{base(show)}/entity-links/{link.id}", None),
    ):
        answer = await client.request(method, path, json=wish, headers=headers)
        assert answer.status_code == expected, (path, answer.text)


async def test_a_casting_becomes_exactly_what_was_sent(client, as_role, show, session):
    headers = await as_role("manager", on=show.project)
    path = casting_path(show, show.shots[0])
    body = [
        {"asset_id": str(show.tree.id), "nb_occurences": 3, "label": "fixed"},
        {"asset_id": str(show.hero.id), "nb_occurences": None},
    ]
    assert (await client.put(path, json=body, headers=headers)).status_code == 200
    hero, tree = (await client.get(path, headers=headers)).json()
    assert (tree["asset_type_name"], tree["nb_occurences"], tree["label"]) == ("Props", 3, "fixed")
    assert (hero["asset_type_name"], hero["nb_occurences"], hero["label"]) == ("Characters", 1, "")
    query = select(m.Entity.nb_entities_out).where(m.Entity.id == show.shots[0].id)
    assert await session.scalar(query) == 2
    await cast(client, headers, show, show.shots[0], show.hero)
    assert await cast_names(client, headers, show, show.shots[0]) == ["Hero"]
    await cast(client, headers, show, show.shots[0])
    assert await session.scalar(query) == 0
    names = (
        await session.scalars(select(m.ApiEvent.data).where(m.ApiEvent.name == "shot:casting-update"))
    ).all()
    assert [(data["nb_entities_out"], len(data["removed_asset_ids"])) for data in names] == [
        (2, 0),
        (1, 1),
        (0, 1),
    ]


async def test_what_a_shot_casts_its_episode_casts(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    await cast(client, headers, show, show.shots[0], show.tree)
    assert await cast_names(client, headers, show, show.episode) == ["Tree"]
    await cast(client, headers, show, show.shots[0])
    assert await cast_names(client, headers, show, show.episode) == ["Tree"]


async def test_what_an_episode_casts_no_more_goes_out_of_its_shots(client, as_role, show, session):
    headers = await as_role("manager", on=show.project)
    for shot in show.shots:
        await cast(client, headers, show, shot, show.tree, show.hero)
    await cast(client, headers, show, show.episode, show.hero)
    for shot in show.shots:
        assert await cast_names(client, headers, show, shot) == ["Hero"]
    counts = select(m.Entity.nb_entities_out).where(m.Entity.id.in_([shot.id for shot in show.shots]))
    assert (await session.scalars(counts)).all() == [1, 1]


async def test_tasks_count_the_assets_that_are_ready_for_them(client, as_role, show, make, session):
    headers = await as_role("manager", on=show.project)
    early, wanted, late = [await make(factories.task_type(priority=number)) for number in (1, 2, 3)]
    task = await make(factories.task(show.shots[0], wanted, await make(factories.task_status())))
    assets = [
        await make(factories.entity(show.project, show.kinds["Props"], ready_for=kind and kind.id))
        for kind in (early, wanted, late, None)
    ]
    await cast(client, headers, show, show.shots[0], *assets)
    query = select(m.Task.nb_assets_ready).where(m.Task.id == task.id)
    assert await session.scalar(query) == 2
    await cast(client, headers, show, show.shots[0], assets[0])
    assert await session.scalar(query) == 0


async def test_many_castings_are_set_all_or_none(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    path = f"{base(show)}/entities/casting"
    first, second = (str(shot.id) for shot in show.shots)
    tree = [{"asset_id": str(show.tree.id)}]
    assert (
        await client.put(path, json={first: tree, str(uuid4()): tree}, headers=headers)
    ).status_code == 404
    wrong = {first: tree, second: [{"asset_id": str(uuid4())}]}
    assert (await client.put(path, json=wrong, headers=headers)).status_code == 400
    assert await cast_names(client, headers, show, show.shots[0]) == []
    answer = await client.put(path, json={first: tree, second: tree}, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {first: tree, second: tree})
    assert await cast_names(client, headers, show, show.shots[1]) == ["Tree"]


async def test_an_asset_is_cast_in_many_beside_what_is_there(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    await cast(client, headers, show, show.shots[0], show.hero, show.tree)
    path = f"{base(show)}/entities/casting/assets/{show.tree.id}"
    ids = [str(shot.id) for shot in show.shots]
    answer = await client.put(path, json={"entity_ids": ids, "nb_occurences": 4}, headers=headers)
    assert answer.status_code == 200, answer.text
    for shot, names in zip(show.shots, (["Hero", "Tree"], ["Tree"]), strict=True):
        rows = answer.json()[str(shot.id)]
        assert [row["asset_name"] for row in rows] == names
        assert rows[-1]["nb_occurences"] == 4
    for body, status in (
        ({"entity_ids": [str(uuid4())]}, 404),
        ({"entity_ids": [str(show.tree.id)]}, 400),
        ({"entity_ids": ["x"]}, 400),
        ({}, 400),
    ):
        assert (await client.put(path, json=body, headers=headers)).status_code == status, body
    missing = f"{base(show)}/entities/casting/assets/{uuid4()}"
    assert (await client.put(missing, json={"entity_ids": ids}, headers=headers)).status_code == 404


async def test_what_can_be_cast(client, as_role, show, make):
    headers = await as_role("manager", on=show.project)
    theirs, shared = await make(
        factories.entity(show.elsewhere, show.kinds["Props"], name="Theirs"),
        factories.entity(show.elsewhere, show.kinds["Props"], name="Shared", is_shared=True),
    )
    path = casting_path(show, show.shots[0])
    for asset_id in (theirs.id, show.shots[1].id, uuid4(), "x", None):
        body = [{"asset_id": str(asset_id)}]
        assert (await client.put(path, json=body, headers=headers)).status_code == 400, asset_id
    for body in (
        {},
        [{}],
        [3],
        [{"asset_id": str(show.tree.id), "nb_occurences": -1}],
        [{"asset_id": str(show.tree.id), "label": "x" * 81}],
    ):
        assert (await client.put(path, json=body, headers=headers)).status_code == 400, body
    itself = [{"asset_id": str(show.tree.id)}]
    answer = await client.put(f"/data/assets/{show.tree.id}/casting", json=itself, headers=headers)
    assert answer.status_code == 400
    await cast(client, headers, show, show.shots[0], shared)
    assert await cast_names(client, headers, show, show.shots[0]) == ["Shared"]


async def test_castings_of_another_production_are_not_found(client, as_role, show, make):
    headers = await as_role("admin")
    theirs = await make(factories.entity(show.elsewhere, show.kinds["Shot"]))
    link = await make(m.EntityLink(entity_in_id=theirs.id, entity_out_id=show.tree.id))
    for path in (
        casting_path(show, theirs),
        f"{base(show)}/entities/no-id/casting",
        f"{base(show)}/sequences/{show.episode.id}/casting",
        f"{base(show)}/episodes/{show.sequence.id}/sequences/all/casting",
        f"{base(show)}/asset-types/{show.kinds['Shot'].id}/casting",
        f"/data/projects/{uuid4()}/entity-links",
    ):
        assert (await client.get(path, headers=headers)).status_code == 404, path
    for id in (link.id, uuid4(), "no-id"):
        assert (await client.delete(f"{base(show)}/entity-links/{id}", headers=headers)).status_code == 404


async def test_castings_are_grouped_by_what_casts(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    await cast(client, headers, show, show.shots[0], show.tree)
    await cast(client, headers, show, show.hero, show.tree)
    shot, episode, hero = (str(row.id) for row in (show.shots[0], show.episode, show.hero))
    expected = [{shot, episode, hero}, {shot}, {shot}, {shot}]
    for path, ids in zip(project_paths(show)[1:5], expected, strict=True):
        found = (await client.get(path, headers=headers)).json()
        assert set(found) == ids, path
        assert found[shot][0]["asset_name"] == "Tree"
    by_type = f"{base(show)}/asset-types/{show.kinds['Characters'].id}/casting"
    assert set((await client.get(by_type, headers=headers)).json()) == {hero}
    in_shot, in_asset = (await client.get(f"/data/assets/{show.tree.id}/cast-in", headers=headers)).json()
    assert (in_shot["shot_id"], in_shot["sequence_name"], in_shot["episode_name"]) == (shot, "SQ01", "E01")
    assert in_asset["asset_id"] == hero
    for path in (f"/data/assets/{hero}/assets", f"/data/shots/{shot}/assets"):
        assert [row["name"] for row in (await client.get(path, headers=headers)).json()] == ["Tree"]


async def test_links_come_in_pages_that_miss_none(client, as_role, show, make):
    headers = await as_role("user", on=show.project)
    start = dt.datetime(2026, 1, 1)
    links = []
    for number in range(5):
        asset = await make(factories.entity(show.project, show.kinds["Props"]))
        moment = start + dt.timedelta(microseconds=number)
        links.append(
            await make(m.EntityLink(entity_in_id=show.shots[0].id, entity_out_id=asset.id, created_at=moment))
        )
    path = f"{base(show)}/entity-links"
    page = (await client.get(f"{path}?limit=2", headers=headers)).json()
    found = [row["id"] for row in page]
    while page:
        query = f"?limit=2&cursor_created_at={page[-1]['created_at']}"
        answer = (await client.get(path + query, headers=headers)).json()
        assert (answer["total"], answer["limit"]) == (5, 2)
        page = answer["data"]
        found += [row["id"] for row in page]
    assert found == [str(link.id) for link in links]
    assert len((await client.get(path, headers=headers)).json()) == 5
    for bad in ("limit=0", "limit=x", "cursor_created_at=soon", "cursor_created_at=2026-13-01"):
        assert (await client.get(f"{path}?{bad}", headers=headers)).status_code == 400, bad


async def test_a_link_that_goes_is_counted_and_told(client, as_role, show, session):
    headers = await as_role("manager", on=show.project)
    await cast(client, headers, show, show.shots[0], show.tree, show.hero)
    links = (await client.get(f"{base(show)}/entity-links", headers=headers)).json()
    link = next(
        row
        for row in links
        if (row["entity_in_id"], row["entity_out_id"]) == (str(show.shots[0].id), str(show.tree.id))
    )
    path = f"{base(show)}/entity-links/{link['id']}"
    gone = await client.delete(path, headers=headers)
    assert (gone.status_code, gone.json()["id"]) == (200, link["id"])
    assert await cast_names(client, headers, show, show.shots[0]) == ["Hero"]
    query = select(m.Entity.nb_entities_out).where(m.Entity.id == show.shots[0].id)
    assert await session.scalar(query) == 1
    assert (await client.delete(path, headers=headers)).status_code == 404


async def test_statements_do_not_grow_with_the_castings(client, as_role, show, make, count_statements):
    headers = await as_role("manager", on=show.project)
    assets = [await make(factories.entity(show.project, show.kinds["Props"])) for _ in range(6)]
    counts = []
    for number in (1, 6):
        body = {
            str(shot.id): [{"asset_id": str(asset.id)} for asset in assets[:number]] for shot in show.shots
        }
        with count_statements() as statements:
            answer = await client.put(f"{base(show)}/entities/casting", json=body, headers=headers)
        assert answer.status_code == 200
        # One row of the log a new link is written in a statement that takes them all.
        counts.append(statements.count)
    assert counts[1] <= counts[0] + 1, statements.sql
    for path in (*project_paths(show), *entity_paths(show)):
        with count_statements() as statements:
            assert (await client.get(path, headers=headers)).status_code == 200
        assert statements.count <= 6, (path, statements.sql)


async def test_what_an_asset_is_ready_for_counts_where_it_is_cast(client, as_role, show, make, session):
    headers = await as_role("manager", on=show.project)
    kind = await make(factories.task_type())
    task = await make(factories.task(show.shots[0], kind, await make(factories.task_status())))
    await cast(client, headers, show, show.shots[0], show.tree)
    query = select(m.Task.nb_assets_ready).where(m.Task.id == task.id)
    for ready_for, expected in ((str(kind.id), 1), (None, 0)):
        change = {"ready_for": ready_for}
        answer = await client.put(f"/data/entities/{show.tree.id}", json=change, headers=headers)
        assert answer.status_code == 200, answer.text
        assert await session.scalar(query) == expected
