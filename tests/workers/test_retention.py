"""Events that are too old to keep."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from kitsu_api.db.base import now
from kitsu_api.db.models import ApiEvent
from kitsu_api.workers.jobs.retention import delete_old_events


async def names(session) -> set[str]:
    return set((await session.scalars(select(ApiEvent.name))).all())


async def test_events_are_kept_as_long_as_the_settings_say(app, session, make, configure):
    for days in (1, 10, 11, 400):
        await make(ApiEvent(name=f"task:{days}", created_at=now() - timedelta(days=days, minutes=1)))
    assert await delete_old_events({"job": app.state.jobs}) == 0, "all are kept unless somebody says so"
    configure(event_retention_days=10)
    assert await delete_old_events({"job": app.state.jobs}) == 3
    assert await names(session) == {"task:1"}
