"""Previews are measured, and their files made anew, when an operator asks for it; a broken one stops none."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from kitsu_api.db.models import PreviewFile, StoredFile, TrackedJob
from kitsu_api.services import upkeep
from kitsu_api.unit_of_work import unit_of_work
from tests import previews
from tests.previews import upload, waiting


@pytest.fixture
async def desk(make, as_role):
    return await previews.open_desk(make, as_role)


@pytest.fixture
def queue(app, sessions):
    """`await queue(kind, extensions)`: queue work on previews, and have it done."""

    async def run(kind, extensions, **wishes):
        async with (
            sessions() as session,
            unit_of_work(session, app.state.outbox, settings=app.state.settings) as uow,
        ):
            return await upkeep.queue_previews(uow, kind, None, extensions, **wishes)

    return run


async def row_of(session, id: UUID) -> PreviewFile:
    return await session.get(PreviewFile, id, populate_existing=True)


async def last_job(session, kind: str) -> TrackedJob:
    query = select(TrackedJob).where(TrackedJob.kind == kind).execution_options(populate_existing=True)
    return (await session.scalars(query)).one()


async def test_what_nobody_measured_is_measured(client, desk, make, session, queue):
    picture, movie = await waiting(make, desk), await waiting(make, desk)
    await upload(client, desk.artist, picture, "still.png", previews.png())
    await upload(client, desk.artist, movie, "take.mp4", previews.movie())
    for preview in (picture, movie):
        row = await row_of(session, preview.id)
        row.width = row.height = row.file_size = 0
    await session.commit()
    assert await queue(upkeep.PROBE_JOB, (*upkeep.PICTURES, *upkeep.MOVIES), unmeasured=True) == (2, 1)
    assert (await last_job(session, upkeep.PROBE_JOB)).result == {"mended": 2, "skipped": []}
    still, take = await row_of(session, picture.id), await row_of(session, movie.id)
    assert (still.width, still.height) == (64, 36)
    assert still.file_size
    assert (take.width, take.height) == (64, 36)
    assert take.duration == pytest.approx(0.5, abs=0.1)
    assert await queue(upkeep.PROBE_JOB, upkeep.PICTURES, unmeasured=True) == (0, 0)


async def test_lost_thumbnails_are_made_anew_and_a_lost_file_stops_nothing(
    client, desk, make, session, queue, app
):
    lost, picture, movie = [await waiting(make, desk) for _ in range(3)]
    for preview in (lost, picture):
        await upload(client, desk.artist, preview, "still.png", previews.png())
    await upload(client, desk.artist, movie, "take.mp4", previews.movie())
    storage = app.state.jobs.storage
    await storage.delete("pictures", "original", lost.id)
    await storage.delete("pictures", "thumbnails", picture.id)
    await storage.delete("pictures", "tiles", movie.id)
    before = (await storage.stat("pictures", "original", picture.id)).etag
    assert await queue(upkeep.EXTRAS_JOB, (*upkeep.PICTURES, *upkeep.MOVIES)) == (3, 1)
    result = (await last_job(session, upkeep.EXTRAS_JOB)).result
    assert result == {"mended": 2, "skipped": [str(lost.id)]}
    assert (await storage.stat("pictures", "thumbnails", picture.id)).size
    assert (await storage.stat("pictures", "tiles", movie.id)).size
    assert (await storage.stat("pictures", "original", picture.id)).etag == before


async def test_movies_are_made_anew_of_the_best_that_is_left(client, desk, make, session, queue, app):
    movie = await waiting(make, desk)
    await upload(client, desk.artist, movie, "take.mp4", previews.movie())
    storage = app.state.jobs.storage
    await storage.delete("movies", "lowdef", movie.id)
    assert await queue(upkeep.RENORMALISE_JOB, upkeep.MOVIES) == (1, 1)
    row = await row_of(session, movie.id)
    assert row.status == "ready"
    assert (await storage.stat("movies", "lowdef", movie.id)).size
    sources = select(StoredFile).where(
        StoredFile.file_id == str(movie.id), StoredFile.prefix == "source", StoredFile.deleted_at.is_(None)
    )
    assert (await session.scalars(sources)).all() == []
