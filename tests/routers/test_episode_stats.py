"""How far the shots of each episode are, and how often they were taken again."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from kitsu_api.db.models import Project
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")


class Show(NamedTuple):
    """A production with two episodes of one sequence each, and what tasks need."""

    project: Any
    shot_type: Any
    episodes: list[Any]
    sequences: list[Any]
    task_type: Any
    statuses: dict[str, Any]


@pytest.fixture
async def show(make) -> Show:
    project = await make(factories.project())
    kinds = {name: await make(factories.entity_type(name=name)) for name in ("Episode", "Sequence", "Shot")}
    episodes, sequences = [], []
    for name in ("E01", "E02"):
        episodes.append(await make(factories.entity(project, kinds["Episode"], name=name)))
        inside = {"parent_id": episodes[-1].id}
        sequences.append(await make(factories.entity(project, kinds["Sequence"], name=name, **inside)))
    statuses = {
        "todo": await make(factories.task_status(short_name="todo", color="#111111")),
        "retake": await make(factories.task_status(short_name="retake", is_retake=True)),
        "done": await make(factories.task_status(short_name="done", is_done=True)),
    }
    task_type = await make(factories.task_type())
    return Show(project, kinds["Shot"], episodes, sequences, task_type, statuses)


@pytest.fixture
def add(make, show):
    """`await add(0, "done", retakes=2)`: a shot of 10 frames in the first episode, with a task."""

    async def shot(episode, status, retakes=0, task_type=None, drawings=0, **values):
        parent = show.sequences[episode].id if episode is not None else None
        values = {"nb_frames": 10, "parent_id": parent, **values}
        entity = await make(factories.entity(show.project, show.shot_type, **values))
        return await make(
            factories.task(
                entity,
                task_type or show.task_type,
                show.statuses[status],
                retake_count=retakes,
                nb_drawings=drawings,
            )
        )

    return shot


async def stats(client, headers, show, name="stats") -> dict:
    answer = await client.get(f"/data/projects/{show.project.id}/episodes/{name}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def sums(count, drawings=0) -> dict:
    return {"count": count, "frames": count * 10, "drawings": drawings}


async def test_tasks_are_counted_by_episode_type_and_status(client, as_role, make, show, add):
    second = await make(factories.task_type())
    await add(0, "todo", drawings=5)
    await add(0, "todo")
    await add(0, "done", task_type=second)
    await add(1, "done")
    found = await stats(client, await as_role("admin"), show)
    todo, done = str(show.statuses["todo"].id), str(show.statuses["done"].id)
    first, other = (str(episode.id) for episode in show.episodes)
    one, two = str(show.task_type.id), str(second.id)
    assert found[first][one] == {todo: {"name": "todo", "color": "#111111", **sums(2, 5)}}
    assert found[first][two][done]["count"] == 1
    assert {id: row["count"] for id, row in found[first]["all"].items()} == {todo: 2, done: 1}
    assert set(found[other]) == {one, "all"}
    assert {id: row["count"] for id, row in found["all"]["all"].items()} == {todo: 2, done: 2}
    assert {id: row["count"] for id, row in found["all"][one].items()} == {todo: 2, done: 1}


async def test_retakes_are_counted_as_they_are_and_after_each_take(client, as_role, show, add):
    for status, retakes in (
        ("done", 0),
        ("done", 1),
        ("done", 2),
        ("retake", 1),
        ("retake", 3),
        ("todo", 0),
    ):
        await add(0, status, retakes)
    found = await stats(client, await as_role("admin"), show, "retake-stats")
    cell = found[str(show.episodes[0].id)][str(show.task_type.id)]
    assert cell["max_retake_count"] == 3
    assert (cell["done"], cell["retake"], cell["other"]) == (sums(3), sums(2), sums(1))
    after = {
        take: tuple(state[name]["count"] for name in ("done", "retake", "other"))
        for take, state in cell["evolution"].items()
    }
    assert after == {"1": (1, 4, 1), "2": (2, 2, 2), "3": (3, 1, 2)}
    assert found["all"]["all"] == {**cell, "evolution": {}}
    assert found["all"][str(show.task_type.id)]["evolution"] == {}


async def test_an_empty_production_has_sums_of_nothing(client, as_role, show):
    headers = await as_role("admin")
    assert await stats(client, headers, show) == {}
    zero = {"max_retake_count": 0, "evolution": {}, "done": sums(0), "retake": sums(0), "other": sums(0)}
    assert await stats(client, headers, show, "retake-stats") == {"all": {"all": zero}}


async def test_assets_canceled_shots_and_shots_of_no_episode_do_not_count(client, as_role, make, show, add):
    await add(0, "todo", canceled=True)
    await add(None, "todo")
    asset = await make(
        factories.entity(show.project, await make(factories.entity_type()), parent_id=show.sequences[0].id)
    )
    await make(factories.task(asset, show.task_type, show.statuses["todo"]))
    assert await stats(client, await as_role("admin"), show) == {}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ["stats", "retake-stats"])
async def test_statistics_are_for_the_team(client, as_role, show, role, name):
    path = f"/data/projects/{show.project.id}/episodes/{name}"
    inside, outside = await as_role(role, on=show.project), await as_role(role)
    assert (await client.get(path, headers=inside)).status_code == 200
    assert (await client.get(path, headers=outside)).status_code == (200 if role == "admin" else 403)


async def test_vendors_see_their_own_work_counted(client, as_role, make, show, add):
    mine = await add(0, "todo")
    await add(0, "todo")
    headers = await as_role("vendor", on=show.project)
    await make(factories.assignation(mine, headers.person))
    found = await stats(client, headers, show)
    assert [row["count"] for row in found["all"]["all"].values()] == [1]


async def test_a_production_may_hide_statistics_from_its_clients(client, as_role, session, show):
    (await session.get_one(Project, show.project.id)).is_client_stats_visible = False
    await session.commit()
    for role, status in (("client", 403), ("user", 200)):
        headers = await as_role(role, on=show.project)
        for name in ("stats", "retake-stats"):
            path = f"/data/projects/{show.project.id}/episodes/{name}"
            assert (await client.get(path, headers=headers)).status_code == status


async def test_a_production_that_is_not_there_is_not_found(client, as_role):
    headers = await as_role("admin")
    for name in ("stats", "retake-stats"):
        answer = await client.get(f"/data/projects/{uuid4()}/episodes/{name}", headers=headers)
        assert answer.status_code == 404


async def test_statistics_take_few_statements(client, as_role, show, add, count_statements):
    for episode in (0, 0, 1, 1):
        await add(episode, "done", retakes=2)
    headers = await as_role("admin")
    for name in ("stats", "retake-stats"):
        with count_statements() as statements:
            await stats(client, headers, show, name)
        assert statements.count <= 5, statements.sql
