"""The job that takes in sheets: watched, cancelled, cut off and begun again, it leaves all or nothing."""

from __future__ import annotations

import asyncio
import io
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db import models as m
from kitsu_api.db.repositories.jobs import Jobs
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.services import jobs
from kitsu_api.services.import_csv import running, submission
from kitsu_api.services.import_csv.plans import Wish
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork
from kitsu_api.workers.register import FUNCTIONS, QUICK
from kitsu_api.workers.tracking import RunningJob
from tests import factories

RUN = FUNCTIONS[QUICK][submission.KIND]


class Quiet:
    """An outbox that lets jobs wait until the test begins them."""

    async def deliver(self, message):
        """Do nothing."""


@pytest.fixture
async def show(make):
    film = factories.project(production_type="short")
    kinds = [factories.entity_type(name=name) for name in ("Shot", "Sequence", "Edit", "Episode")]
    types = [factories.task_type(for_entity="Shot") for _ in range(2)]
    status = factories.task_status(is_default=True)
    links = [m.ProjectTaskTypeLink(project_id=film.id, task_type_id=each.id) for each in types]
    person = factories.person(role="admin")
    await make(film, *kinds, *types, status, person, *links)
    return SimpleNamespace(film=film, person=person)


@pytest.fixture
def submit(app, show, session, monkeypatch):
    """`await submit(lines)`: a job that takes in a sheet of shots, and that waits."""
    monkeypatch.setattr(running, "BATCH", 3)
    context = app.state.jobs

    async def run(*lines: str, **options):
        content = "\n".join(["Sequence,Name", *lines]).encode()
        actor = Actor(show.person.id, Role.ADMIN)
        uow = UnitOfWork(session, Quiet(), actor.id, context.settings)
        wish = Wish("shots", show.film.id, **options)
        return await submission.submit(uow, context.storage, actor, wish, io.BytesIO(content))

    return run


@pytest.fixture
def begin(app):
    async def run(job_id):
        await RUN({"job": app.state.jobs}, job_id=str(job_id))

    return run


async def row(session, job_id):
    session.expire_all()
    return await Jobs(session).find(job_id)


async def count(session, model) -> int:
    return int(await session.scalar(select(func.count()).select_from(model)) or 0)


def stored(app) -> list[object]:
    return [found for found in app.state.settings.previews.glob("files/sheets/**/*") if found.is_file()]


LINES = [f"S0{number // 4},P{number}" for number in range(8)]


async def test_the_job_tells_rows_and_leaves_a_plan(submit, begin, session, app):
    job_id = await submit(*LINES)
    assert (await row(session, job_id)).status == "queued"
    assert len(stored(app)) == 1
    await begin(job_id)
    job = await row(session, job_id)
    assert (job.status, job.done, job.total) == ("succeeded", 8, 8)
    assert (job.result["rows"], job.result["created"]) == (8, 8)
    assert await count(session, m.Task) == 16
    assert stored(app) == []


async def test_a_refused_sheet_says_where_and_leaves_nothing(submit, begin, session, app):
    events = await count(session, m.ApiEvent)
    job_id = await submit(*LINES, "S09,")
    await begin(job_id)
    job = await row(session, job_id)
    assert (job.status, job.error) == (
        "failed",
        "Line 10, column Name: A name is required in the Name column",
    )
    assert (await count(session, m.Entity), await count(session, m.ApiEvent)) == (0, events)
    assert stored(app) == []


async def test_an_import_that_is_cut_off_half_way_begins_anew_and_doubles_nothing(
    submit, begin, session, app, monkeypatch
):
    told, whole = [], RunningJob.progress

    async def cut(job, done, total):
        told.append(done)
        if len(told) == 5:
            raise asyncio.CancelledError
        await whole(job, done, total)

    job_id = await submit(*LINES)
    monkeypatch.setattr(RunningJob, "progress", cut)
    with pytest.raises(asyncio.CancelledError):
        await begin(job_id)
    job = await row(session, job_id)
    assert job.status == "queued"
    assert await count(session, m.Entity) == 0
    assert len(stored(app)) == 1
    await begin(job_id)
    assert (await row(session, job_id)).status == "succeeded"
    assert (await count(session, m.Entity), await count(session, m.Task)) == (10, 16)


