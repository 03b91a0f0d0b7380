"""Previews that come with batches of comments."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import Comment, PreviewFile, StoredFile, Task, TrackedJob
from tests import factories, previews


@pytest.fixture
async def desk(make, as_role):
    return await previews.open_desk(make, as_role)


def wish(desk, **more):
    return {"task_id": str(desk.task.id), "task_status_id": str(desk.rows.task_status.id), **more}


async def post(client, who, path, wishes, files):
    form = {"comments": json.dumps(wishes)}
    return await client.post(path, data=form, files=files, headers=who)


@pytest.mark.parametrize("several", [True, False])
async def test_comments_come_with_their_previews(client, desk, session, several):
    path = "/actions/tasks/batch-comment" if several else f"/actions/tasks/{desk.task.id}/batch-comment"
    files = {
        "preview_file-0": ("a.png", previews.png()),
        "preview_file-0-1": ("b.png", previews.png()),
        "preview_file-1": ("take.mp4", previews.movie()),
        "attachment_file-1": ("notes.txt", b"hello"),
    }
    answer = await post(client, desk.artist, path, [wish(desk, text="one"), wish(desk, text="two")], files)
    assert answer.status_code == 201, answer.text
    first, second = answer.json()
    shown = [
        [(one["revision"], one["position"], one["extension"], one["status"]) for one in each["preview_files"]]
        for each in (first, second)
    ]
    assert shown == [[(1, 1, "png", "ready"), (1, 2, "png", "ready")], [(2, 1, "mp4", "ready")]]
    assert [one["name"] for one in second["attachment_files"]] == ["notes.txt"]
    task = await session.get(Task, desk.task.id)
    assert str(task.last_preview_file_id) == second["preview_files"][0]["id"]


async def test_movies_of_a_batch_wait_for_a_worker(client, desk, session, configure):
    configure(jobs_inline=False)
    files = {"preview_file-0": ("take.mp4", previews.movie())}
    answer = await post(client, desk.artist, "/actions/tasks/batch-comment", [wish(desk)], files)
    assert answer.json()[0]["preview_files"][0]["status"] == "processing"
    job = await session.scalar(select(TrackedJob))
    assert job.key == answer.json()[0]["preview_files"][0]["id"]


@pytest.mark.parametrize(
    "files",
    [
        {"preview_file-0": ("a.png", b"no picture")},
        {"preview_file-0": ("a.exe", b"MZ")},
        {"preview_file-1": ("a.png", previews.png())},
        {"picture-0": ("a.png", previews.png())},
    ],
)
async def test_a_preview_of_no_use_refuses_the_whole_batch(client, desk, session, settings, files):
    before = await session.scalar(select(func.count()).select_from(Comment))
    answer = await post(client, desk.artist, "/actions/tasks/batch-comment", [wish(desk)], files)
    assert answer.status_code == 400
    assert await session.scalar(select(func.count()).select_from(Comment)) == before
    assert await session.scalar(select(PreviewFile.id)) is None


async def test_when_one_comment_is_refused_no_file_stays_in_storage(client, make, desk, session, settings):
    closed = await make(factories.task_status(is_artist_allowed=False))
    wishes = [wish(desk), {**wish(desk), "task_status_id": str(closed.id)}]
    files = {"preview_file-0": ("a.png", previews.png())}
    answer = await post(client, desk.artist, "/actions/tasks/batch-comment", wishes, files)
    assert answer.status_code == 403
    assert await session.scalar(select(StoredFile.id)) is None
    assert [path for path in settings.previews.rglob("*") if path.is_file()] == []


async def test_clients_comment_without_previews(client, desk, as_role, make):
    who = await as_role("client", on=desk.project)
    open_status = await make(factories.task_status(is_client_allowed=True))
    wishes = [{**wish(desk), "task_status_id": str(open_status.id)}]
    files = {"preview_file-0": ("a.png", previews.png())}
    answer = await post(client, who, "/actions/tasks/batch-comment", wishes, files)
    assert answer.status_code == 403
