"""What follows when a task changes or goes."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from kitsu_api.db import models as m
from tests import factories


@pytest.fixture
async def show(make):
    rows = factories.production()
    await make(*rows)
    return rows


async def _set(client, headers, task, status, **more):
    body = {"task_status_id": str(status.id), **more}
    answer = await client.put(f"/data/tasks/{task.id}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_dates_and_retakes_follow_the_status(client, as_role, make, show):
    wip, review = factories.task_status(is_wip=True), factories.task_status(is_feedback_request=True)
    retake, done = factories.task_status(is_retake=True), factories.task_status(is_done=True)
    await make(wip, review, retake, done)
    headers = await as_role("manager", on=show.project)
    begun = await _set(client, headers, show.task, wip)
    assert begun["real_start_date"] is not None
    assert (begun["end_date"], begun["done_date"]) == (None, None)
    shown = await _set(client, headers, show.task, review)
    assert shown["end_date"] is not None
    assert shown["done_date"] is None
    back = await _set(client, headers, show.task, retake)
    assert (back["end_date"], back["retake_count"]) == (None, 1)
    assert (await _set(client, headers, show.task, retake))["retake_count"] == 1
    again = await _set(client, headers, show.task, wip)
    assert again["real_start_date"] == begun["real_start_date"]
    ended = await _set(client, headers, show.task, done)
    assert ended["end_date"] is not None
    assert ended["done_date"] is not None
    assert ended["retake_count"] == 1
    assert (await _set(client, headers, show.task, wip))["done_date"] is None


async def test_whom_a_change_assigns_joins_the_team_and_bots_only_where_they_work(
    client, as_role, make, show, session
):
    headers, path = await as_role("manager", on=show.project), f"/data/tasks/{show.task.id}"
    person, bot = await make(factories.person(), factories.bot())
    refused = {"assignees": [str(person.id), str(bot.id)]}
    assert (await client.put(path, json=refused, headers=headers)).status_code == 403
    answer = await client.put(path, json={"assignees": [str(person.id)]}, headers=headers)
    assert answer.status_code == 200, answer.text
    link = m.ProjectPersonLink
    team = select(link.person_id).where(link.project_id == show.project.id)
    assert person.id in set(await session.scalars(team))
    events = select(m.ApiEvent.name).where(m.ApiEvent.name == "project:update")
    assert len((await session.scalars(events)).all()) == 1
    (await session.get(m.Project, show.project.id)).is_bot_collaboration_enabled = True
    await session.commit()
    assert (await client.put(path, json=refused, headers=headers)).status_code == 200


async def test_dates_that_are_sent_along_stay(client, as_role, make, show):
    done = await make(factories.task_status(is_done=True))
    headers = await as_role("manager", on=show.project)
    changed = await _set(client, headers, show.task, done, done_date="2026-03-04T10:00:00")
    assert changed["done_date"] == "2026-03-04T10:00:00"


async def test_done_work_ended_when_it_was_handed_in(client, as_role, make, show):
    review = factories.task_status(is_feedback_request=True)
    done = factories.task_status(is_done=True)
    await make(review, done)
    headers = await as_role("manager", on=show.project)
    await _set(client, headers, show.task, review, end_date="2026-03-04T10:00:00")
    ended = await _set(client, headers, show.task, done)
    assert ended["end_date"] == "2026-03-04T10:00:00"
    assert ended["done_date"] > ended["end_date"]


async def test_a_new_status_is_told_of_and_the_same_is_not(client, as_role, make, session, show):
    wip = await make(factories.task_status(is_wip=True))
    headers = await as_role("manager", on=show.project)
    for _ in range(2):
        await _set(client, headers, show.task, wip)
    query = select(m.ApiEvent.data).where(m.ApiEvent.name == "task:status-changed")
    (data,) = (await session.scalars(query)).all()
    assert data["previous_task_status_id"] == str(show.task_status.id)
    assert data["new_task_status_id"] == str(wip.id)


async def test_a_task_with_comments_goes_only_by_force(client, as_role, make, session, show):
    comment = factories.comment(show.task, show.person)
    await make(comment, factories.preview_file(show.task, show.person))
    await make(factories.time_spent(show.task, show.person))
    headers = await as_role("manager", on=show.project)
    path = f"/data/tasks/{show.task.id}"
    assert (await client.delete(path, headers=headers)).status_code == 400
    assert (await client.delete(f"{path}?force=true", headers=headers)).status_code == 204
    for model in (m.Task, m.Comment, m.PreviewFile, m.TimeSpent, m.TaskPersonLink):
        assert await session.scalar(select(func.count()).select_from(model)) == 0
    query = select(func.count()).select_from(m.ApiEvent).where(m.ApiEvent.name == "task:delete")
    assert await session.scalar(query) == 1


async def test_a_task_that_nothing_hangs_on_goes_at_once(client, as_role, session, show):
    headers = await as_role("manager", on=show.project)
    assert (await client.delete(f"/data/tasks/{show.task.id}", headers=headers)).status_code == 204
    assert await session.scalar(select(func.count()).select_from(m.Task)) == 0


async def test_pages_of_tasks_hold_each_task_once_and_its_people(client, as_role, make, show):
    for _ in range(4):
        entity = await make(factories.entity(show.project, show.entity_type))
        await make(factories.task(entity, show.task_type, show.task_status))
    headers = await as_role("manager", on=show.project)
    found, people = [], []
    for page in (1, 2, 3):
        path = f"/data/projects/{show.project.id}/tasks?page={page}&limit=2"
        answer = (await client.get(path, headers=headers)).json()
        assert (answer["total"], answer["nb_pages"]) == (5, 3)
        found += [row["id"] for row in answer["data"]]
        people += [id for row in answer["data"] for id in row["assignees"]]
    assert len(set(found)) == len(found) == 5
    assert people == [str(show.person.id)]
    empty = await client.get(f"/data/projects/{show.project.id}/tasks?page=0", headers=headers)
    assert empty.json()["data"] == []
