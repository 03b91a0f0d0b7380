"""What is too old to keep: events, jobs, deleted files."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db.base import now
from kitsu_api.db.models import ApiEvent, StoredFile, TrackedJob
from kitsu_api.storage.files import MissingFile
from kitsu_api.workers.jobs.retention import (
    ATTEMPTS,
    FILES,
    delete_ended_jobs,
    delete_old_events,
    purge_deleted_files,
)
from tests import factories


async def names(session) -> set[str]:
    return set((await session.scalars(select(ApiEvent.name))).all())


async def test_events_are_kept_as_long_as_the_settings_say(app, session, make, configure):
    for days in (1, 10, 11, 400):
        await make(ApiEvent(name=f"task:{days}", created_at=now() - timedelta(days=days, minutes=1)))
    assert await delete_old_events({"job": app.state.jobs}) == 0, "all are kept unless somebody says so"
    configure(event_retention_days=10)
    assert await delete_old_events({"job": app.state.jobs}) == 3
    assert await names(session) == {"task:1"}


async def test_jobs_are_remembered_as_long_as_the_settings_say(app, session, make, configure):
    configure(job_retention_days=10)
    for days in (1, 9, 11, 400):
        ended = now() - timedelta(days=days)
        await make(factories.job(kind=f"ended {days}", status="succeeded", ended_at=ended))
    await make(factories.job(kind="old and queued", created_at=now() - timedelta(days=400)))
    assert await delete_ended_jobs({"job": app.state.jobs}) == 2
    kinds = set((await session.scalars(select(TrackedJob.kind))).all())
    assert kinds == {"ended 1", "ended 9", "old and queued"}


@pytest.fixture
def stored(app, make):
    """`await stored(days)`: a file in storage that was deleted so many days ago (None: it was not)."""

    async def add(days: float | None, **values):
        id = uuid4()
        await app.state.jobs.storage.put("files", "attachments", id, io.BytesIO(b"text"))
        deleted = None if days is None else now() - timedelta(days=days)
        columns = {"bucket": "files", "prefix": "attachments", "file_id": str(id), "size": 4}
        row = StoredFile(
            id=uuid4(), key=f"attachments-{id}", deleted_at=deleted, journal=[], **columns, **values
        )
        return await make(row)

    return add


async def in_storage(app, row) -> bool:
    try:
        await app.state.jobs.storage.stat("files", "attachments", UUID(row.file_id))
    except MissingFile:
        return False
    return True


async def test_deleted_files_leave_storage_after_some_days(app, session, stored):
    kept, fresh, forced = await stored(None), await stored(1), await stored(1, purge_forced=True)
    old = [await stored(8) for _ in range(FILES + 3)]
    assert await purge_deleted_files({"job": app.state.jobs}) == FILES + 4
    assert [await in_storage(app, row) for row in (kept, fresh, forced, old[0], old[-1])] == [
        True,
        True,
        False,
        False,
        False,
    ]
    await session.refresh(row := await session.get(StoredFile, old[0].id))
    assert row.purged_at
    assert [entry["event"] for entry in row.journal] == ["purged"]
    assert await purge_deleted_files({"job": app.state.jobs}) == 0


async def test_a_file_that_can_not_be_removed_is_tried_again_some_times(app, session, stored):
    lost, fine = await stored(8, purge_attempts=0), await stored(8)
    row = await session.get(StoredFile, lost.id)
    row.bucket = "nowhere"
    await session.commit()
    for _ in range(ATTEMPTS + 2):
        await purge_deleted_files({"job": app.state.jobs})
    await session.refresh(row)
    assert (row.purged_at, row.purge_attempts, row.last_error) == (None, ATTEMPTS, "ValueError")
    assert not await in_storage(app, fine)
