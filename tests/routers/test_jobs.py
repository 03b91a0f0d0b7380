"""Jobs as people meet them: who sees them, ends them, and has them tried again."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db.base import now
from kitsu_api.db.models import TrackedJob
from kitsu_api.services import jobs
from kitsu_api.workers import register
from kitsu_api.workers.tracking import begin
from tests import factories


@pytest.fixture
async def film(make):
    status = await make(factories.project_status())
    return await make(factories.project(status))


@pytest.fixture
def store(make):
    """`await store(creator, status="failed")`: a job, ended if its status says so."""

    async def add(creator=None, **values):
        if values.get("status") in ("succeeded", "failed", "cancelled"):
            values.setdefault("ended_at", now())
        by = None if creator is None else creator.person.id
        return await make(factories.job(created_by=by, **values))

    return add


@pytest.fixture
def probed(monkeypatch):
    """The numbers that jobs of the kind `probe` were begun with."""
    functions = {queue: dict(known) for queue, known in register.FUNCTIONS.items()}
    monkeypatch.setattr(register, "FUNCTIONS", functions)
    monkeypatch.setattr("kitsu_api.workers.queue.FUNCTIONS", functions)
    monkeypatch.setattr(jobs, "KINDS", dict(jobs.KINDS))
    monkeypatch.setattr(register, "KINDS", jobs.KINDS)
    seen: list[int] = []

    async def probe(ctx, *, job_id: str, number: int = 0) -> None:
        async with begin(ctx, job_id):
            seen.append(number)

    register.register(register.QUICK, "probe", probe)
    return seen


async def test_a_job_is_seen_by_who_started_it_who_runs_its_production_and_admins(
    client, as_role, store, film, make
):
    artist = await as_role("user", on=film)
    elsewhere = await make(factories.project(await make(factories.project_status())))
    job = await store(artist, project_id=film.id, done=3, total=7, arguments={"secret": "s3cr3t"})
    expected = {
        (200, "artist"),
        (200, "manager"),
        (200, "admin"),
        (403, "colleague"),
        (403, "manager elsewhere"),
        (403, "supervisor"),
    }
    found = set()
    for name, person in {
        "artist": artist,
        "manager": await as_role("manager", on=film),
        "admin": await as_role("admin"),
        "colleague": await as_role("user", on=film),
        "manager elsewhere": await as_role("manager", on=elsewhere),
        "supervisor": await as_role("supervisor", on=film),
    }.items():
        answer = await client.get(f"/data/jobs/{job.id}", headers=person)
        found.add((answer.status_code, name))
        if answer.status_code == 200:
            row = answer.json()
            assert (row["status"], row["done"], row["total"], row["type"]) == ("queued", 3, 7, "Job")
            assert "s3cr3t" not in answer.text
    assert found == expected
    assert (await client.get(f"/data/jobs/{uuid4()}", headers=artist)).status_code == 404


async def test_lists_hold_own_jobs_and_those_of_productions_that_one_runs(
    client, as_role, store, film, count_statements
):
    artist, manager, admin = (
        await as_role("user", on=film),
        await as_role("manager", on=film),
        await as_role("admin"),
    )
    own = await store(artist, status="failed", kind="tidy")
    of_film = await store(manager, project_id=film.id)
    of_nobody = await store()

    async def listed(person, **query):
        answer = await client.get("/data/jobs", headers=person, params=query)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()]

    assert await listed(artist) == [str(own.id)]
    assert await listed(manager) == [str(of_film.id)]
    assert await listed(admin) == [str(job.id) for job in (of_nobody, of_film, own)]
    assert await listed(admin, status="failed") == [str(own.id)]
    assert await listed(admin, status=["failed", "queued"], kind="tidy") == [str(own.id)]
    assert await listed(admin, project_id=str(film.id)) == [str(of_film.id)]
    assert await listed(artist, project_id=str(film.id)) == []
    assert await listed(admin, limit=1) == [str(of_nobody.id)]
    assert await listed(admin, cursor_job_id=str(of_nobody.id)) == [str(of_film.id), str(own.id)]
    assert (await client.get("/data/jobs?status=lost", headers=admin)).status_code == 400
    with count_statements() as statements:
        await listed(admin)
    assert statements.count <= 2


async def test_a_queued_job_is_cancelled_at_once_and_a_running_one_is_asked_to_end(
    client, as_role, store, session
):
    artist = await as_role("user")
    queued, running = await store(artist), await store(artist, status="running", attempts=1)
    answer = await client.delete(f"/data/jobs/{queued.id}", headers=artist)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert answer.json()["ended_at"]
    answer = await client.delete(f"/data/jobs/{running.id}", headers=artist)
    assert (answer.status_code, answer.json()["status"]) == (200, "running")
    assert answer.json()["cancel_requested"] is True
    again = await client.delete(f"/data/jobs/{queued.id}", headers=artist)
    assert again.status_code == 200, "who cancels twice gets what they want"
    ended = await store(artist, status="succeeded")
    assert (await client.delete(f"/data/jobs/{ended.id}", headers=artist)).status_code == 409
    other = await as_role("user")
    assert (await client.delete(f"/data/jobs/{running.id}", headers=other)).status_code == 403


async def test_a_failed_job_is_tried_again_by_who_started_it(client, as_role, store, film, probed, session):
    artist = await as_role("user", on=film)
    job = await store(
        artist,
        project_id=film.id,
        status="failed",
        error="No.",
        attempts=5,
        arguments={"number": 4},
        key="one",
    )
    manager = await as_role("manager", on=film)
    assert (await client.post(f"/data/jobs/{job.id}/retry", headers=manager)).status_code == 403
    answer = await client.post(f"/data/jobs/{job.id}/retry", headers=artist)
    assert (answer.status_code, answer.json()["status"], answer.json()["error"]) == (200, "queued", None)
    assert probed == [4]
    row = (await session.scalars(select(TrackedJob).where(TrackedJob.id == job.id))).one()
    assert (row.status, row.attempts - row.interruptions) == ("succeeded", 1), "all its tries are back"
    assert (await client.post(f"/data/jobs/{job.id}/retry", headers=artist)).status_code == 409


async def test_a_failed_job_is_not_tried_again_beside_another_of_its_key(client, as_role, store, probed):
    admin = await as_role("admin")
    job = await store(admin, status="failed", key="one")
    await store(admin, key="one")
    assert (await client.post(f"/data/jobs/{job.id}/retry", headers=admin)).status_code == 409
    assert probed == []


async def test_jobs_outlive_who_started_them_and_go_with_their_production(
    client, as_role, store, make, session
):
    film = await make(factories.project(await make(factories.project_status(name="Closed"))))
    artist = await as_role("user", on=film)
    of_film, of_none = await store(artist, project_id=film.id), await store(artist)
    admin = await as_role("admin")
    answer = await client.delete(f"/data/projects/{film.id}?force=true", headers=admin)
    assert answer.status_code == 204, answer.text
    answer = await client.delete(f"/data/persons/{artist.person.id}?force=true", headers=admin)
    assert answer.status_code == 204, answer.text
    rows = (await session.execute(select(TrackedJob.id, TrackedJob.created_by))).all()
    assert (of_none.id, None) in rows
    assert of_film.id not in [id for id, _ in rows]
