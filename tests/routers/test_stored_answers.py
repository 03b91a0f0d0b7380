"""Answers that are made while they are sent: what is begun is ended, and nobody waits until they are kept."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI, Request
from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from kitsu_api.db import models as m
from kitsu_api.db.engine import make_sessions
from kitsu_api.db.narrowed import Narrowed
from kitsu_api.db.repositories.row_states import Search, States, state_of
from kitsu_api.db.straight import reading
from kitsu_api.routers.answer_parts import Ahead, Parts
from kitsu_api.routers.named_answers import by_state
from kitsu_api.routers.stored_answers import AnswerStore, StreamedAnswer

DEPARTMENT = m.Department.__table__
NAMES = Narrowed(
    lambda where: select(
        func.string_agg(DEPARTMENT.c.name, aggregate_order_by(literal_column("' '"), DEPARTMENT.c.name))
    ).where(*where)
)


class Making:
    """Parts of an answer, and what became of them."""

    def __init__(self, *parts: bytes | Exception) -> None:
        self.parts = parts
        self.made: list[Any] = []
        self.ended = 0

    async def __call__(self) -> AsyncIterator[bytes]:
        try:
            for part in self.parts:
                await asyncio.sleep(0)
                if isinstance(part, Exception):
                    raise part
                self.made.append(part)
                yield part
        finally:
            self.ended += 1


async def answered(answer: Any, sent: list[Any] | None = None) -> tuple[int, bytes, dict[str, str]]:
    """The status, body and headers of an answer; what is sent is noted as it comes."""
    messages: list[Any] = [] if sent is None else sent

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    async def send(message: Any) -> None:
        messages.append(message)

    await answer({"type": "http"}, receive, send)
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return messages[0]["status"], b"".join(each.get("body", b"") for each in messages), headers


def streamed(making: Making, store: AnswerStore | None = None, coding: str = "identity") -> StreamedAnswer:
    return StreamedAnswer(Parts(making), "text/plain", {}, coding=coding, store=store, name="name")


async def test_parts_are_made_ahead_and_no_more_than_that():
    making = Making(*(b"%d" % number for number in range(9)))
    ahead = Ahead(making(), 3)
    while len(making.made) < 4:
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(making.made) == 4, "three wait, and one waits to wait"
    assert [part async for part in ahead] == list(making.parts)
    assert [part async for part in ahead] == [], "there are no more"
    assert making.ended == 1


@pytest.mark.parametrize("way", ["closed", "forgotten"])
async def test_what_was_begun_for_nothing_is_ended(way):
    making = Making(*[b"part"] * 9)
    parts = Parts(making)
    parts.begin()
    while not making.made:
        await asyncio.sleep(0)
    if way == "closed":
        await parts.drop()
    else:
        del parts
        gc.collect()
        while not making.ended:
            await asyncio.sleep(0)
    assert making.ended == 1


async def test_what_was_given_up_can_be_made_anew():
    making = Making(b"one", b"two")
    parts = Parts(making)
    parts.begin()
    await parts.drop()
    assert [part async for part in parts.made()] == [b"one", b"two"]


async def test_the_answer_has_left_before_it_is_kept(tmp_path, monkeypatch):
    store, sent = AnswerStore(tmp_path, 1000), []
    keep, left = store.keep, []

    def noting(*given: Any) -> None:
        left.append(sent[-1]["more_body"])
        keep(*given)

    monkeypatch.setattr(store, "keep", noting)
    status, body, _ = await answered(streamed(Making(b"one", b"two"), store), sent)
    assert (status, body, left) == (200, b"onetwo", [False])
    assert (await answered(streamed(Making(RuntimeError()), store)))[1] == b"onetwo", "it is kept"


@pytest.mark.parametrize("coding", ["identity", "zstd"])
async def test_an_answer_that_cant_be_kept_is_sent_all_the_same(tmp_path, monkeypatch, coding):
    store = AnswerStore(tmp_path, 1000)
    begin = store.begin

    def full() -> Any:
        draft = begin()
        draft.file.close()
        object.__setattr__(draft, "file", open("/dev/full", "wb", buffering=0))  # noqa: SIM115
        return draft

    monkeypatch.setattr(store, "begin", full)
    parts = [b"one" * 2000, b"two" * 2000, b"three" * 2000]
    sent: list[Any] = []
    _, body, _ = await answered(streamed(Making(*parts), store, coding), sent)
    assert sent[-1]["more_body"] is False
    assert coding != "identity" or body == b"".join(parts)
    assert list(tmp_path.iterdir()) == []


async def test_an_answer_that_breaks_off_is_not_kept(tmp_path):
    making = Making(b"one", b"two", RuntimeError("gone"))
    with pytest.raises(RuntimeError, match="gone"):
        await answered(streamed(making, AnswerStore(tmp_path, 1000)))
    assert (making.ended, list(tmp_path.iterdir())) == (1, [])


async def test_who_waits_for_somebody_elses_answer_holds_nothing_meanwhile(tmp_path):
    store, second = AnswerStore(tmp_path, 1000), Making(b"mine")
    waiting = streamed(second, store)
    waiting._parts.begin()
    lock = store.lock(waiting._name)
    async with lock:
        answer = asyncio.create_task(answered(waiting))
        while not second.ended:
            await asyncio.sleep(0)
    assert (await answer)[1] == b"mine", "nothing was kept, so that it was made after all"


# --- named after the state of rows, which is looked for beside ---------------------------------------


@pytest.fixture
async def real(migrated_database: str) -> AsyncIterator[AsyncEngine]:
    url = migrated_database.replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url, pool_size=3, max_overflow=0)
    async with engine.begin() as one, engine.connect(), engine.connect():
        await one.execute(DEPARTMENT.delete())
        await one.execute(DEPARTMENT.insert(), [{"name": "Ink", "color": ""}])
    yield engine
    await engine.dispose()


class Listing:
    """A list of names that is named after the state of the departments."""

    def __init__(self, engine: AsyncEngine, settings: Any) -> None:
        self.engine, self.sessions = engine, make_sessions(engine)
        self.app = FastAPI()
        self.app.state.settings = settings
        self.search = States(lambda: [state_of(DEPARTMENT)]).search()
        self.key = str(uuid4())
        self.when_begun: Callable[[], Any] | None = None
        self.begun: list[str] = []

    async def parts(self) -> AsyncIterator[bytes]:
        self.begun.append("content")
        async with reading(self.sessions)() as session:
            text = await NAMES([]).scalar(session)
            yield text.encode() * 800
        yield b"."

    async def ask(self, **headers: str) -> tuple[int, bytes, str]:
        given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        request = Request({"type": "http", "headers": given, "app": self.app, "method": "GET", "path": "/"})
        async with reading(self.sessions)() as session:
            answer = await by_state(request, session, {"key": self.key}, self.search, self.parts)
            self.begun.append("named")
        status, body, told = await answered(answer)
        return status, body[: body.find(b"k") + 1], told["etag"]

    async def write(self, name: str) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(DEPARTMENT.update().values(name=name))


@pytest.fixture
async def listing(real, settings, monkeypatch) -> AsyncIterator[Listing]:
    """One that changed when it was last asked for, and took long."""
    monkeypatch.setattr(Search, "LONG", 0.0)
    found = Listing(real, settings)
    for name in ("Pink", "Drink"):
        assert (await found.ask())[:2] != (200, name.encode())
        await found.write(name)
    await found.ask()
    found.begun.clear()
    yield found
    assert real.pool.checkedout() == 0, "every connection was given back"


async def begun(listing: Listing) -> bool:
    """Whether the content was begun before the name was known, as of the last question."""
    order, listing.begun = listing.begun, []
    return order[:2] == ["content", "named"]


async def test_what_often_changes_is_read_while_its_name_is_looked_for(listing):
    names = set()
    for name in ("Blink", "Shrink"):
        await listing.write(name)
        status, body, etag = await listing.ask()
        names.add(etag)
        assert (status, body) == (200, name.encode())
        assert await begun(listing)
        assert await listing.ask(if_none_match=etag) == (304, b"", etag)
        assert listing.begun == ["named"], "who has one is not helped by another"
        listing.begun.clear()
    assert len(names) == 2


async def test_nothing_is_begun_while_nothing_was_written(listing):
    assert (await listing.ask())[1] == b"Drink"
    assert not await begun(listing)


async def test_what_was_begun_is_given_up_for_what_is_kept(listing):
    await listing.ask()
    async with listing.engine.begin() as other:
        await other.execute(m.ProjectStatus.__table__.insert(), {"name": uuid4().hex[:9], "color": ""})
    listing.begun.clear()
    assert (await listing.ask())[1] == b"Drink", "others were changed, not this one"
    assert await begun(listing)
    async with listing.engine.begin() as other:
        await other.execute(m.ProjectStatus.__table__.insert(), {"name": uuid4().hex[:9], "color": ""})
    assert (await listing.ask())[1] == b"Drink"
    assert not await begun(listing), "it did not change the last time"


async def test_nobody_waits_for_a_connection_while_holding_one(listing):
    await listing.write("Blink")
    async with listing.engine.connect(), listing.engine.connect():
        assert (await listing.ask())[1] == b"Blink"
    assert not await begun(listing)


async def test_many_at_once_get_theirs_with_few_connections(listing):
    await listing.write("Blink")
    found = await asyncio.wait_for(asyncio.gather(*(listing.ask() for _ in range(12))), 30)
    assert {(status, body) for status, body, _ in found} == {(200, b"Blink")}


async def test_a_content_is_never_older_than_its_name(listing, monkeypatch):
    """Something is written after the state's snapshot was taken: what is kept may show it, and the next who
    asks gets another name."""
    state = Search.state

    async def later(self: Search, session: Any) -> str:
        await listing.write("Later")
        return await state(self, session)

    await listing.write("Blink")
    monkeypatch.setattr(Search, "state", later)
    _, body, first = await listing.ask()
    assert body in (b"Blink", b""), "a name without a k"
    monkeypatch.setattr(Search, "state", state)
    _, _, second = await listing.ask()
    assert first != second


async def test_a_state_that_is_not_found_ends_what_was_begun(listing, monkeypatch):
    async def fails(self: Search, session: Any) -> str:
        raise RuntimeError("no state")

    await listing.write("Blink")
    monkeypatch.setattr(Search, "state", fails)
    with pytest.raises(RuntimeError, match="no state"):
        await listing.ask()
