"""Schedule items of a production: made when first looked at, one for each thing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db.base import now
from kitsu_api.db.models import (
    ApiEvent,
    EntityLink,
    ProjectAssetTypeLink,
    ProjectTaskTypeLink,
    ScheduleItem,
)
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")
KINDS = ("asset-types", "edits", "episodes", "sequences")


class Show(NamedTuple):
    """A production with two episodes, a sequence and an edit in the first, and an asset with a task."""

    project: Any
    props: Any
    asset: Any
    task_type: Any
    episodes: list[Any]
    sequence: Any
    edit: Any


@pytest.fixture
async def show(make) -> Show:
    project, props = await make(factories.project(), factories.entity_type(name="Props"))
    names = ("Episode", "Sequence", "Edit", "Shot")
    kinds = {name: await make(factories.entity_type(name=name)) for name in names}
    asset = await make(factories.entity(project, props, name="Tree"))
    episodes = [await make(factories.entity(project, kinds["Episode"], name=name)) for name in ("E01", "E02")]
    inside = {"parent_id": episodes[0].id}
    sequence = await make(factories.entity(project, kinds["Sequence"], name="SQ01", **inside))
    edit = await make(factories.entity(project, kinds["Edit"], name="Cut", **inside))
    await make(factories.entity(project, kinds["Sequence"], name="SQ99", canceled=True))
    task_type, status = await make(factories.task_type(), factories.task_status())
    await make(factories.task(asset, task_type, status))
    return Show(project, props, asset, task_type, episodes, sequence, edit)


def path(show, *parts) -> str:
    return "/".join([f"/data/projects/{show.project.id}/schedule-items", *(str(part) for part in parts)])


async def items(client, headers, show, *parts, **query) -> list[dict]:
    answer = await client.get(path(show, *parts), params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_items_begin_today_and_are_made_once(client, as_role, session, show):
    headers = await as_role("manager", on=show.project)
    today = now().date()
    for kind, object_id, name in (
        ("asset-types", show.props.id, "Props"),
        ("edits", show.edit.id, "Cut"),
        ("sequences", show.sequence.id, "SQ01"),
    ):
        (item,) = await items(client, headers, show, show.task_type.id, kind)
        assert item == {
            "id": item["id"],
            "start_date": str(today),
            "end_date": str(today + timedelta(days=1)),
            "man_days": None,
            "project_id": str(show.project.id),
            "task_type_id": str(show.task_type.id),
            "object_id": str(object_id),
            "name": name,
        }
        assert await items(client, headers, show, show.task_type.id, kind) == [item]
    episodes = await items(client, headers, show, show.task_type.id, "episodes")
    assert [item["name"] for item in episodes] == ["E01", "E02"]
    told = select(func.count()).where(
        ApiEvent.name == "schedule-item:new", ApiEvent.project_id == show.project.id
    )
    assert await session.scalar(told) == 5


async def test_task_types_are_those_chosen_and_those_with_tasks(client, as_role, make, show):
    chosen = await make(factories.task_type(priority=9))
    await make(factories.task_type())
    await make(ProjectTaskTypeLink(project_id=show.project.id, task_type_id=chosen.id))
    headers = await as_role("manager", on=show.project)
    found = await items(client, headers, show, "task-types")
    assert [item["task_type_id"] for item in found] == [str(show.task_type.id), str(chosen.id)]
    assert {item["object_id"] for item in found} == {None}
    assert await items(client, headers, show, "task-types") == found


async def test_an_episode_narrows_what_is_planned(client, as_role, make, show):
    headers = await as_role("admin")
    first, second = show.episodes
    for kind in ("edits", "sequences"):
        assert len(await items(client, headers, show, show.task_type.id, kind, episode_id=str(first.id))) == 1
        assert await items(client, headers, show, show.task_type.id, kind, episode_id=str(second.id)) == []
    (item,) = await items(client, headers, show, show.task_type.id, "episodes", episode_id=str(second.id))
    assert item["name"] == "E02"
    kinds = {"episode_id": str(first.id)}
    assert await items(client, headers, show, show.task_type.id, "asset-types", **kinds) == []
    await make(EntityLink(entity_in_id=first.id, entity_out_id=show.asset.id))
    assert len(await items(client, headers, show, show.task_type.id, "asset-types", **kinds)) == 1


async def test_asset_types_that_the_production_has_chosen_are_planned_too(client, as_role, make, show):
    chosen = await make(factories.entity_type(name="Effects"))
    await make(ProjectAssetTypeLink(project_id=show.project.id, asset_type_id=chosen.id))
    found = await items(client, await as_role("admin"), show, show.task_type.id, "asset-types")
    assert [item["name"] for item in found] == ["Effects", "Props"]


async def test_the_whole_list_shows_what_there_is(client, as_role, show):
    headers = await as_role("admin")
    assert await items(client, headers, show) == []
    made = await items(client, headers, show, "task-types")
    listed = await items(client, headers, show)
    assert [(item["id"], item["type"]) for item in listed] == [(made[0]["id"], "ScheduleItem")]


@pytest.mark.parametrize("role", ROLES)
async def test_plans_are_for_the_team_without_vendors(client, as_role, show, role):
    headers = await as_role(role, on=show.project)
    stranger = await as_role(role)
    paths = [(), ("task-types",), *((show.task_type.id, kind) for kind in KINDS)]
    for parts in paths:
        answer = await client.get(path(show, *parts), headers=headers)
        assert answer.status_code == (403 if role == "vendor" else 200), parts
        answer = await client.get(path(show, *parts), headers=stranger)
        assert answer.status_code == (200 if role == "admin" else 403), parts


async def test_what_is_not_there_is_not_found(client, as_role, show):
    headers = await as_role("admin")
    for kind in KINDS:
        assert (await client.get(path(show, uuid4(), kind), headers=headers)).status_code == 404
        answer = await client.get(
            path(show, show.task_type.id, kind), params={"episode_id": "x"}, headers=headers
        )
        assert answer.status_code == 400
    for end in ("", "/task-types"):
        answer = await client.get(f"/data/projects/{uuid4()}/schedule-items{end}", headers=headers)
        assert answer.status_code == 404


async def test_an_item_does_not_become_the_double_of_another(client, as_role, make, show):
    headers = await as_role("manager", on=show.project)

    def item(**values):
        return ScheduleItem(id=uuid4(), project_id=show.project.id, start_date=date(2026, 3, 2), **values)

    whole = await make(item(task_type_id=show.task_type.id))
    part = await make(item(task_type_id=show.task_type.id, object_id=show.sequence.id))
    untyped = await make(item())
    for one, body in (
        (part, {"object_id": None}),
        (untyped, {"task_type_id": str(show.task_type.id)}),
        (whole, {"object_id": str(show.sequence.id)}),
    ):
        answer = await client.put(f"/data/schedule-items/{one.id}", json=body, headers=headers)
        assert answer.status_code == 400, body
    same = {"task_type_id": str(show.task_type.id), "object_id": None, "man_days": 4}
    answer = await client.put(f"/data/schedule-items/{whole.id}", json=same, headers=headers)
    assert (answer.status_code, answer.json()["man_days"]) == (200, 4)
    body = {"object_id": str(show.edit.id)}
    assert (
        await client.put(f"/data/schedule-items/{part.id}", json=body, headers=headers)
    ).status_code == 200


async def test_plans_take_few_statements_however_many_there_are(
    client, as_role, make, show, count_statements
):
    headers = await as_role("admin")
    await items(client, headers, show, show.task_type.id, "episodes")
    with count_statements() as statements:
        await items(client, headers, show, show.task_type.id, "episodes")
    assert statements.count <= 8, statements.sql
