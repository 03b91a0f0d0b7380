"""The shots that one person finished in a day, week, month or year."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from kitsu_api.db.models import ProjectPersonLink
from tests import factories


class Show(NamedTuple):
    """A production with a shot in a sequence, sent for feedback by an artist after two days of work."""

    project: Any
    shot: Any
    task: Any
    artist: Any


@pytest.fixture
async def show(make) -> Show:
    project = await make(factories.project())
    kind, holder = await make(factories.entity_type(name="Shot"), factories.entity_type(name="Sequence"))
    sequence = await make(factories.entity(project, holder, name="SQ01"))
    shot = await make(factories.entity(project, kind, name="SH010", parent_id=sequence.id))
    task_type, status, artist = await make(factories.task_type(), factories.task_status(), factories.person())
    task = await make(factories.task(shot, task_type, status, end_date=datetime(2026, 3, 5, 9)))
    await make(
        factories.assignation(task, artist), ProjectPersonLink(project_id=project.id, person_id=artist.id)
    )
    await make(
        factories.time_spent(task, artist, date=date(2026, 2, 27), duration=60),
        factories.time_spent(task, artist, date=date(2026, 3, 2), duration=180),
    )
    return Show(project, shot, task, artist)


async def shots(client, headers, show, period, status=200, **query):
    url = f"/data/persons/{show.artist.id}/quota-shots/{period}"
    answer = await client.get(url, params=query, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("period", "weight"),
    [
        ("day/2026/02/27", 0.25), ("day/2026/3/2", 0.75), ("week/2026/9", 0.25), ("week/2026/10", 0.75),
        ("month/2026/03", 0.75), ("year/2026", 1.0), ("month/2026/4", None), ("day/2026/3/5", None),
    ],
)  # fmt: skip
async def test_a_shot_weighs_the_part_that_was_done_in_the_period(client, sign_in, show, period, weight):
    rows = await shots(client, sign_in(show.artist), show, period)
    assert [row["weight"] for row in rows] == ([] if weight is None else [weight])
    if rows:
        assert (rows[0]["full_name"], rows[0]["id"]) == ("SQ01 / SH010", str(show.shot.id))


async def test_the_way_of_counting_can_be_chosen(client, sign_in, show):
    headers = sign_in(show.artist)
    assert len(await shots(client, headers, show, "day/2026/3/5", count_mode="feedback")) == 1
    assert await shots(client, headers, show, "month/2026/3", count_mode="done") == []
    await shots(client, headers, show, "month/2026/3", status=400, count_mode="guessed")


async def test_production_and_type_of_work_narrow_the_shots(client, sign_in, show, make):
    headers = sign_in(show.artist)
    admin = sign_in(await make(factories.person(role="admin")))
    elsewhere = await make(factories.project())
    of_type = {"task_type_id": str(show.task.task_type_id)}
    assert len(await shots(client, admin, show, "year/2026", project_id=str(show.project.id), **of_type)) == 1
    assert await shots(client, admin, show, "year/2026", task_type_id=str(uuid4())) == []
    assert await shots(client, admin, show, "year/2026", project_id=str(elsewhere.id)) == []
    await shots(client, admin, show, "year/2026", status=404, project_id=str(uuid4()))
    await shots(client, headers, show, "year/2026", status=403, project_id=str(elsewhere.id))


@pytest.mark.parametrize(
    ("role", "status"),
    [("manager", 200), ("supervisor", 200), ("user", 403), ("client", 403), ("vendor", 403)],
)
async def test_who_oversees_the_production_sees_the_shots_of_others(client, as_role, show, role, status):
    headers = await as_role(role, on=show.project)
    project = {"project_id": str(show.project.id)}
    for query in ({}, project):
        rows = await shots(client, headers, show, "year/2026", status=status, **query)
        assert status != 200 or len(rows) == 1
    outsider = await as_role(role)
    await shots(client, outsider, show, "year/2026", status=403, **project)


@pytest.mark.parametrize("period", ["day/2026/2/30", "week/2026/54", "month/2026/13", "year/0", "year/soon"])
async def test_periods_that_do_not_exist_are_refused(client, sign_in, show, period):
    await shots(client, sign_in(show.artist), show, period, status=400)


async def test_shots_of_nobody_are_not_found(client, as_role):
    url = f"/data/persons/{uuid4()}/quota-shots/year/2026"
    assert (await client.get(url, headers=await as_role("admin"))).status_code == 404
