"""Tasks that are made and deleted in bulk."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import Comment, News, Notification, PreviewFile, Subscription, Task, TimeSpent
from tests import factories


@pytest.fixture
async def show(make):
    rows = factories.production()
    await make(*rows)
    return rows


async def test_each_entity_gets_one_task_of_a_type(client, as_role, make, show):
    kind = await make(factories.task_type())
    headers = await as_role("manager", on=show.project)
    path = f"/actions/projects/{show.project.id}/task-types/{kind.id}/assets/create-tasks"
    first = await client.post(path, json=[str(show.entity.id)], headers=headers)
    assert first.status_code == 201, first.text
    assert [row["entity_id"] for row in first.json()] == [str(show.entity.id)]
    again = await client.post(path, json={}, headers=headers)
    assert (again.status_code, again.json()) == (201, [])


async def test_only_who_runs_the_production_makes_tasks(client, as_role, make, show):
    kind = await make(factories.task_type())
    path = f"/actions/projects/{show.project.id}/task-types/{kind.id}/assets/create-tasks"
    for role in ("supervisor", "user", "client", "vendor"):
        headers = await as_role(role, on=show.project)
        assert (await client.post(path, json=[], headers=headers)).status_code == 403


async def test_tasks_go_with_all_that_hangs_on_them(client, as_role, make, session, show):
    artist = show.person
    comment = await make(factories.comment(show.task, artist))
    await make(
        factories.preview_file(show.task, artist),
        factories.news(show.task, artist, comment_id=comment.id),
        factories.notification(artist, show.task, comment_id=comment.id),
        factories.subscription(artist, show.task),
        factories.time_spent(show.task, artist),
    )
    headers = await as_role("manager", on=show.project)
    path = f"/actions/projects/{show.project.id}/delete-tasks"
    answer = await client.post(path, json=[str(show.task.id)], headers=headers)
    assert answer.json() == [str(show.task.id)], answer.text
    for model, column in (
        (Task, Task.id),
        (Comment, Comment.object_id),
        (PreviewFile, PreviewFile.task_id),
        (News, News.task_id),
        (Notification, Notification.task_id),
        (Subscription, Subscription.task_id),
        (TimeSpent, TimeSpent.task_id),
    ):
        query = select(func.count()).select_from(model).where(column == show.task.id)
        assert await session.scalar(query) == 0, model


async def test_tasks_of_another_production_are_not_deleted(client, as_role, make, session, show):
    other = factories.production()
    await make(*other)
    headers = await as_role("manager", on=show.project)
    path = f"/actions/projects/{show.project.id}/delete-tasks"
    assert (await client.post(path, json=[str(other.task.id)], headers=headers)).json() == []
    assert await session.scalar(select(func.count()).where(Task.id == other.task.id)) == 1
