"""Shots, sequences and episodes: who sees and changes them, and what goes with them."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db import models as m
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")


class Show(NamedTuple):
    """A production with an episode, a sequence and two shots, each with a task, and an asset of it."""

    project: Any
    kinds: dict[str, Any]
    episode: Any
    sequence: Any
    shots: list[Any]
    asset: Any
    tasks: dict[str, Any]


@pytest.fixture
async def show(make) -> Show:
    project = await make(factories.project(name="Film", fps="24"))
    kinds = {
        name: await make(factories.entity_type(name=name))
        for name in ("Episode", "Sequence", "Shot", "Scene", "Props")
    }
    episode = await make(factories.entity(project, kinds["Episode"], name="E01"))
    sequence = await make(factories.entity(project, kinds["Sequence"], name="SQ01", parent_id=episode.id))
    shots = [
        await make(
            factories.entity(
                project, kinds["Shot"], name=name, parent_id=sequence.id, data={"fps": 25, "cost": 1}
            )
        )
        for name in ("SH01", "SH02")
    ]
    asset = await make(factories.entity(project, kinds["Props"], name="Tree", source_id=episode.id))
    kind, status = await make(factories.task_type(), factories.task_status())
    tasks = {}
    for entity in (episode, sequence, shots[0], asset):
        tasks[entity.name] = await make(factories.task(entity, kind, status))
    return Show(project, kinds, episode, sequence, shots, asset, tasks)


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()]


async def columns_of(session, id, *columns) -> list[Any]:
    """Columns of an entity as the database has them now."""
    query = select(*(getattr(m.Entity, name) for name in columns)).where(m.Entity.id == id)
    return list((await session.execute(query)).one())


def single_paths(show: Show) -> list[str]:
    shot, sequence, episode = show.shots[0].id, show.sequence.id, show.episode.id
    return [
        *(
            f"/data/shots/{shot}{part}"
            for part in ("", "/tasks", "/task-types", "/preview-files", "/versions", "/assets")
        ),
        *(f"/data/sequences/{sequence}{part}" for part in ("", "/tasks", "/task-types")),
        *(f"/data/episodes/{episode}{part}" for part in ("", "/tasks", "/task-types")),
    ]


def list_paths(show: Show) -> list[str]:
    return [
        f"/data/shots?project_id={show.project.id}",
        f"/data/shots?sequence_id={show.sequence.id}",
        f"/data/shots/all?sequence_id={show.sequence.id}",
        f"/data/episodes?project_id={show.project.id}",
        f"/data/projects/{show.project.id}/episodes",
        f"/data/sequences/{show.sequence.id}/scenes",
        f"/data/sequences/{show.sequence.id}/shot-tasks",
        *(
            f"/data/episodes/{show.episode.id}/{part}"
            for part in ("sequences", "shots", "shot-tasks", "asset-tasks")
        ),
    ]


@pytest.mark.parametrize("role", ROLES)
async def test_shots_and_what_holds_them_are_for_the_team(client, as_role, show, role):
    outsider, member = await as_role(role), await as_role(role, on=show.project)
    for path in (*single_paths(show), *list_paths(show)):
        refused = 200 if role == "admin" else 403
        assert (await client.get(path, headers=outsider)).status_code == refused, path
        own = role != "vendor" or path in list_paths(show)
        assert (await client.get(path, headers=member)).status_code == (200 if own else 403), path
    if role != "admin":
        for path in ("/data/shots", "/data/episodes"):
            assert names(await client.get(path, headers=outsider)) == []


async def test_vendors_see_what_holds_their_work(client, as_role, show, make):
    vendor = await as_role("vendor", on=show.project)
    for path in list_paths(show):
        assert (await client.get(path, headers=vendor)).json() == [], path
    await make(factories.assignation(show.tasks["SH01"], vendor.person))
    for path in single_paths(show):
        assert (await client.get(path, headers=vendor)).status_code == 200, path
    for path, found in (
        (f"/data/shots?project_id={show.project.id}", ["SH01"]),
        (f"/data/episodes?project_id={show.project.id}", ["E01"]),
        (f"/data/projects/{show.project.id}/episodes", ["E01"]),
        (f"/data/episodes/{show.episode.id}/sequences", ["SQ01"]),
        (f"/data/episodes/{show.episode.id}/shots", ["SH01"]),
    ):
        assert names(await client.get(path, headers=vendor)) == found, path
    # The work is on the shot, not on what holds it.
    for holder in (f"sequences/{show.sequence.id}", f"episodes/{show.episode.id}"):
        for part in ("tasks", "task-types"):
            assert (await client.get(f"/data/{holder}/{part}", headers=vendor)).json() == []
        (task,) = (await client.get(f"/data/{holder}/shot-tasks", headers=vendor)).json()
        assert task["id"] == str(show.tasks["SH01"].id)
    assert (await client.get(f"/data/episodes/{show.episode.id}/asset-tasks", headers=vendor)).json() == []
    assert (await client.get(f"/data/shots/{show.shots[1].id}", headers=vendor)).status_code == 403


async def test_vendors_read_no_metadata_of_other_departments(client, as_role, show, make):
    vendor = await as_role("vendor", on=show.project)
    await make(factories.assignation(show.tasks["SH01"], vendor.person))
    department = await make(factories.department())
    column = await make(
        factories.metadata_descriptor(show.project, entity_type="Shot", name="Cost", field_name="cost")
    )
    await make(
        m.DepartmentMetadataDescriptorLink(metadata_descriptor_id=column.id, department_id=department.id)
    )
    await make(m.EntityVersion(name="1", entity_id=show.shots[0].id, data={"cost": 1}))
    base = f"/data/shots/{show.shots[0].id}"
    for path in ("/data/shots", f"/data/episodes/{show.episode.id}/shots"):
        assert [row["data"] for row in (await client.get(path, headers=vendor)).json()] == [{"fps": 25}]
    assert (await client.get(base, headers=vendor)).json()["data"] == {"fps": 25}
    assert (await client.get(f"{base}/versions", headers=vendor)).json()[0]["data"] == {}


async def test_single_ones_name_what_they_are_in(client, as_role, show):
    headers = await as_role("user", on=show.project)
    episode = (await client.get(f"/data/episodes/{show.episode.id}", headers=headers)).json()
    assert (episode["type"], episode["project_name"]) == ("Episode", "Film")
    sequence = (await client.get(f"/data/sequences/{show.sequence.id}", headers=headers)).json()
    assert (sequence["episode_id"], sequence["episode_name"]) == (str(show.episode.id), "E01")
    assert "entities_out" not in sequence
    related = await client.get(f"/data/sequences/{show.sequence.id}?relations=true", headers=headers)
    assert related.json()["entities_out"] == []


async def test_ids_of_other_kinds_are_not_found(client, as_role, show):
    headers = await as_role("admin")
    ids = {"shots": show.shots[0], "sequences": show.sequence, "episodes": show.episode, "scenes": show.asset}
    for path in ids:
        for id in (*(row.id for name, row in ids.items() if name != path), uuid4(), "no-id"):
            assert (await client.get(f"/data/{path}/{id}", headers=headers)).status_code == 404
            assert (await client.delete(f"/data/{path}/{id}", headers=headers)).status_code == 404
            assert (await client.get(f"/data/{path}/{id}/tasks", headers=headers)).status_code == 404


async def test_tasks_in_an_episode_are_listed(client, as_role, show, make):
    headers = await as_role("user", on=show.project)
    cast, foreign = await make(
        factories.entity(show.project, show.kinds["Props"], name="Rock"),
        factories.entity(await make(factories.project()), show.kinds["Props"], is_shared=True),
    )
    for asset in (cast, foreign):
        await make(m.EntityLink(entity_in_id=show.episode.id, entity_out_id=asset.id))
        await make(
            factories.task(asset, await make(factories.task_type()), await make(factories.task_status()))
        )
    base = f"/data/episodes/{show.episode.id}"
    found = (await client.get(f"{base}/asset-tasks", headers=headers)).json()
    assert sorted(task["entity_name"] for task in found) == ["Rock", "Tree"]
    (task,) = (await client.get(f"{base}/shot-tasks?relations=true", headers=headers)).json()
    assert (task["entity_name"], task["assignees"]) == ("SH01", [])
    (task,) = (await client.get(f"{base}/tasks", headers=headers)).json()
    assert task["entity_name"] == "E01"


@pytest.mark.parametrize("role", ROLES)
async def test_who_changes_shots(client, as_role, show, role):
    headers = await as_role(role, on=show.project)
    runs = role in ("admin", "manager")
    answer = await client.put(f"/data/shots/{show.shots[1].id}", json={"name": "X"}, headers=headers)
    assert answer.status_code == (200 if runs else 403)
    answer = await client.post(
        f"/data/projects/{show.project.id}/episodes", json={"name": "E02"}, headers=headers
    )
    assert answer.status_code == (201 if runs else 403)
    frames = f"/actions/projects/{show.project.id}/task-types/{show.tasks['SH01'].task_type_id}"
    answer = await client.post(f"{frames}/set-shot-nb-frames", json={}, headers=headers)
    assert answer.status_code == (200 if runs else 403)
    for path in ("shots", "sequences", "episodes"):
        row = {"shots": show.shots[1], "sequences": show.sequence, "episodes": show.episode}[path]
        answer = await client.delete(f"/data/{path}/{row.id}?force=true", headers=headers)
        assert answer.status_code == (204 if runs else 403), path


async def test_a_change_replaces_metadata_and_is_told(client, as_role, show, session):
    headers = await as_role("manager", on=show.project)
    path = f"/data/shots/{show.shots[0].id}"
    answer = await client.put(path, json={"nb_frames": 60, "data": {"a": 1}}, headers=headers)
    row = answer.json()
    assert (row["name"], row["nb_frames"], row["data"]) == ("SH01", 60, {"a": 1})
    event = (await session.scalars(select(m.ApiEvent).where(m.ApiEvent.name == "shot:update"))).one()
    assert event.data == {"shot_id": str(show.shots[0].id), "project_id": str(show.project.id)}
    for bad in ({"name": None}, {"name": ""}, {"name": "x" * 161}, {"nb_frames": "many"}, {"data": []}, []):
        assert (await client.put(path, json=bad, headers=headers)).status_code == 400, bad


async def test_shots_with_tasks_are_canceled_and_come_back(client, as_role, show, session):
    headers = await as_role("manager", on=show.project)
    path = f"/data/shots/{show.shots[0].id}"
    assert (await client.delete(path, headers=headers)).status_code == 204
    assert await columns_of(session, show.shots[0].id, "canceled") == [True]
    restored = await client.put(path, json={"canceled": False}, headers=headers)
    assert restored.json()["canceled"] is False
    assert (await client.delete(f"{path}?force=true", headers=headers)).status_code == 204
    assert (await client.get(path, headers=headers)).status_code == 404
    assert (await client.delete(f"/data/shots/{show.shots[1].id}", headers=headers)).status_code == 204
    assert (await client.get(f"/data/shots/{show.shots[1].id}", headers=headers)).status_code == 404


async def test_what_holds_something_goes_by_force_alone(client, as_role, show, session):
    headers = await as_role("manager", on=show.project)
    for path in (f"/data/sequences/{show.sequence.id}", f"/data/episodes/{show.episode.id}"):
        assert (await client.delete(path, headers=headers)).status_code == 400
    path = f"/data/episodes/{show.episode.id}?force=true"
    assert (await client.delete(path, headers=headers)).status_code == 204
    left = (await session.scalars(select(m.Entity.name).where(m.Entity.project_id == show.project.id))).all()
    assert left == ["Tree"]


async def test_episodes_have_names_and_states_of_their_own(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    path = f"/data/projects/{show.project.id}/episodes"
    wish = {"name": "E02", "description": "End", "status": "standby", "data": {"a": 1}}
    row = (await client.post(path, json=wish, headers=headers)).json()
    assert {**row, **wish} == row
    assert (row["type"], row["created_by"]) == ("Episode", str(headers.person.id))
    for bad in ({}, {"name": ""}, {"name": "E01"}, {"name": "E03", "status": "over"}, {"name": "a\x00b"}, 3):
        assert (await client.post(path, json=bad, headers=headers)).status_code == 400, bad
    missing = f"/data/projects/{uuid4()}/episodes"
    assert (await client.post(missing, json=wish, headers=headers)).status_code == 404


async def test_lists_refuse_what_is_no_id(client, as_role, show):
    headers = await as_role("admin")
    for path in (
        "/data/shots?sequence_id=x",
        "/data/shots?episode_id=x",
        "/data/episodes?project_id=undefined",
        f"/data/episodes/{show.episode.id}/shots?parent_id=x",
    ):
        assert (await client.get(path, headers=headers)).status_code == 400, path


async def test_frames_follow_from_the_newest_movie(client, as_role, show, make, session):
    headers = await as_role("manager", on=show.project)
    task, author = show.tasks["SH01"], await make(factories.person())
    for revision, position, seconds in ((1, 1, 10.0), (2, 1, 2.5), (2, 2, 8.0), (3, 1, 0.0)):
        await make(
            factories.preview_file(
                task,
                author,
                revision=revision,
                position=position,
                duration=seconds,
                name=f"{revision}{position}",
            )
        )
    base = f"/actions/projects/{show.project.id}/task-types/{task.task_type_id}/set-shot-nb-frames"
    found = [{"id": str(show.shots[0].id), "nb_frames": 60}]
    for query in ("", "?episode_id=", f"?episode_id={show.episode.id}"):
        answer = await client.post(f"{base}{query}", json={}, headers=headers)
        assert (answer.status_code, answer.json()) == (200, found), query
    assert await columns_of(session, show.shots[0].id, "nb_frames") == [60]
    other = await make(factories.entity(show.project, show.kinds["Episode"], name="E02"))
    assert (await client.post(f"{base}?episode_id={other.id}", json={}, headers=headers)).json() == []


async def test_frames_are_set_for_what_is_there_alone(client, as_role, show):
    headers = await as_role("admin")
    project, kind = show.project.id, show.tasks["SH01"].task_type_id
    for path in (
        f"/actions/projects/no-id/task-types/{kind}/set-shot-nb-frames",
        f"/actions/projects/{uuid4()}/task-types/{kind}/set-shot-nb-frames",
        f"/actions/projects/{project}/task-types/no-id/set-shot-nb-frames",
        f"/actions/projects/{project}/task-types/{uuid4()}/set-shot-nb-frames",
        f"/actions/projects/{project}/task-types/{kind}/set-shot-nb-frames?episode_id=no-id",
        f"/actions/projects/{project}/task-types/{kind}/set-shot-nb-frames?episode_id={show.sequence.id}",
    ):
        assert (await client.post(path, json={}, headers=headers)).status_code == 400, path


async def test_reads_take_a_constant_number_of_statements(client, as_role, show, count_statements):
    headers = await as_role("user", on=show.project)
    for path in (*single_paths(show), *list_paths(show)):
        with count_statements() as statements:
            assert (await client.get(path, headers=headers)).status_code == 200
        assert statements.count <= 4, (path, statements.sql)


async def test_a_shot_takes_no_name_of_another_in_its_sequence(client, as_role, show, session):
    headers = await as_role("manager", on=show.project)
    first, second = show.shots
    path = f"/data/shots/{first.id}"
    answer = await client.put(path, json={"name": second.name}, headers=headers)
    assert answer.status_code == 400
    assert "exists already" in answer.json()["message"]
    assert await columns_of(session, first.id, "name") == ["SH01"]
    same = await client.put(path, json={"name": "SH01", "nb_frames": 7}, headers=headers)
    assert same.status_code == 200