async def test_an_import_that_was_committed_is_not_begun_again(submit, begin, session, app, monkeypatch):
    async def cut(storage, *_place):
        raise asyncio.CancelledError

    job_id = await submit(*LINES)
    monkeypatch.setattr(FileStorage, "delete", cut)
    with pytest.raises(asyncio.CancelledError):
        await begin(job_id)
    job = await row(session, job_id)
    assert (job.status, job.result["created"]) == ("succeeded", 8)
    await begin(job_id)  # such as by a message too many
    assert (await row(session, job_id)).attempts == 1
    assert (await count(session, m.Entity), await count(session, m.Task)) == (10, 16)


async def test_a_cancelled_import_leaves_nothing(submit, begin, session, app, monkeypatch):
    whole = RunningJob.progress

    async def cancel(job, done, total):
        async with app.state.jobs.unit_of_work() as uow:
            await jobs.cancel(uow, Actor(uuid4(), Role.ADMIN), SimpleNamespace(id=job.id))
        await whole(job, done, total)
        await job.beat()
        job.check_cancelled()

    job_id = await submit(*LINES)
    monkeypatch.setattr(RunningJob, "progress", cancel)
    await begin(job_id)
    assert (await row(session, job_id)).status == "cancelled"
    assert await count(session, m.Entity) == 0
    assert stored(app) == []


@pytest.mark.parametrize("when", ["mark", "finish"])
async def test_a_worker_that_has_lost_the_job_commits_nothing(submit, begin, session, app, monkeypatch, when):
    async def lost(*_arguments, **_values):
        return None

    job_id = await submit(*LINES)
    monkeypatch.setattr(Jobs, when, lost)
    await begin(job_id)
    assert await count(session, m.Entity) == 0
    assert len(stored(app)) == 1


async def test_a_sheet_that_is_gone_fails_the_job_with_a_reason(submit, begin, session, app):
    job_id = await submit(*LINES)
    stored(app)[0].unlink()
    await begin(job_id)
    assert "send it again" in (await row(session, job_id)).error


async def test_the_number_of_statements_does_not_grow_with_the_rows(
    submit, begin, session, app, count_statements, monkeypatch
):
    monkeypatch.setattr(running, "BATCH", 100)
    counted = []
    for start, number in ((0, 5), (100, 5), (200, 90)):
        job_id = await submit(*(f"T{start},Q{start + each}" for each in range(number)))
        with count_statements() as statements:
            await begin(job_id)
        counted.append(statements.count)
    assert counted[1] == counted[2]


# --- over HTTP --------------------------------------------------------------------------------------


@pytest.fixture
def who(show, sign_in):
    return sign_in(show.person)


async def post(client, who, show, *lines: str, **headers: str):
    content = "\n".join(["Sequence,Name", *lines]).encode()
    path = f"/import/csv/projects/{show.film.id}/shots"
    return await client.post(path, files={"file": ("s.csv", content)}, headers={**who, **headers})


async def test_a_client_that_does_not_wait_gets_the_job(client, who, show):
    answer = await post(client, who, show, *LINES, Prefer="respond-async")
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "respond-async"
    job = answer.json()
    assert answer.headers["location"] == f"/data/jobs/{job['id']}"
    seen = (await client.get(answer.headers["location"], headers=who)).json()
    assert (seen["status"], seen["result"]["created"]) == ("succeeded", 8)
    refused = await post(client, who, show, "S01,", Prefer="respond-async")
    seen = (await client.get(refused.headers["location"], headers=who)).json()
    assert (seen["status"], seen["error"][:7]) == ("failed", "Line 2,")


async def test_who_waits_in_vain_gets_the_job_and_the_import_goes_on(
    client, who, show, app, session, begin, monkeypatch
):
    async def wait(queue, name, arguments, key):
        waiting.append(arguments["job_id"])

    waiting: list[str] = []
    monkeypatch.setattr(type(app.state.queue), "enqueue", wait)
    answer = await post(client, who, show, *LINES, Prefer="wait=0")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    await begin(waiting[0])
    assert await count(session, m.Entity) == 10
    monkeypatch.setattr(submission, "SHORTEST_NAP", 0)
    answer = await post(client, who, show, "S01,P99", Prefer="wait=0")
    assert (await client.delete(answer.headers["location"], headers=who)).status_code == 200


async def test_answers_of_many_rows_are_streamed_in_the_order_of_the_sheet(client, who, show, monkeypatch):
    monkeypatch.setattr("kitsu_api.routers.import_csv.SLICE", 3)
    answer = await post(client, who, show, *LINES)
    assert answer.status_code == 201
    assert [row["name"] for row in answer.json()] == [line.partition(",")[2] for line in LINES]
