"""The time that people spend: who sees whose, by task and in tables."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from kitsu_api.db.models import DepartmentLink
from tests import factories


class Show(NamedTuple):
    """A production with a sequence, a shot of it and an asset, and an artist who worked on both."""

    project: Any
    shot_task: Any
    asset_task: Any
    artist: Any


@pytest.fixture
async def show(make) -> Show:
    project = await make(factories.project())
    kinds = await make(
        *(factories.entity_type(name=name) for name in ("Episode", "Sequence", "Shot", "Props"))
    )
    episode = await make(factories.entity(project, kinds[0], name="E01"))
    sequence = await make(factories.entity(project, kinds[1], name="SQ01", parent_id=episode.id))
    shot = await make(factories.entity(project, kinds[2], name="SH010", parent_id=sequence.id))
    tree = await make(factories.entity(project, kinds[3], name="Tree"))
    kind, status, artist = await make(factories.task_type(), factories.task_status(), factories.person())
    shot_task, asset_task = await make(factories.task(shot, kind, status), factories.task(tree, kind, status))
    await make(factories.assignation(shot_task, artist), factories.assignation(asset_task, artist))
    for task, day, minutes in (
        (shot_task, date(2024, 12, 30), 60),
        (shot_task, date(2024, 12, 31), 30),
        (asset_task, date(2024, 12, 31), 120),
        (asset_task, date(2025, 2, 3), 240),
    ):
        await make(factories.time_spent(task, artist, date=day, duration=minutes))
    return Show(project, shot_task, asset_task, artist)


def path(show, *parts) -> str:
    return "/".join([f"/data/persons/{show.artist.id}/time-spents", *(str(part) for part in parts)])


async def get(client, headers, url, status=200):
    answer = await client.get(url, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_the_tables_sum_up_minutes_by_person(client, as_role, show):
    headers, who = await as_role("admin"), str(show.artist.id)
    tables = "/data/persons/time-spents"
    assert await get(client, headers, f"{tables}/year-table") == {"2024": {who: 210}, "2025": {who: 240}}
    assert await get(client, headers, f"{tables}/month-table/2024") == {"12": {who: 210}}
    assert await get(client, headers, f"{tables}/day-table/2024/12") == {"30": {who: 60}, "31": {who: 150}}
    assert await get(client, headers, f"{tables}/day-table/2024/11") == {}


async def test_weeks_are_those_of_iso_8601_so_that_new_years_eve_may_be_of_the_next_year(
    client, as_role, show
):
    headers, who = await as_role("admin"), str(show.artist.id)
    tables = "/data/persons/time-spents"
    assert await get(client, headers, f"{tables}/week-table/2024") == {}
    assert await get(client, headers, f"{tables}/week-table/2025") == {"1": {who: 210}, "6": {who: 240}}
    assert sum(row["duration"] for row in await get(client, headers, path(show, "week", 2025, 1))) == 210


async def test_the_tasks_of_a_period_come_with_the_names_of_where_they_lie(client, sign_in, show):
    rows = await get(client, sign_in(show.artist), path(show, "month", 2024, 12))
    keys = ("entity_name", "entity_type_name", "sequence_name", "episode_name", "duration")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("SH010", "Shot", "SQ01", "E01", 90),
        ("Tree", "Props", None, None, 120),
    ]
    assert {row["project_name"] for row in rows} == {show.project.name}
    assert len(await get(client, sign_in(show.artist), path(show, "day", 2024, 12, 30))) == 1
    assert len(await get(client, sign_in(show.artist), path(show, "year", 2025))) == 1


async def test_single_notes_are_listed_by_day_month_and_range(client, sign_in, show):
    headers = sign_in(show.artist)
    assert [row["duration"] for row in await get(client, headers, path(show, "2024-12-30"))] == [60]
    assert len(await get(client, headers, path(show, "month", "all", 2024, "12"))) == 3
    rows = await get(client, headers, path(show) + "?start_date=2024-12-31&end_date=2025-12-31")
    assert [row["date"] for row in rows] == ["2024-12-31", "2024-12-31", "2025-02-03"]
    assert {row["project_id"] for row in rows} == {str(show.project.id)}
    assert len(await get(client, headers, path(show))) == 4
    await get(client, headers, path(show) + "?start_date=2024-12-31", status=400)


@pytest.mark.parametrize(
    "period",
    [
        ("year", 0), ("year", 99999), ("year", "soon"), ("month", 2024, 13), ("month", 2024, 0),
        ("month", "all", 2024, 13), ("week", 2024, 54), ("week", 2023, 53), ("week", 9999, 52),
        ("day", 2023, 2, 29), ("day", 2024, 1, 32), ("2024-13-01",), ("someday",), ("%00",),
    ],
)  # fmt: skip
async def test_periods_that_do_not_exist_are_refused(client, sign_in, show, period):
    answer = await get(client, sign_in(show.artist), path(show, *period), status=400)
    assert answer["error"] is True


@pytest.mark.parametrize(
    "table", ["month-table/0", "month-table/x", "week-table/99999", "day-table/2024/13", "day-table/0/1"]
)
async def test_tables_of_impossible_periods_are_refused(client, as_role, table):
    await get(client, await as_role("admin"), f"/data/persons/time-spents/{table}", status=400)


@pytest.mark.parametrize("role", ["user", "client", "vendor"])
async def test_others_than_overseers_see_their_own_hours_alone(client, as_role, show, role):
    headers = await as_role(role, on=show.project)
    assert await get(client, headers, "/data/persons/time-spents/year-table") == {}
    for part in ("", "/2024-12-30", "/day/2024/12/30", "/week/2025/1", "/month/2024/12", "/year/2024"):
        await get(client, headers, path(show) + part, status=403)
    own = f"/data/persons/{headers.person.id}/time-spents/year/2024"
    assert await get(client, headers, own) == []


async def test_a_manager_sees_the_hours_on_productions_that_they_run(client, as_role, show, make):
    elsewhere = await make(factories.project())
    inside, outside = await as_role("manager", on=show.project), await as_role("manager", on=elsewhere)
    assert len(await get(client, inside, path(show))) == 4
    assert await get(client, outside, path(show)) == []
    assert await get(client, outside, "/data/persons/time-spents/year-table") == {}
    await get(client, await as_role("manager"), path(show), status=403)


async def test_departments_narrow_a_supervisor(client, as_role, show, make):
    modeling, animation = await make(factories.department(), factories.department())
    await make(DepartmentLink(person_id=show.artist.id, department_id=modeling.id))
    free = await as_role("supervisor", on=show.project)
    same, other = await as_role("supervisor", on=show.project), await as_role("supervisor", on=show.project)
    await make(
        DepartmentLink(person_id=same.person.id, department_id=modeling.id),
        DepartmentLink(person_id=other.person.id, department_id=animation.id),
    )
    for headers in (free, same):
        assert len(await get(client, headers, path(show))) == 4
        assert set(await get(client, headers, "/data/persons/time-spents/year-table")) == {"2024", "2025"}
    await get(client, other, path(show), status=403)
    assert await get(client, other, "/data/persons/time-spents/year-table") == {}


async def test_a_role_held_on_a_production_counts_there(client, as_role, show):
    promoted = await as_role("user", on=show.project, role_on="manager")
    demoted = await as_role("manager", on=show.project, role_on="user")
    assert len(await get(client, promoted, path(show))) == 4
    await get(client, demoted, path(show), status=403)


async def test_hours_of_nobody_are_not_found(client, as_role):
    headers = await as_role("admin")
    await get(client, headers, f"/data/persons/{uuid4()}/time-spents", status=404)
    await get(client, headers, f"/data/persons/{uuid4()}/time-spents/year/2024", status=404)


async def test_listings_take_a_constant_number_of_statements(client, as_role, show, count_statements):
    headers = await as_role("manager", on=show.project)
    for url in (path(show, "year", 2024), path(show), "/data/persons/time-spents/year-table"):
        with count_statements() as statements:
            await get(client, headers, url)
        assert statements.count <= 3


async def test_new_hours_move_the_last_presence_forward_only(client, as_role, show, session):
    headers = await as_role("manager", on=show.project)
    for day in ("2026-03-04", "2026-03-02"):
        url = f"/actions/tasks/{show.asset_task.id}/time-spents/{day}/persons/{show.artist.id}"
        assert (await client.post(url, json={"duration": 60}, headers=headers)).status_code == 201
    person = await get(client, await as_role("admin"), f"/data/persons/{show.artist.id}")
    assert person["last_presence"] == "2026-03-04"


async def _sheet(client, headers, path: str, name: str) -> list[list[str]]:
    answer = await client.get(f"/export/csv/time-spents/{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == f"attachment; filename={name}.csv"
    return [line.split(";") for line in answer.text.splitlines()]


async def test_each_table_has_a_sheet_with_a_column_for_each_part_of_the_period(client, as_role, show):
    headers, who = await as_role("admin"), f"{show.artist.first_name} {show.artist.last_name}"
    years = await _sheet(client, headers, "year-table.csv", "kitsu_time_year_table")
    assert years == [["Person", "2024", "2025", "Total"], [who, "210", "240", "450"]]
    months = await _sheet(client, headers, "month-table/2024.csv", "kitsu_time_month_table_2024")
    assert months[0] == ["Person", *map(str, range(1, 13)), "Total"]
    assert months[1] == [who, *["0"] * 11, "210", "210"]
    weeks = await _sheet(client, headers, "week-table/2026.csv", "kitsu_time_week_table_2026")
    assert weeks == [["Person", *map(str, range(1, 54)), "Total"]]
    days = await _sheet(client, headers, "day-table/2024/12.csv", "kitsu_time_day_table_2024_12")
    assert len(days[0]) == 33
    assert days[1][-3:] == ["60", "150", "210"]


async def test_sheets_of_time_show_an_artist_their_own_and_refuse_months_that_there_are_not(
    client, sign_in, as_role, make, show
):
    other = await make(factories.person(first_name="Zoe"))
    await make(factories.time_spent(show.shot_task, other, date=date(2024, 12, 30), duration=15.5))
    everybody = await _sheet(
        client, await as_role("admin"), "day-table/2024/12.csv", "kitsu_time_day_table_2024_12"
    )
    assert [(row[0].split()[0], row[-1]) for row in everybody[1:]] == [
        (show.artist.first_name, "210"),
        ("Zoe", "15.5"),
    ]
    own = await _sheet(client, sign_in(other), "day-table/2024/12.csv", "kitsu_time_day_table_2024_12")
    assert len(own) == 2
    assert own[1][-1] == "15.5"
    answer = await client.get("/export/csv/time-spents/day-table/2024/13.csv", headers=sign_in(other))
    assert answer.status_code == 400
