"""Milestones, days off and time spent, production by production."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from kitsu_api.db.models import DayOff, ProjectPersonLink
from tests import factories

PATHS = ("milestones", "day-offs", "time-spents", "task-types/{task_type}/time-spents")


@pytest.fixture
async def show(make):
    rows = factories.production()
    await make(*rows)
    return rows


def paths_of(show):
    return [
        f"/data/projects/{show.project.id}/{path}".format(task_type=show.task.task_type_id) for path in PATHS
    ]


async def test_milestones_are_listed_by_day(client, as_role, make, show):
    late, early = await make(
        factories.milestone(show.project, show.task_type, date=date(2026, 6, 2)),
        factories.milestone(show.project, show.task_type, date=date(2026, 6, 1)),
    )
    rows = (await client.get(paths_of(show)[0], headers=await as_role("user", on=show.project))).json()
    assert [row["id"] for row in rows] == [str(early.id), str(late.id)]
    assert set(rows[0]) == {"id", "date", "name", "project_id", "task_type_id"}


async def test_days_off_are_those_of_the_team_that_touch_the_span(client, as_role, make, show):
    inside, outside = await make(factories.person(), factories.person())
    await make(
        ProjectPersonLink(project_id=show.project.id, person_id=inside.id),
        DayOff(person_id=inside.id, date=date(2026, 5, 30), end_date=date(2026, 6, 1)),
        DayOff(person_id=inside.id, date=date(2026, 6, 10), end_date=date(2026, 6, 11)),
        DayOff(person_id=outside.id, date=date(2026, 6, 1), end_date=date(2026, 6, 1)),
    )
    headers = await as_role("supervisor", on=show.project)
    for query, days in (
        ("", ["2026-06-10", "2026-05-30"]),
        ("?start_date=2026-06-01&end_date=2026-06-09", ["2026-05-30"]),
        ("?start_date=2026-06-02", ["2026-06-10"]),
        ("?end_date=2026-05-30", ["2026-05-30"]),
    ):
        found = (await client.get(paths_of(show)[1] + query, headers=headers)).json()
        assert list(found) == [str(inside.id)]
        assert [row["date"] for row in found[str(inside.id)]] == days
    nothing = await client.get(paths_of(show)[1] + "?start_date=2027-01-01", headers=headers)
    assert nothing.json() == {}


async def test_time_is_listed_whole_and_by_task_type_and_person(client, as_role, make, show):
    person = await make(factories.person())
    await make(
        factories.time_spent(show.task, person, date=date(2026, 6, 2), duration=120),
        factories.time_spent(show.task, person, date=date(2026, 6, 1), duration=60),
    )
    headers = await as_role("manager", on=show.project)
    _, _, whole, by_person = paths_of(show)
    rows = (await client.get(whole, headers=headers)).json()
    assert [(row["date"], row["duration"]) for row in rows] == [("2026-06-01", 60), ("2026-06-02", 120)]
    found = (await client.get(by_person, headers=headers)).json()
    assert [row["date"] for row in found[str(person.id)]] == ["2026-06-02", "2026-06-01"]
    narrow = await client.get(by_person + "?start_date=2026-06-02&end_date=2026-06-02", headers=headers)
    assert [row["duration"] for row in narrow.json()[str(person.id)]] == [120]
    other = await client.get(
        f"/data/projects/{show.project.id}/task-types/{uuid4()}/time-spents", headers=headers
    )
    assert other.json() == {}


@pytest.mark.parametrize("query", ["start_date=x", "end_date=2026-13-01", "start_date=0000-01-01"])
async def test_days_that_are_none_are_refused(client, as_role, show, query):
    headers = await as_role("admin")
    for path in paths_of(show)[1::2]:
        assert (await client.get(f"{path}?{query}", headers=headers)).status_code == 400


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("admin", [200, 200, 200, 200]),
        ("manager", [200, 200, 200, 200]),
        ("supervisor", [200, 200, 403, 200]),
        ("user", [200, 403, 403, 403]),
        ("client", [200, 403, 403, 403]),
        ("vendor", [200, 403, 403, 403]),
    ],
)
async def test_the_time_of_others_is_for_those_who_plan(client, as_role, show, role, statuses):
    headers = await as_role(role, on=show.project)
    assert [(await client.get(path, headers=headers)).status_code for path in paths_of(show)] == statuses


async def test_other_productions_are_closed(client, as_role, make, show):
    headers = await as_role("manager", on=await make(factories.project()))
    assert [(await client.get(path, headers=headers)).status_code for path in paths_of(show)] == [403] * 4
