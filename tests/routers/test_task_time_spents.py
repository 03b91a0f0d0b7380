"""Time that people spend on a task: who notes it, and the sum that the task keeps."""

from __future__ import annotations

import pytest

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
