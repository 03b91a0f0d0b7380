"""Revisions that automations have tasks take over from others."""

from __future__ import annotations

import pytest
from arq import Retry
from sqlalchemy import delete, select

from kitsu_api.db import models as m
from kitsu_api.services.status_changes import IMPORT_JOB
from kitsu_api.workers.register import FUNCTIONS
from tests import factories, previews
from tests.previews import upload, waiting

FILES = {"original", "previews", "thumbnails", "thumbnails-square"}


@pytest.fixture
async def desk(make, as_role):
    return await previews.open_desk(make, as_role)


@pytest.fixture
async def following(make, desk):
    """The task that is to take the revision over, when the other is done."""
    kind, done = factories.task_type(), factories.task_status(is_done=True)
    wip = factories.task_status(is_wip=True)
    await make(kind, done, wip)
    task = await make(factories.task(desk.rows.entity, kind, desk.rows.task_status))
    automation = await make(
        m.StatusAutomation(
            entity_type="asset",
            in_task_type_id=desk.task.task_type_id,
            in_task_status_id=done.id,
            out_field_type="status",
            out_task_type_id=kind.id,
            out_task_status_id=wip.id,
            import_last_revision=True,
        )
    )
    ids = {"project_id": desk.project.id, "status_automation_id": automation.id}
    await make(m.ProjectStatusAutomationLink(**ids))
    return task, done, wip


@pytest.fixture
def finish(app, client, desk, following):
    """`await finish()`: say that the first task is done; what a worker is to do then."""
    sent = []

    class Queue:
        async def deliver(self, message):
            sent.extend(message.jobs if message is not None else ())

    async def say() -> list[dict]:
        app.state.outbox = Queue()
        path, body = f"/actions/tasks/{desk.task.id}/comment", {"task_status_id": str(following[1].id)}
        assert (await client.post(path, json=body, headers=desk.manager)).status_code == 201
        return [job["arguments"] for job in sent if job["name"] == IMPORT_JOB]

    return say


async def taken_over(session, task) -> list[m.PreviewFile]:
    query = select(m.PreviewFile).where(m.PreviewFile.task_id == task.id).order_by(m.PreviewFile.position)
    return list(await session.scalars(query))


async def test_a_task_takes_over_the_newest_revision_with_its_files(
    client, app, make, desk, following, finish, session
):
    task, _, wip = following
    await make(factories.preview_file(task, desk.rows.person, revision=3))
    for revision, position, colour in ((1, 1, "red"), (2, 1, "teal"), (2, 2, "green")):
        preview = await waiting(make, desk, revision=revision, position=position)
        content = previews.png(colour=colour)
        assert (await upload(client, desk.artist, preview, "take.png", content)).status_code == 201
    [wanted] = await finish()
    for _ in range(2):  # tried again it makes no second
        await FUNCTIONS["media"][IMPORT_JOB]({"job": app.state.jobs}, **wanted)
    first, second = [row for row in await taken_over(session, task) if row.revision != 3]
    assert [(row.revision, row.position, row.status) for row in (first, second)] == [
        (4, 1, "ready"),
        (4, 2, "ready"),
    ]
    assert (first.original_name, first.width, first.extension) == ("take", 64, "png")
    kept = await session.scalars(select(m.StoredFile.prefix).where(m.StoredFile.file_id == str(first.id)))
    assert set(kept) >= FILES
    originals = [f"/pictures/originals/preview-files/{id}.png" for id in (second.id, preview.id)]
    copy, original = [await client.get(path, headers=desk.artist) for path in originals]
    assert (copy.status_code, copy.content) == (200, original.content)
    path = f"/data/tasks/{task.id}/comments"
    [comment] = (await client.get(path, headers=desk.manager)).json()
    assert [each["id"] for each in comment["previews"]] == [str(first.id), str(second.id)]
    assert comment["person_id"] == str(desk.manager.person.id)
    assert comment["task_status_id"] == str(wip.id)
    found = await session.get(m.Task, task.id, populate_existing=True)
    assert (found.last_preview_file_id, found.task_status_id) == (first.id, wip.id)


async def test_a_revision_whose_movie_is_still_made_is_waited_for(
    client, app, make, desk, following, finish, session
):
    preview = await waiting(make, desk, revision=1)
    await upload(client, desk.artist, preview, "take.png", previews.png())
    unfinished = await waiting(make, desk, revision=2)
    [wanted] = await finish()
    job = FUNCTIONS["media"][IMPORT_JOB]
    with pytest.raises(Retry):
        await job({"job": app.state.jobs, "job_try": 1}, **wanted)
    await upload(client, desk.artist, unfinished, "take.png", previews.png(colour="red"))
    await job({"job": app.state.jobs, "job_try": 2}, **wanted)
    [row] = await taken_over(session, following[0])
    assert (row.revision, row.status) == (1, "ready")
    originals = [f"/pictures/originals/preview-files/{id}.png" for id in (row.id, unfinished.id)]
    copy, original = [await client.get(path, headers=desk.artist) for path in originals]
    assert copy.content == original.content


async def test_a_task_without_previews_gives_none(app, desk, following, finish, session):
    [wanted] = await finish()
    await FUNCTIONS["media"][IMPORT_JOB]({"job": app.state.jobs}, **wanted)
    assert await taken_over(session, following[0]) == []
    said = select(m.Comment.id).where(m.Comment.object_id == following[0].id)
    assert (await session.scalars(said)).all() == []


async def test_nothing_stays_in_storage_for_a_task_that_is_gone(
    client, app, make, desk, following, finish, session, settings
):
    preview = await waiting(make, desk)
    await upload(client, desk.artist, preview, "take.png", previews.png())
    [wanted] = await finish()
    before = {path for path in settings.previews.rglob("*") if path.is_file()}
    await session.execute(delete(m.Task).where(m.Task.id == following[0].id))
    await session.commit()
    await FUNCTIONS["media"][IMPORT_JOB]({"job": app.state.jobs}, **wanted)
    assert {path for path in settings.previews.rglob("*") if path.is_file()} == before


async def test_an_automation_without_that_wish_asks_for_nothing(desk, following, finish, session):
    for automation in await session.scalars(select(m.StatusAutomation)):
        automation.import_last_revision = False
    await session.commit()
    assert await finish() == []
