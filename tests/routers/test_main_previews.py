"""Pictures of entities, and previews that move or go."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from kitsu_api.db import models as m
from tests import factories


@pytest.fixture
async def show(make):
    rows = factories.production()
    await make(*rows)
    return rows


async def test_the_newest_preview_becomes_the_picture_of_the_entity(client, as_role, make, session, show):
    await make(factories.preview_file(show.task, show.person, revision=1))
    newest = factories.preview_file(show.task, show.person, revision=2)
    extra = factories.preview_file(show.task, show.person, revision=2, position=2)
    await make(newest, extra)
    headers = await as_role("supervisor", on=show.project)
    answer = await client.put(f"/actions/tasks/{show.task.id}/set-main-preview", json={}, headers=headers)
    assert answer.status_code == 200, answer.text
    entity = answer.json()
    assert (entity["id"], entity["preview_file_id"]) == (str(show.entity.id), str(newest.id))
    assert (entity["type"], entity["preview_file_status"]) == ("Entity", "ready")
    query = select(m.ApiEvent.name).where(m.ApiEvent.project_id == show.project.id)
    assert set((await session.scalars(query)).all()) == {"preview-file:set-main", "asset:update"}


async def test_a_task_without_preview_gives_no_picture(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    path = f"/actions/tasks/{show.task.id}/set-main-preview"
    assert (await client.put(path, json={}, headers=headers)).status_code == 400
    body = {"task_ids": [str(show.task.id)]}
    answer = await client.put("/actions/tasks/set-main-preview", json=body, headers=headers)
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(
    ("role", "role_on", "assigned", "status"),
    [
        ("admin", None, False, 200),
        ("user", None, False, 200),
        ("user", "client", False, 403),
        ("client", None, False, 403),
        ("vendor", None, False, 403),
        ("vendor", None, True, 200),
    ],
)
async def test_who_sets_pictures(client, as_role, make, show, role, role_on, assigned, status):
    await make(factories.preview_file(show.task, show.person))
    headers = await as_role(role, on=show.project, role_on=role_on)
    if assigned:
        await make(factories.assignation(show.task, headers.person))
    body = {"task_ids": [str(show.task.id)]}
    answer = await client.put("/actions/tasks/set-main-preview", json=body, headers=headers)
    assert answer.status_code == status
    path = f"/actions/tasks/{show.task.id}/set-main-preview"
    assert (await client.put(path, json={}, headers=headers)).status_code == status


async def test_pictures_of_other_productions_are_out_of_reach(client, as_role, make, show):
    await make(factories.preview_file(show.task, show.person))
    body = {"task_ids": [str(show.task.id)]}
    headers = await as_role("manager")
    answer = await client.put("/actions/tasks/set-main-preview", json=body, headers=headers)
    assert answer.status_code == 403


async def test_many_pictures_take_as_many_statements_as_one(client, as_role, make, count_statements, show):
    tasks = [show.task]
    for _ in range(3):
        entity = await make(factories.entity(show.project, show.entity_type))
        tasks.append(await make(factories.task(entity, show.task_type, show.task_status)))
    for task in tasks:
        await make(factories.preview_file(task, show.person))
    headers = await as_role("manager", on=show.project)
    counts = []
    for chosen in (tasks[:1], tasks[:1], tasks):
        with count_statements() as statements:
            body = {"task_ids": [str(task.id) for task in chosen]}
            answer = await client.put("/actions/tasks/set-main-preview", json=body, headers=headers)
        assert [row["id"] for row in answer.json()] == [str(task.entity_id) for task in chosen]
        counts.append(statements.count)
    assert counts[1] == counts[2]


async def test_a_revision_moves_whole_to_a_free_number(client, as_role, make, session, show):
    first = factories.preview_file(show.task, show.person, revision=1)
    extra = factories.preview_file(show.task, show.person, revision=1, position=2)
    other = factories.preview_file(show.task, show.person, revision=2)
    await make(first, extra, other)
    headers = await as_role("manager", on=show.project)
    path = f"/data/preview-files/{first.id}"
    for taken in (2, -1):
        assert (await client.put(path, json={"revision": taken}, headers=headers)).status_code == 400
    answer = await client.put(path, json={"revision": 5}, headers=headers)
    assert (answer.status_code, answer.json()["revision"]) == (200, 5)
    query = select(m.PreviewFile.id, m.PreviewFile.revision)
    assert dict((await session.execute(query)).all()) == {first.id: 5, extra.id: 5, other.id: 2}


async def test_what_showed_a_preview_that_goes_shows_the_newest_of_the_others(
    client, as_role, make, session, show
):
    old = factories.preview_file(show.task, show.person, revision=1)
    gone = factories.preview_file(show.task, show.person, revision=2)
    extra = factories.preview_file(show.task, show.person, revision=2, position=2)
    comment = factories.comment(show.task, show.person)
    await make(old, gone, extra, comment)
    news = factories.news(show.task, show.person, comment_id=comment.id, preview_file_id=gone.id)
    await make(news, m.CommentPreviewLink(comment=comment.id, preview_file=gone.id))
    show.task.last_preview_file_id = show.entity.preview_file_id = gone.id
    await make(show.task, show.entity)
    headers = await as_role("admin")
    answer = await client.delete(f"/data/preview-files/{gone.id}", headers=headers)
    assert answer.status_code == 204, answer.text
    assert await session.scalar(select(m.Task.last_preview_file_id)) == extra.id
    assert await session.scalar(select(m.Entity.preview_file_id)) == extra.id
    assert await session.scalar(select(m.News.preview_file_id)) is None
    query = select(m.PreviewFile.id, m.PreviewFile.position)
    assert dict((await session.execute(query)).all()) == {old.id: 1, extra.id: 1}
    query = select(m.StoredFile.prefix).where(m.StoredFile.deleted_at.is_not(None))
    assert set((await session.scalars(query)).all()) == {
        "previews",
        "original",
        "thumbnails",
        "thumbnails-square",
    }


async def test_an_entity_loses_its_picture_with_the_last_preview(client, as_role, make, session, show):
    only = await make(factories.preview_file(show.task, show.person, extension="mp4"))
    show.entity.preview_file_id = only.id
    await make(show.entity)
    headers = await as_role("admin")
    assert (await client.delete(f"/data/preview-files/{only.id}", headers=headers)).status_code == 204
    assert await session.scalar(select(m.Entity.preview_file_id)) is None
    query = select(m.StoredFile.bucket, m.StoredFile.prefix)
    assert ("movies", "lowdef") in (await session.execute(query)).all()
