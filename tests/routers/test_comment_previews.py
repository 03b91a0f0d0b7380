"""Previews that are hung on comments."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from kitsu_api.db.models import CommentPreviewLink, PreviewFile
from tests import factories


@pytest.fixture
async def show(make):
    rows = factories.production()
    await make(*rows)
    return rows


async def test_revisions_follow_each_other_and_none_comes_twice(client, as_role, make, show):
    comment = await make(factories.comment(show.task, show.person))
    headers = await as_role("manager", on=show.project)
    path = f"/actions/tasks/{show.task.id}/comments/{comment.id}/add-preview"
    first = await client.post(path, json={}, headers=headers)
    assert (first.status_code, first.json()["revision"]) == (201, 1), first.text
    assert first.json()["comments"] == [str(comment.id)]
    assert (await client.post(path, json={}, headers=headers)).json()["revision"] == 2
    assert (await client.post(path, json={"revision": 2}, headers=headers)).status_code == 400


async def test_clients_add_no_previews_and_other_tasks_comments_are_not_found(client, as_role, make, show):
    comment = await make(factories.comment(show.task, show.person))
    other = factories.production()
    await make(*other)
    headers = await as_role("client", on=show.project)
    path = f"/actions/tasks/{show.task.id}/comments/{comment.id}/add-preview"
    assert (await client.post(path, json={}, headers=headers)).status_code == 403
    headers = await as_role("admin", on=show.project)
    path = f"/actions/tasks/{other.task.id}/comments/{comment.id}/add-preview"
    assert (await client.post(path, json={}, headers=headers)).status_code == 404


@pytest.mark.parametrize(
    ("role", "assigned", "status"),
    [("user", True, 201), ("user", False, 403), ("vendor", True, 201), ("supervisor", False, 201)],
)
async def test_who_may_comment_on_a_task_adds_previews(client, as_role, make, show, role, assigned, status):
    boss = await as_role("manager", on=show.project)
    comment = await make(factories.comment(show.task, boss.person))
    person = await as_role(role, on=show.project)
    if assigned:
        await make(factories.assignation(show.task, person.person))
    base = f"/actions/tasks/{show.task.id}/comments/{comment.id}"
    assert (await client.post(f"{base}/add-preview", json={}, headers=person)).status_code == status
    first = (await client.post(f"{base}/add-preview", json={}, headers=boss)).json()
    more = await client.post(f"{base}/preview-files/{first['id']}", json={}, headers=person)
    assert more.status_code == status


async def test_more_previews_of_a_revision_stand_after_each_other(client, as_role, make, show):
    comment = await make(factories.comment(show.task, show.person))
    headers = await as_role("manager", on=show.project)
    base = f"/actions/tasks/{show.task.id}/comments/{comment.id}"
    first = (await client.post(f"{base}/add-preview", json={}, headers=headers)).json()
    for position in (2, 3):
        answer = await client.post(f"{base}/preview-files/{first['id']}", json={}, headers=headers)
        assert answer.status_code == 201, answer.text
        assert (answer.json()["revision"], answer.json()["position"]) == (1, position)
    unknown = await client.post(f"{base}/preview-files/{comment.id}", json={}, headers=headers)
    assert unknown.status_code == 404


async def test_a_production_may_have_one_preview_a_revision(client, as_role, make):
    show = factories.production(is_single_preview_per_revision=True)
    await make(*show)
    comment = await make(factories.comment(show.task, show.person))
    headers = await as_role("manager", on=show.project)
    base = f"/actions/tasks/{show.task.id}/comments/{comment.id}"
    first = (await client.post(f"{base}/add-preview", json={}, headers=headers)).json()
    answer = await client.post(f"{base}/preview-files/{first['id']}", json={}, headers=headers)
    assert answer.status_code == 400


async def test_a_preview_that_hangs_on_two_comments_stays_on_the_other(client, as_role, make, session, show):
    here, there = factories.comment(show.task, show.person), factories.comment(show.task, show.person)
    shared, own = (
        factories.preview_file(show.task, show.person, revision=1),
        factories.preview_file(show.task, show.person, revision=2),
    )
    await make(here, there, shared, own)
    for comment, preview in ((here, shared), (there, shared), (here, own)):
        await make(CommentPreviewLink(comment=comment.id, preview_file=preview.id))
    headers = await as_role("manager", on=show.project)
    base = f"/actions/tasks/{show.task.id}/comments"
    for preview in (shared, own):
        path = f"{base}/{here.id}/preview-files/{preview.id}"
        assert (await client.delete(path, headers=headers)).status_code == 204
    assert (await session.scalars(select(PreviewFile.id))).all() == [shared.id]
    query = select(CommentPreviewLink.comment, CommentPreviewLink.preview_file)
    assert (await session.execute(query)).all() == [(there.id, shared.id)]
    again = await client.delete(f"{base}/{here.id}/preview-files/{shared.id}", headers=headers)
    assert again.status_code == 404
    await make(CommentPreviewLink(comment=here.id, preview_file=shared.id))
    forced = f"{base}/{here.id}/preview-files/{shared.id}?force=true"
    assert (await client.delete(forced, headers=headers)).status_code == 204
    assert (await session.scalars(select(PreviewFile.id))).all() == []


@pytest.mark.parametrize(("role", "status"), [("manager", 204), ("user", 403), ("client", 403)])
async def test_who_takes_previews_off_comments_of_others(client, as_role, make, show, role, status):
    comment = factories.comment(show.task, show.person)
    preview = factories.preview_file(show.task, show.person)
    await make(comment, preview)
    await make(CommentPreviewLink(comment=comment.id, preview_file=preview.id))
    path = f"/actions/tasks/{show.task.id}/comments/{comment.id}/preview-files/{preview.id}"
    headers = await as_role(role, on=show.project)
    assert (await client.delete(path, headers=headers)).status_code == status
