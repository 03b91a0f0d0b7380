"""The outbox: what was committed is told and queued, and never what was not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from kitsu_api import outbox as outbox_module
from kitsu_api.db.base import now
from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.models import ApiEvent, OutboxMessage
from kitsu_api.db.repositories.event_feed import EventFeed
from kitsu_api.events import Event, record_event
from kitsu_api.outbox import DatabaseOutbox
from kitsu_api.unit_of_work import UnitOfWork
from kitsu_api.workers import queue as queue_module
from kitsu_api.workers.queue import ArqQueue
from tests import factories
from tests.conftest import make_settings

JOB = ("send_mail", {"to": "a@b.c"}, "one")


class Heard:
    """A bell and a queue that remember; with `away` the queue can't be reached."""

    def __init__(self) -> None:
        self.rings = 0
        self.jobs: list[tuple[str, dict, str | None]] = []
        self.away = False

    async def ring(self):
        self.rings += 1

    async def enqueue(self, name, arguments, key):
        if self.away:
            raise ConnectionError("nobody there")
        self.jobs.append((name, arguments, key))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def outbox(sessions, heard) -> DatabaseOutbox:
    return DatabaseOutbox(sessions, heard, heard)


async def commit_one(session, outbox, person) -> None:
    uow = UnitOfWork(session, outbox, person.id)
    uow.emit(record_event("person", "update", person.id))
    uow.enqueue("send_mail", key="one", to="a@b.c")
    await uow.commit()


async def waiting(session) -> int:
    return await session.scalar(select(func.count()).select_from(OutboxMessage))


async def age(session) -> None:
    await session.execute(update(OutboxMessage).values(created_at=now() - timedelta(minutes=1)))
    await session.commit()


async def test_a_commit_logs_its_events_tells_them_and_queues_its_jobs(session, outbox, heard, make):
    person = await make(factories.person())
    await commit_one(session, outbox, person)
    assert heard.rings == 1
    assert heard.jobs == [JOB]
    assert await waiting(session) == 0
    row = (await session.scalars(select(ApiEvent).where(ApiEvent.user_id == person.id))).one()
    assert (row.name, row.data) == ("person:update", {"person_id": str(person.id)})


async def test_what_could_not_be_told_is_told_later_and_once(session, outbox, heard, make):
    heard.away = True
    await commit_one(session, outbox, await make(factories.person()))
    assert (heard.jobs, await waiting(session)) == ([], 1)
    heard.away = False
    assert await outbox.relay_forgotten() == 0, "too young: its own process may be telling it"
    await age(session)
    assert await outbox.relay_forgotten() == 1
    assert await outbox.relay_forgotten() == 0
    assert heard.jobs == [JOB]
    assert await waiting(session) == 0


async def test_a_transaction_that_is_rolled_back_tells_nothing(session, outbox, heard, make):
    person = await make(factories.person())
    uow = UnitOfWork(session, outbox, person.id)
    uow.emit(record_event("person", "update", person.id))
    session.add(factories.department(name=None))
    with pytest.raises(Exception, match="null value"):
        await uow.commit()
    await session.rollback()
    assert (heard.rings, await waiting(session)) == (0, 0)
    assert await session.scalar(select(func.count()).where(ApiEvent.user_id == person.id)) == 0


async def test_an_event_that_is_no_part_of_the_log_is_told_all_the_same(session, outbox, heard):
    uow = UnitOfWork(session, outbox)
    uow.emit(Event("status:test", persist=False))
    before = await session.scalar(select(func.count()).select_from(ApiEvent))
    last = await EventFeed(session).number()
    await uow.commit()
    await EventFeed(session).number()
    assert [entry.name for entry in await EventFeed(session).after(last, 10)] == ["status:test"]
    assert heard.rings == 1
    assert await session.scalar(select(func.count()).select_from(ApiEvent)) == before


