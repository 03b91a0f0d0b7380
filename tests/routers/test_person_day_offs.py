"""Days off: who sees whose, in which period, and that two at once don't overlap."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import async_sessionmaker

from kitsu_api.db.engine import make_engine
from kitsu_api.db.models import DayOff
from kitsu_api.errors import BadRequest
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.services import day_offs
from kitsu_api.unit_of_work import UnitOfWork
from tests import factories


@pytest.fixture
async def artist(make):
    person = await make(factories.person())
    await make(
        DayOff(person_id=person.id, date=date(2024, 5, 30), end_date=date(2024, 6, 3)),
        DayOff(person_id=person.id, date=date(2024, 12, 31), end_date=date(2025, 1, 2)),
    )
    return person


async def days(client, headers, url, status=200):
    answer = await client.get(url, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("period", "found"),
    [
        ("", 2), ("/year/2024", 2), ("/year/2025", 1), ("/year/2026", 0), ("/month/2024/05", 1),
        ("/month/2024/6", 1), ("/month/2024/7", 0), ("/week/2024/22", 1), ("/week/2024/23", 1),
        ("/week/2024/24", 0), ("/week/2025/1", 1),
    ],
)  # fmt: skip
async def test_a_day_off_is_listed_in_every_period_that_it_touches(client, sign_in, artist, period, found):
    url = f"/data/persons/{artist.id}/day-offs{period}"
    assert len(await days(client, sign_in(artist), url)) == found


async def test_the_day_off_of_a_day_is_the_one_that_it_lies_in(client, sign_in, artist):
    url = f"/data/persons/{artist.id}/day-offs"
    assert (await days(client, sign_in(artist), f"{url}/2024-06-01"))["date"] == "2024-05-30"
    assert await days(client, sign_in(artist), f"{url}/2024-06-04") == {}


@pytest.mark.parametrize("year", ["2024", "2025", "2024/12"])
async def test_everybodys_days_off_are_for_managers_and_others_see_theirs(
    client, as_role, sign_in, artist, year
):
    url = f"/data/persons/day-offs/{year}"
    for role in ("admin", "manager"):
        assert len(await days(client, await as_role(role), url)) >= 1
    for role in ("supervisor", "user", "vendor"):
        assert await days(client, await as_role(role), url) == []
    assert len(await days(client, sign_in(artist), url)) >= 1


@pytest.mark.parametrize("role", ["supervisor", "user", "client", "vendor"])
async def test_days_off_of_others_are_for_managers(client, as_role, artist, role):
    headers = await as_role(role)
    for period in ("", "/2024-06-01", "/year/2024", "/month/2024/5", "/week/2024/22"):
        await days(client, headers, f"/data/persons/{artist.id}/day-offs{period}", status=403)
    assert await days(client, headers, f"/data/persons/{headers.person.id}/day-offs") == []


@pytest.mark.parametrize(
    "period", ["/2024-02-30", "/soon", "/year/0", "/year/99999", "/month/2024/13", "/week/2023/53"]
)
async def test_periods_that_do_not_exist_are_refused(client, sign_in, artist, period):
    await days(client, sign_in(artist), f"/data/persons/{artist.id}/day-offs{period}", status=400)


@pytest.mark.parametrize("period", ["0", "soon", "99999", "2024/13", "2024/0"])
async def test_lists_of_everybody_refuse_such_periods_too(client, as_role, period):
    await days(client, await as_role("admin"), f"/data/persons/day-offs/{period}", status=400)


async def test_days_off_of_nobody_are_not_found(client, as_role):
    await days(client, await as_role("admin"), f"/data/persons/{uuid4()}/day-offs", status=404)


async def test_of_overlapping_days_off_noted_at_once_one_is_stored(app, migrated_database, settings):
    """On connections of their own: the second request waits until the first has committed, then sees it."""
    engine = make_engine(settings.model_copy(update={"database_url": migrated_database}))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    person = factories.person()
    actor = Actor(person.id, Role.ARTIST)

    async def note(session, first) -> None:
        days = {"date": first, "end_date": date(2026, 3, 20), "person_id": person.id}
        uow = UnitOfWork(session, app.state.outbox, person.id, settings)
        session.add(DayOff(**await day_offs.creating(uow, actor, days)))
        await session.flush()

    try:
        async with sessions() as first, sessions() as second, sessions() as watcher:
            watcher.add(person)
            await watcher.commit()
            await note(first, date(2026, 3, 2))
            late = asyncio.create_task(note(second, date(2026, 3, 3)))
            await waits_for_a_lock(watcher, late)
            await first.commit()
            with pytest.raises(BadRequest):
                await late
            assert await watcher.scalar(select(func.count()).select_from(DayOff)) == 1
    finally:
        await engine.dispose()


async def waits_for_a_lock(session, task, seconds=60) -> None:
    """Return once a transaction of this database waits for an advisory lock, or the task is done."""
    waiting = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
    )
    deadline = asyncio.get_running_loop().time() + seconds
    while not task.done() and not await session.scalar(waiting):
        assert asyncio.get_running_loop().time() < deadline, "nothing waits for the lock"
        await asyncio.sleep(0.01)
