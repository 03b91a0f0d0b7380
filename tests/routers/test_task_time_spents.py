"""Time that people spend on a task: who notes it, and the sum that the task keeps."""

from __future__ import annotations

import datetime as dt

import pytest

from kitsu_api.db.models import DayOff
from tests import factories


@pytest.fixture
async def show(make):
    rows = factories.production()
    await make(*rows)
    return rows


async def test_the_task_keeps_the_sum_of_its_time_spents(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    task = f"/actions/tasks/{show.task.id}/time-spents"
    day = f"{task}/2026-03-03/persons/{show.person.id}"
    assert (await client.post(day, json={"duration": 60}, headers=headers)).status_code == 201
    added = await client.post(f"{day}/add", json={"duration": 30}, headers=headers)
    assert added.json()["duration"] == 90
    listed = (await client.get(task, headers=headers)).json()
    assert listed["total"] == 90
    assert len(listed[str(show.person.id)]) == 1
    row = (await client.get(f"/data/tasks/{show.task.id}", headers=headers)).json()
    assert row["duration"] == 90
    gone = await client.delete(day, headers=headers)
    assert (gone.status_code, gone.json()["duration"]) == (201, 0)
    assert (await client.get(f"/data/tasks/{show.task.id}", headers=headers)).json()["duration"] == 0


async def test_an_artist_notes_nobody_elses_time(client, as_role, show):
    headers = await as_role("user", on=show.project)
    path = f"/actions/tasks/{show.task.id}/time-spents/2026-03-03/persons/{show.person.id}"
    assert (await client.post(path, json={"duration": 60}, headers=headers)).status_code == 403


@pytest.mark.parametrize(("date", "minutes"), [("2026-13-01", 60), ("someday", 60), ("2026-03-03", 0)])
async def test_impossible_days_and_durations_are_refused(client, as_role, show, date, minutes):
    headers = await as_role("manager", on=show.project)
    path = f"/actions/tasks/{show.task.id}/time-spents/{date}/persons/{show.person.id}"
    assert (await client.post(path, json={"duration": minutes}, headers=headers)).status_code == 400


async def test_time_is_noted_on_tasks_that_the_person_is_assigned_to(client, as_role, make, show):
    artist = await as_role("user", on=show.project)
    path = f"/actions/tasks/{show.task.id}/time-spents/2026-03-02/persons/{artist.person.id}"
    for headers in (artist, await as_role("admin")):
        assert (await client.post(path, json={"duration": 60}, headers=headers)).status_code == 403
    await make(factories.assignation(show.task, artist.person))
    assert (await client.post(path, json={"duration": 60}, headers=artist)).status_code == 201


@pytest.mark.parametrize(
    ("role", "status"), [("user", 403), ("supervisor", 403), ("manager", 201), ("admin", 201)]
)
async def test_past_weeks_are_closed_once_timesheets_are_locked(client, as_role, make, show, role, status):
    person = await as_role(role, on=show.project)
    await make(factories.assignation(show.task, person.person))
    today = dt.datetime.now(dt.UTC).date()
    base = f"/actions/tasks/{show.task.id}/time-spents"
    old, new = (f"{base}/{today - dt.timedelta(days=days)}/persons/{person.person.id}" for days in (8, -1))
    assert (await client.post(old, json={"duration": 60}, headers=person)).status_code == 201
    await make(factories.organisation(timesheets_locked=True))
    assert (await client.post(new, json={"duration": 60}, headers=person)).status_code == 201
    for path in (old, f"{old}/add"):
        assert (await client.post(path, json={"duration": 90}, headers=person)).status_code == status
    register = f"/data/time-spents?task_id={show.task.id}&date={today - dt.timedelta(days=8)}"
    [row] = (await client.get(register, headers=person)).json()
    one = f"/data/time-spents/{row['id']}"
    changed = 200 if status == 201 else 403
    assert (await client.put(one, json={"duration": 30}, headers=person)).status_code == changed
    if status == 403:
        assert (await client.delete(one, headers=person)).status_code == 403
    assert (await client.delete(old, headers=person)).status_code == status


async def test_the_register_notes_no_time_that_may_not_be_noted(client, as_role, make, show):
    artist = await as_role("user", on=show.project)
    body = {"person_id": str(artist.person.id), "task_id": str(show.task.id), "duration": 60}
    work, off = {**body, "date": "2026-03-02"}, {**body, "date": "2026-03-03"}
    assert (await client.post("/data/time-spents", json=work, headers=artist)).status_code == 403
    await make(factories.assignation(show.task, artist.person))
    day = dt.date(2026, 3, 3)
    await make(DayOff(person_id=artist.person.id, date=day, end_date=day))
    assert (await client.post("/data/time-spents", json=off, headers=artist)).status_code == 403
    made = await client.post("/data/time-spents", json=work, headers=artist)
    assert made.status_code == 201, made.text
    one = f"/data/time-spents/{made.json()['id']}"
    assert (await client.put(one, json={"date": "2026-03-03"}, headers=artist)).status_code == 403
    assert (await client.put(one, json={"date": "2026-03-04"}, headers=artist)).status_code == 200
    for minutes in (0, -30):
        assert (await client.put(one, json={"duration": minutes}, headers=artist)).status_code == 400
        none = work | {"duration": minutes}
        assert (await client.post("/data/time-spents", json=none, headers=artist)).status_code == 400
