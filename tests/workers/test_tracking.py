"""A tracked job: its row says how far it is and how it ended, whatever becomes of it."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest
from arq import Retry
from sqlalchemy import select, update

from kitsu_api.db.models import EventLogEntry, TrackedJob
from kitsu_api.db.repositories.jobs import Jobs
from kitsu_api.errors import BadRequest
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.policies.events import hears
from kitsu_api.realtime.rooms import rooms_of, rooms_told
from kitsu_api.services import jobs
from kitsu_api.workers import register
from kitsu_api.workers.tracking import TRIES, UNTOLD, JobCancelled, JobFailed, JobLost, JobTaken, begin
from tests import factories


@pytest.fixture
def kind(monkeypatch):
    """`kind("name", function)`: a kind of jobs for this test; its function is called with the running job."""
    functions = {queue: dict(known) for queue, known in register.FUNCTIONS.items()}
    monkeypatch.setattr(register, "FUNCTIONS", functions)
    monkeypatch.setattr("kitsu_api.workers.queue.FUNCTIONS", functions)
    monkeypatch.setattr(jobs, "KINDS", dict(jobs.KINDS))
    monkeypatch.setattr(register, "KINDS", jobs.KINDS)
    monkeypatch.setattr("kitsu_api.workers.tracking.KINDS", jobs.KINDS)

    def add(name, work):
        async def run(ctx, *, job_id: str, number: int = 0) -> None:
            async with begin(ctx, job_id) as job:
                await work(job, number)

        register.register(register.QUICK, name, run)

    return add


@pytest.fixture
def start(app):
    """`await start("kind", number=1)`: start a job; it has been done when this returns. Its id."""

    async def run(kind, key=None, **arguments) -> UUID:
        async with app.state.jobs.unit_of_work() as uow:
            return await jobs.start(uow, None, kind, arguments, key=key)

    return run


@pytest.fixture
def row(session):
    """`await row(id)`: the job as it is stored."""

    async def read(id) -> TrackedJob:
        found = await Jobs(session).find(id)
        assert found is not None
        return found

    return read


@pytest.fixture
def again(app, session):
    """`await again(id)`: begin a job that is to be tried again, as though it were due."""

    async def run(id) -> None:
        await session.execute(update(TrackedJob).where(TrackedJob.id == id).values(run_after=None))
        await session.commit()
        kind = await session.scalar(select(TrackedJob.kind).where(TrackedJob.id == id))
        await session.commit()
        await app.state.queue.enqueue(kind, {"job_id": str(id)}, None)

    return run


async def test_a_job_that_ends_well_has_succeeded_and_leaves_its_result(kind, start, row):
    async def work(job, number):
        await job.progress(1, 2)
        await job.progress(2, 2)
        job.result = {"number": number}

    kind("add", work)
    job = await row(await start("add", number=4))
    assert (job.status, job.done, job.total, job.result) == ("succeeded", 2, 2, {"number": 4})
    assert job.error is None
    assert job.started_at
    assert job.ended_at
    assert job.attempts == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (JobFailed("The movie has no frames."), "The movie has no frames."),
        (BrokenMedia("The file is cut off."), "The file is cut off."),
        (BadRequest("There is no such preview."), "There is no such preview."),
        (RuntimeError("password=hunter2"), UNTOLD),
    ],
)
async def test_a_failure_tells_users_what_is_meant_for_them_alone(kind, start, row, error, told):
    async def work(job, number):
        raise error

    kind("break", work)
    job = await row(await start("break"))
    assert (job.status, job.error) == ("failed", told)


async def test_a_job_is_asked_to_stop_by_its_row(kind, start, row, app):
    async def work(job, number):
        async with app.state.sessions() as session:
            await Jobs(session).cancel(job.id)
            await session.commit()
        await job.beat()
        assert job.is_cancelled()
        job.check_cancelled()

    kind("stop", work)
    job = await row(await start("stop"))
    assert (job.status, job.error) == ("cancelled", None)


async def test_what_a_cancelled_job_raises_is_no_failure(kind, start, row):
    class Ended(Exception):
        pass

    async def work(job, number):
        job.stop(JobCancelled())
        raise Ended

    kind("stop", work)
    assert (await row(await start("stop"))).status == "cancelled"


async def test_a_job_that_asks_to_be_tried_again_is_queued_later_and_later(kind, start, row, again):
    async def work(job, number):
        raise Retry from JobFailed("The other server is away.")

    kind("again", work)
    job = await row(await start("again"))
    delays = []
    while job.status == "queued":
        assert (job.sent_at, job.ended_at) == (None, None)
        delays.append(round((job.run_after - job.started_at).total_seconds()))
        await again(job.id)
        job = await row(job.id)
    assert delays == [15, 60, 240, 960]
    assert (job.status, job.attempts, job.error) == ("failed", TRIES, "The other server is away.")


async def test_a_job_is_not_begun_before_it_is_due(kind, start, row, app):
    async def work(job, number):
        raise Retry(defer=3600)

    kind("later", work)
    id = await start("later")
    await app.state.queue.enqueue("later", {"job_id": str(id)}, None)
    assert (await row(id)).attempts == 1


async def test_a_job_that_takes_too_long_is_ended(kind, start, row, configure):
    async def work(job, number):
        await asyncio.sleep(60)

    kind("long", work)
    configure(job_timeout=0.05)
    job = await row(await start("long"))
    assert (job.status, job.error) == ("failed", "The job took longer than 0.05 seconds and was ended.")


async def test_a_job_that_another_worker_has_by_now_stops_and_changes_nothing(kind, start, row, app):
    async def work(job, number):
        async with app.state.sessions() as session:
            await session.execute(update(TrackedJob).values(attempts=TrackedJob.attempts + 1))
            await session.commit()
        with pytest.raises(JobLost):
            async with job.unit_of_work():
                raise AssertionError("the transaction of a job that is lost was opened")
        with pytest.raises(JobLost):
            job.check_cancelled()
        job.result = "dropped"

    kind("lost", work)
    job = await row(await start("lost"))
    assert (job.status, job.result, job.ended_at) == ("running", None, None)


async def test_a_job_that_is_stopped_with_its_worker_is_queued_at_once_and_keeps_its_tries(
    kind, start, row, app
):
    begun = asyncio.Event()

    async def work(job, number):
        begun.set()
        await asyncio.sleep(60)

    kind("stopped", work)
    starting = asyncio.create_task(start("stopped"))
    await begun.wait()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    async with app.state.sessions() as session:
        job = (await session.scalars(select(TrackedJob).where(TrackedJob.kind == "stopped"))).one()
    assert (job.status, job.attempts, job.interruptions, job.run_after) == ("queued", 1, 1, None)


async def test_one_job_of_a_key_is_under_way_at_a_time(kind, start, app):
    seen = []

    async def work(job, number):
        async with app.state.jobs.unit_of_work() as uow:
            seen.append((job.id, await jobs.start(uow, None, "one", {}, key="same")))

    kind("one", work)
    first = await start("one", key="same")
    second = await start("one", key="same")
    assert first != second
    assert seen == [(first, first), (second, second)]


async def test_a_job_without_a_row_to_take_is_left_alone(kind, start, app):
    async def work(job, number):
        pass

    kind("once", work)
    id = await start("once")
    with pytest.raises(JobTaken):
        async with begin({"job": app.state.jobs}, str(id)):
            raise AssertionError("a job that has ended was begun")


async def test_arguments_are_checked_before_anything_is_stored(kind, start, session):
    async def work(job, number):
        raise AssertionError("never begun")

    kind("typed", work)
    with pytest.raises(ValueError, match="number"):
        await start("typed", number="four")
    with pytest.raises(ValueError, match="colour"):
        await start("typed", colour="red")
    with pytest.raises(LookupError, match="unknown"):
        await start("unknown")
    assert (await session.scalars(select(TrackedJob.id))).all() == []


async def test_a_job_with_arguments_of_another_release_fails_with_a_reason(kind, start, row, session, app):
    async def work(job, number):
        raise Retry(defer=0)

    kind("older", work)
    id = await start("older")
    await session.execute(update(TrackedJob).values(arguments={"colour": "red"}))
    await session.commit()
    await app.state.queue.enqueue("older", {"job_id": str(id)}, None)
    job = await row(id)
    assert (job.status, job.error) == ("failed", "The job was queued by another release. Start it anew.")


async def test_the_production_or_else_who_started_it_hears_of_a_job(kind, app, session, make, as_role):
    film = await make(factories.project(await make(factories.project_status())))
    artist = await as_role("user")

    async def work(job, number):
        await job.progress(1, 2)
        await job.progress(2, 2)

    kind("told", work)
    heard = {}
    for project_id, by in ((film.id, artist.person.id), (None, artist.person.id), (None, None)):
        async with app.state.jobs.unit_of_work() as uow:
            id = await jobs.start(uow, by, "told", {}, project_id=project_id)
        entries = (await session.scalars(select(EventLogEntry).order_by(EventLogEntry.id))).all()
        own = [entry for entry in entries if entry.data and entry.data.get("job_id") == str(id)]
        assert [(entry.data["status"], entry.data["done"]) for entry in own] == [
            ("queued", 0),
            ("running", 0),
            ("running", 2),
            ("succeeded", 2),
        ]
        heard[project_id, by] = {(entry.name, entry.audience_id, entry.for_managers) for entry in own}
    assert heard == {
        (film.id, artist.person.id): {("job:update", film.id, False)},
        (None, artist.person.id): {("job:update", artist.person.id, False)},
        (None, None): {("job:update", None, True)},
    }


def test_what_is_for_one_person_is_heard_by_nobody_else_but_admins():
    one, other, admin = (
        Actor(uuid4(), Role.ARTIST),
        Actor(uuid4(), Role.MANAGER),
        Actor(uuid4(), Role.ADMIN),
    )
    told = set(rooms_told(one.id, False))
    for actor, expected in ((one, True), (other, False), (admin, True)):
        assert hears(actor, one.id, for_managers=False) is expected
        assert bool(told & rooms_of(actor)) is expected