async def test_a_failed_commit_is_no_201(client, as_role, monkeypatch, session):
    async def broken(self) -> None:
        raise RuntimeError("the disk is full")

    admin = await as_role("admin")
    monkeypatch.setattr(UnitOfWork, "commit", broken)
    with pytest.raises(RuntimeError):
        await client.post("/data/departments", json={"name": "Lost", "color": "#fff"}, headers=admin)


async def test_a_message_that_can_not_be_sent_does_not_hold_up_the_others(session, outbox, heard, make):
    heard.away = True
    for _ in range(2):
        await commit_one(session, outbox, await make(factories.person()))
    await age(session)
    heard.away = False
    refused = iter([True, False])
    enqueue = heard.enqueue

    async def sometimes(name, arguments, key):
        if next(refused):
            raise ValueError("no")
        await enqueue(name, arguments, key)

    heard.enqueue = sometimes
    assert await outbox.relay_forgotten() == 1
    assert await waiting(session) == 1


async def test_two_processes_that_relay_at_once_send_each_message_once(migrated_database, tmp_path):
    engine = make_engine(make_settings(tmp_path, migrated_database, "redis://unused"))
    sessions = make_sessions(engine)
    heard = Heard()
    heard.away = True
    count = 40
    async with sessions() as session:
        for number in range(count):
            uow = UnitOfWork(session, DatabaseOutbox(sessions, heard, heard))
            uow.enqueue(f"job {number}")
            await uow.commit()
        await age(session)
    heard.away = False
    both_hold_some = asyncio.Barrier(2)

    async def relay() -> int:
        sent = 0
        outbox = DatabaseOutbox(sessions, heard, slow)
        while more := await outbox.relay_forgotten():
            sent += more
        return sent

    class Slow:
        """Lets the other process look into the outbox while this one holds its messages."""

        async def enqueue(self, name, arguments, key):
            await heard.enqueue(name, arguments, key)
            await asyncio.sleep(0)

    slow = Slow()

    async def at_once() -> int:
        await both_hold_some.wait()
        return await relay()

    assert sum(await asyncio.gather(at_once(), at_once())) == count
    assert sorted(name for name, _, _ in heard.jobs) == sorted(f"job {n}" for n in range(count))
    await engine.dispose()


async def test_messages_that_can_not_be_sent_are_passed_by_however_many_they_are(
    session, outbox, heard, make, monkeypatch
):
    monkeypatch.setattr(outbox_module, "BATCH", 2)
    heard.away = True
    for _ in range(5):
        await commit_one(session, outbox, await make(factories.person()))
    await age(session)
    heard.away = False
    refused = iter([True, True, True, True, False])
    enqueue = heard.enqueue

    async def sometimes(name, arguments, key):
        if next(refused):
            raise LookupError("no such job")
        await enqueue(name, arguments, key)

    heard.enqueue = sometimes
    assert await outbox.relay_forgotten() == 1
    assert await waiting(session) == 4


async def test_a_queue_that_is_away_is_asked_once_a_round(session, outbox, heard, make):
    heard.away = True
    for _ in range(3):
        await commit_one(session, outbox, await make(factories.person()))
    await age(session)
    asked: list[str] = []

    async def away(name, arguments, key):
        asked.append(name)
        raise TimeoutError

    heard.enqueue = away
    assert await outbox.relay_forgotten() == 0
    assert len(asked) == 1


async def test_a_job_that_is_done_at_once_and_takes_long_is_not_done_again_meanwhile(
    session, outbox, heard, make
):
    relayed: list[int] = []
    enqueue = heard.enqueue

    async def slow(name, arguments, key):
        await age(session)
        relayed.append(await outbox.relay_forgotten())
        await enqueue(name, arguments, key)

    heard.enqueue = slow
    await commit_one(session, outbox, await make(factories.person()))
    assert (relayed, heard.jobs, await waiting(session)) == ([0], [JOB], 0)


async def test_a_valkey_that_does_not_answer_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(queue_module, "PATIENCE", 0.05)
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    queue = ArqQueue(f"redis://127.0.0.1:{port}/0")
    async with silent, asyncio.timeout(30):
        with pytest.raises(TimeoutError):
            await queue.enqueue("send_mail", {}, None)
