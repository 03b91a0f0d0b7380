"""What workers make of movies: all of it or nothing, and the same again."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from kitsu_api.db.models import ApiEvent, Entity, Message, Person, PreviewFile, StoredFile, TrackedJob
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.services import jobs
from kitsu_api.services.preview_making import plan_of
from kitsu_api.workers.register import FUNCTIONS
from kitsu_api.workers.tracking import JobCancelled, RunningJob
from tests import previews
from tests.previews import upload, waiting

ALL = {"original", "previews", "thumbnails", "thumbnails-square", "tiles", "lowdef"}


@pytest.fixture
async def desk(make, as_role):
    return await previews.open_desk(make, as_role)


@pytest.fixture
async def movie(client, make, desk, configure, tmp_path):
    """A movie that waits for a worker."""
    configure(jobs_inline=False, temporary_folder=tmp_path / "temporary")
    preview = await waiting(make, desk)
    answer = await upload(client, desk.artist, preview, "take.mp4", previews.movie())
    assert answer.json()["status"] == "processing"
    return preview


@pytest.fixture
def work(app, session):
    """`await work()`: do the job that waits; the job as it ended."""

    async def run() -> TrackedJob:
        job = await session.scalar(select(TrackedJob).order_by(TrackedJob.created_at.desc()).limit(1))
        await session.commit()
        await FUNCTIONS["media"]["make_movie_preview"]({"job": app.state.jobs}, job_id=str(job.id))
        await session.refresh(job)
        return job

    return run


async def row_of(session, preview) -> PreviewFile:
    found = await session.get(PreviewFile, preview.id, populate_existing=True)
    assert found is not None
    return found


async def stored(session, preview) -> set[str]:
    files = select(StoredFile.prefix).where(
        StoredFile.file_id == str(preview.id), StoredFile.deleted_at.is_(None)
    )
    return set(await session.scalars(files))


async def test_a_movie_becomes_ready(client, desk, movie, work, session, app, tmp_path):
    job = await work()
    assert (job.status, job.result["status"]) == ("succeeded", "ready")
    row = await row_of(session, movie)
    assert row.status == "ready"
    assert row.data["movie_prefixes"] == ["previews", "lowdef"]
    assert row.data["original_file_size"] == len(previews.movie())
    assert await stored(session, movie) == ALL
    states = await PreviewMedia(session).states(movie.id)
    assert ("movies", "source") not in states
    assert list((tmp_path / "temporary").iterdir()) == []
    for path in ("movies/low", "movies/originals"):
        answer = await client.get(f"/{path}/preview-files/{movie.id}.mp4", headers=desk.artist)
        assert answer.status_code == 200
    gone = await client.get(f"/movies/source/preview-files/{movie.id}.mp4", headers=desk.artist)
    assert gone.status_code == 404
    event = (await session.scalars(select(ApiEvent).where(ApiEvent.user_id.is_(None)))).one()
    assert (event.name, event.data["status"]) == ("preview-file:update", "ready")


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        ("23.976", Fraction(24000, 1001)),
        ("23,98", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("25", Fraction(25)),
        ("17.5", Fraction(35, 2)),
        ("nonsense", Fraction(25)),
    ],
)
def test_the_rate_of_a_production_is_the_one_that_cameras_have(settings, fps, rate):
    task: Any = SimpleNamespace(
        resolution=None, entity_data=None, fps=fps, high_bitrate=None, low_bitrate=None
    )
    assert plan_of(settings, task).wish.rate == rate


async def test_the_source_stays_where_the_operator_wants_that(
    client, desk, movie, work, session, configure, tmp_path
):
    configure(jobs_inline=False, preview_save_source_file=True)
    await work()
    assert await stored(session, movie) == ALL | {"source"}
    source = await client.get(f"/movies/source/preview-files/{movie.id}.mp4", headers=desk.artist)
    assert source.content == previews.movie()


async def test_a_movie_that_stays_as_it_is_gets_its_pictures(client, make, desk, work, session, configure):
    configure(jobs_inline=False)
    preview = await waiting(make, desk)
    await upload(client, desk.artist, preview, "take.mp4", previews.movie(), "?normalize=false")
    assert await stored(session, preview) == {"previews"}
    await work()
    assert await stored(session, preview) == ALL - {"lowdef"}
    answer = await client.get(f"/movies/originals/preview-files/{preview.id}.mp4", headers=desk.artist)
    assert answer.content == previews.movie()


async def test_scripts_may_wait_for_a_movie(client, make, desk, session, configure):
    configure(jobs_inline=False)
    preview = await waiting(make, desk)
    answer = await upload(client, desk.artist, preview, "take.mp4", previews.movie(), "?no_job=true")
    assert answer.json()["status"] == "ready"
    assert await session.scalar(select(TrackedJob.id)) is None


async def test_the_picture_of_an_entity_waits_until_the_movie_is_ready(make, desk, movie, work, session):
    desk.project.is_set_preview_automated = True
    await make(desk.project)
    await work()
    assert (await session.get(Entity, desk.rows.entity.id)).preview_file_id == movie.id


async def test_a_job_that_is_done_again_changes_nothing(app, movie, work, session):
    await work()
    before = (await row_of(session, movie)).updated_at
    async with app.state.jobs.unit_of_work() as uow:
        arguments = {"preview_file_id": str(movie.id), "as_is": False}
        await jobs.start(uow, None, "make_movie_preview", arguments)
    assert (await work()).status == "succeeded"
    assert (await row_of(session, movie)).updated_at == before


async def test_a_movie_that_turns_out_to_be_damaged_is_broken(client, make, desk, movie, work, session, app):
    path = app.state.settings.previews / f"movies/source/{str(movie.id)[:3]}/{str(movie.id)[3:6]}/{movie.id}"
    path.write_bytes(b"x" * 1000)
    job = await work()
    assert job.status == "failed"
    assert job.error
    assert (await row_of(session, movie)).status == "broken"
    # another file may be uploaded then
    answer = await upload(client, desk.artist, movie, "take.mp4", previews.movie())
    assert answer.status_code == 201
    assert (await work()).status == "succeeded"
    assert (await row_of(session, movie)).status == "ready"


async def test_whoever_uploaded_a_movie_hears_once_that_nothing_could_be_made_of_it(
    desk, movie, work, session, app
):
    artist = desk.artist.person.id
    await session.execute(update(Person).where(Person.id == artist).values(notifications_enabled=True))
    await session.execute(update(PreviewFile).where(PreviewFile.id == movie.id).values(person_id=artist))
    await session.commit()
    path = app.state.settings.previews / f"movies/source/{str(movie.id)[:3]}/{str(movie.id)[3:6]}/{movie.id}"
    path.write_bytes(b"x" * 1000)
    assert (await work()).status == "failed"
    told = (await session.execute(select(Message.person_id, Message.kind))).all()
    assert told == [(artist, "preview-broken")]


async def test_a_movie_that_is_gone_from_storage_is_missing(movie, work, session, app):
    await app.state.jobs.storage.delete("movies", "source", movie.id)
    assert (await work()).status == "failed"
    assert (await row_of(session, movie)).status == "missing"


async def test_a_preview_that_is_gone_needs_no_movies(client, desk, as_role, movie, work):
    admin = await as_role("admin")
    assert (await client.delete(f"/data/preview-files/{movie.id}", headers=admin)).status_code == 204
    assert (await work()).status == "succeeded"


async def test_a_failure_that_nobody_foresaw_is_told(movie, work, session, monkeypatch):
    def fail(*_, **__):
        raise OSError("the disk is gone")

    monkeypatch.setattr("kitsu_api.workers.jobs.previews.make_movies", fail)
    assert (await work()).status == "failed"
    assert (await row_of(session, movie)).status == "broken"


async def test_a_worker_whose_job_another_has_by_now_says_nothing_of_the_preview(
    movie, work, session, app, monkeypatch
):
    taken = update(TrackedJob).values(attempts=TrackedJob.attempts + 1)

    async def lost(*_: object) -> None:
        async with app.state.sessions() as other:
            await other.execute(taken)
            await other.commit()
        raise OSError("the connection was closed")

    monkeypatch.setattr("kitsu_api.workers.jobs.previews._made", lost)
    assert (await work()).status == "running", "it is the other worker's"
    assert (await row_of(session, movie)).status == "processing"


async def test_a_job_that_somebody_cancels_leaves_a_preview_that_takes_another_file(
    client, desk, movie, work, session, monkeypatch
):
    def cancelled(self, done, total):
        self.stop(JobCancelled())
        self.check_cancelled()

    monkeypatch.setattr(RunningJob, "note", cancelled)
    assert (await work()).status == "cancelled"
    assert (await row_of(session, movie)).status == "broken"


async def test_a_failed_job_that_is_tried_again_makes_the_preview(movie, work, session, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("kitsu_api.workers.jobs.previews.make_movies", lambda *_, **__: 1 / 0)
        job = await work()
    await session.execute(
        update(TrackedJob).where(TrackedJob.id == job.id).values(status="queued", ended_at=None)
    )
    await session.commit()
    assert (await work()).status == "succeeded"
    assert (await row_of(session, movie)).status == "ready"
