"""The numbered log: order of commits, nothing lost, nothing twice, nothing that was rolled back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.models import ApiEvent, ProjectPersonLink
from kitsu_api.db.repositories.event_feed import EventFeed
from kitsu_api.events import Event
from kitsu_api.permissions import tokens
from kitsu_api.unit_of_work import UnitOfWork
from tests import factories
from tests.conftest import make_settings
from tests.live import KEY, serving
from tests.servers import run_sql

PATIENCE = 30


class Silent:
    """Nobody is told: whoever reads the log looks by himself."""

    async def deliver(self, message) -> None:
        return


@pytest.fixture
async def real(migrated_database, tmp_path) -> AsyncIterator:
    """Sessions whose commits are real, on a database of their own."""
    engine = make_engine(make_settings(tmp_path, migrated_database, "redis://unused"))
    yield make_sessions(engine)
    await engine.dispose()


async def read(sessions, after: int = 0) -> list[tuple[int, str]]:
    async with sessions() as session:
        feed = EventFeed(session)
        await feed.number()
        await session.commit()
        return [(entry.sequence, entry.name) for entry in await feed.after(after, 10_000)]


async def log(sessions, *names: str) -> None:
    async with sessions() as session:
        uow = UnitOfWork(session, Silent())
        for name in names:
            uow.emit(Event(name))
        await uow.commit()


async def test_the_order_is_that_of_commits_and_not_of_writing(real):
    async with real() as slow:
        slow.add(ApiEvent(name="slow:new"))
        await slow.flush()
        await log(real, "quick:new")
        assert await read(real) == [(1, "quick:new")]
        await slow.commit()
    await log(real, "later:new")
    assert await read(real) == [(1, "quick:new"), (2, "slow:new"), (3, "later:new")]
    assert await read(real, after=2) == [(3, "later:new")]


async def test_what_is_rolled_back_leaves_neither_an_event_nor_a_gap(real):
    await log(real, "first:new")
    async with real() as session:
        session.add(ApiEvent(name="never:new"))
        await session.flush()
        await session.rollback()
    await log(real, "second:new")
    assert await read(real) == [(1, "first:new"), (2, "second:new")]


async def test_events_of_one_transaction_keep_their_order(real):
    names = [f"thing-{number}:new" for number in range(50)]
    await log(real, *names)
    assert [name for _, name in await read(real)] == names


async def test_what_another_server_logs_is_numbered_too(real, migrated_database):
    row = "INSERT INTO api_event (id, name) VALUES (gen_random_uuid(), 'foreign:new')"
    many = "INSERT INTO api_event (id, name) SELECT gen_random_uuid(), 'bulk:new' FROM generate_series(1, 3)"
    run_sql(
        migrated_database,
        row,
        # a role that may write their table and knows nothing of ours
        "CREATE ROLE other_server",
        "GRANT INSERT ON api_event TO other_server",
        f"SET ROLE other_server; {many}; RESET ROLE",
        "REVOKE ALL ON api_event FROM other_server",
        "DROP ROLE other_server",
    )
    assert await read(real) == [(1, "foreign:new"), *((number, "bulk:new") for number in (2, 3, 4))]


async def test_numbers_are_not_given_again_when_the_newest_events_are_deleted(real):
    await log(real, "old:new")
    await read(real)
    async with real() as session:
        await session.execute(text("DELETE FROM api_event"))
        await session.commit()
    await log(real, "new:new")
    assert await read(real) == [(2, "new:new")]


async def test_a_database_that_lost_its_cursors_goes_on_behind_the_highest_number(real):
    await log(real, "old:new")
    await read(real)
    async with real() as session:
        await session.execute(text("DELETE FROM kitsu_api_event_cursor"))
        await session.commit()
    await log(real, "new:new")
    assert await read(real) == [(1, "old:new"), (2, "new:new")]
    async with real() as session:
        assert await EventFeed(session).claim("somebody") == 2


async def follow(sessions, after: int = 0) -> list[tuple[int, str]]:
    """As `read`, in the way of those who tell listeners."""
    async with sessions() as session:
        feed = EventFeed(session)
        await feed.number_at_once()
        return [(entry.sequence, entry.name) for entry in await feed.after(after, 10_000)]


@pytest.mark.parametrize(
    "ways", [(read, read), (follow, follow), (read, follow)], ids=["read", "follow", "both"]
)
async def test_processes_that_number_at_once_give_each_number_once(real, ways):
    async def write(writer: int) -> None:
        for number in range(10):
            await log(real, f"thing-{writer}-{number}:new")
            await ways[number % 2](real)

    await asyncio.gather(*map(write, range(8)))
    found = await read(real)
    assert [sequence for sequence, _ in found] == list(range(1, 81))
    assert len({name for _, name in found}) == 80


async def test_numbering_by_one_message_keeps_the_order_of_commits_and_is_seen_by_others(real):
    async with real() as slow:
        slow.add(ApiEvent(name="slow:new"))
        await slow.flush()
        await log(real, "quick:new")
        assert await follow(real) == [(1, "quick:new")]
        await slow.commit()
    assert await follow(real) == [(1, "quick:new"), (2, "slow:new")]
    assert await read(real) == [(1, "quick:new"), (2, "slow:new")]


async def test_looking_in_vain_writes_nothing(real):
    async def written() -> str:
        async with real() as session:
            cursor = "SELECT xmin::text FROM kitsu_api_event_cursor WHERE name = 'last'"
            return str(await session.scalar(text(cursor)))

    await log(real, "first:new")
    await follow(real)
    before = await written()
    await follow(real)
    await read(real)
    assert await written() == before


async def test_a_database_that_hangs_up_is_an_error_and_the_next_look_is_fine(real):
    await log(real, "first:new")
    async with real() as session:
        pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        async with real() as other:
            await other.execute(text(f"SELECT pg_terminate_backend({pid}, 5000)"))
        with pytest.raises(SQLAlchemyError):
            await EventFeed(session).number_at_once()
    assert await follow(real) == [(1, "first:new")]


# --- over HTTP ---------------------------------------------------------------------------------------


async def last(client, headers, **query):
    return await client.get("/data/events/last", params=query, headers=headers)


async def test_events_after_a_number_come_in_order(client, as_role, make, session):
    film = await make(factories.project())
    admin, manager = await as_role("admin"), await as_role("manager", on=film)
    start = await EventFeed(session).number()
    await session.commit()
    for number in range(4):
        await make(ApiEvent(name=f"thing:{number}", project_id=film.id if number % 2 else None))
    answer = await last(client, admin, after=start, limit=3)
    rows = answer.json()
    assert [row["name"] for row in rows] == ["thing:0", "thing:1", "thing:2"]
    assert [row["sequence"] for row in rows] == [start + 1, start + 2, start + 3]
    assert [row["name"] for row in (await last(client, admin, after=start + 3)).json()] == ["thing:3"]
    assert [row["name"] for row in (await last(client, manager, after=start)).json()] == [
        "thing:1",
        "thing:3",
    ]


@pytest.mark.parametrize(
    ("after", "said"), [("9" * 18, "The log ends"), ("9" * 40, "number of an event"), ("٣", "number")]
)
async def test_a_number_that_is_none_of_the_log_is_refused(client, as_role, after, said):
    answer = await last(client, await as_role("admin"), after=after)
    assert answer.status_code == 400
    assert said in answer.json()["message"]
    streamed = await client.get("/data/events/stream", params={"after": after}, headers=await as_role("user"))
    assert streamed.status_code == 400


async def test_who_comes_back_after_events_were_deleted_is_told(client, as_role, session):
    await session.execute(text("UPDATE kitsu_api_event_cursor SET sequence = 5"))
    await session.commit()
    admin = await as_role("admin")
    assert (await last(client, admin, after=4)).status_code == 410
    assert (await last(client, admin, after=5)).json() == []


async def test_guests_and_strangers_follow_no_events(client, as_role, make):
    film = await make(factories.project())
    path = "/data/events/stream"
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers=await as_role("client", is_guest=True))).status_code == 403
    stranger = await as_role("user")
    assert (await client.get(path, params={"project_id": film.id}, headers=stranger)).status_code == 403


# --- streams of a running server ---------------------------------------------------------------------


class Reader:
    """Reads the stream, and comes back where it left off."""

    def __init__(self, address: str, token: str, **query: str) -> None:
        self.address, self.query = address, query
        self.headers = {"Authorization": f"Bearer {token}"}
        self.heard: list[dict] = []
        self.last: str | None = None
        self.started = asyncio.Event()
        """Set once the server has answered: what is committed from then on is heard."""

    async def read(self, until) -> None:
        headers = self.headers | ({"Last-Event-ID": self.last} if self.last else {})
        async with (
            asyncio.timeout(PATIENCE),
            httpx.AsyncClient(base_url=self.address, timeout=PATIENCE) as client,
            client.stream("GET", "/data/events/stream", params=self.query, headers=headers) as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                field, _, value = line.partition(": ")
                if field == "id":
                    self.last = value
                elif field == "data":
                    self.heard.append(json.loads(value))
                    assert self.heard[-1]["sequence"] == int(str(self.last))
                elif field == "retry":
                    self.started.set()
                if until(self):
                    return

    @property
    def names(self) -> list[str]:
        return [row["name"] for row in self.heard]


@contextlib.asynccontextmanager
async def stage(real, url, valkey_url, folder):
    """A server, a production with an artist, another one, and an admin."""
    film, other = factories.production(), factories.production()
    artist, admin = factories.person(role="user"), factories.person(role="admin")
    async with real() as session:
        for row in (*film, *other, artist, admin):
            session.add(row)
            await session.flush()
        session.add(ProjectPersonLink(project_id=film.project.id, person_id=artist.id))
        await session.commit()
    settings = make_settings(folder, url, valkey_url).model_copy(update={"secret_key": SecretStr(KEY)})
    with serving(url, valkey_url, folder) as address:
        people = {"artist": artist, "admin": admin}
        signed_in = {name: tokens.issue(settings, person.id) for name, person in people.items()}
        yield address, film.project.id, other.project.id, signed_in, artist


async def test_a_reader_who_is_cut_off_hears_all_that_it_may_in_order_and_nothing_twice(
    real, migrated_database, valkey_url, valkey, tmp_path
):
    writers, writes, dice = 20, 1_000, random.Random(7)
    async with stage(real, migrated_database, valkey_url, tmp_path) as (address, film, other, token, _artist):
        committed: set[str] = set()

        async def write(writer: int) -> None:
            for number in range(writes // writers):
                place = dice.choice(("film", "other", "studio"))
                name = f"{place}-{writer}-{number}:new"
                async with real() as session:
                    project = {"film": film, "other": other}.get(place)
                    session.add(ApiEvent(name=name, project_id=project))
                    await session.flush()
                    await asyncio.sleep(dice.random() / 200)  # so that transactions overlap
                    if dice.random() < 0.1:
                        await session.rollback()
                    else:
                        await session.commit()
                        committed.add(name)

        reader = Reader(address, token["artist"], after="0")
        writing = asyncio.gather(*map(write, range(writers)))
        await reader.read(lambda r: len(r.heard) >= 100)
        await reader.read(lambda r: len(r.heard) >= 101)  # back at once, gone at once
        await writing
        await log(real, "end:new")
        await reader.read(lambda r: r.names[-1:] == ["end:new"])
    expected = {name for name in committed if not name.startswith("other")} | {"end:new"}
    assert len(reader.names) == len(set(reader.names))
    assert set(reader.names) == expected
    numbers = [row["sequence"] for row in reader.heard]
    assert numbers == sorted(numbers)
    for writer in range(writers):
        own = [int(n.split("-")[2].split(":")[0]) for n in reader.names if f"-{writer}-" in n]
        assert own == sorted(own), "a writer's events come in the order of its commits"


async def test_the_stream_follows_who_joins_and_leaves_and_filters_by_name_and_production(
    real, migrated_database, valkey_url, valkey, tmp_path
):
    async with stage(real, migrated_database, valkey_url, tmp_path) as (address, film, other, token, artist):
        everything = Reader(address, token["artist"])
        narrow = Reader(address, token["admin"], name="wanted:new,end:new", project_id=str(other))
        team = f"/data/projects/{other}/team"

        async def heard(name: str) -> None:
            """Both have heard all that was committed so far."""
            await put(real, name, None)
            async with asyncio.timeout(PATIENCE):
                while name not in everything.names:
                    await asyncio.sleep(0.01)

        async def write() -> None:
            await asyncio.gather(everything.started.wait(), narrow.started.wait())
            headers = {"Authorization": f"Bearer {token['admin']}"}
            async with httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE) as admin:
                await put(real, "hidden:new", other)
                await heard("outside:new")
                assert (await admin.post(team, json={"person_id": str(artist.id)})).status_code == 201
                await put(real, "wanted:new", other)
                await put(real, "other:new", other)
                await heard("inside:new")
                assert (await admin.delete(f"{team}/{artist.id}")).status_code == 204
                await put(real, "hidden:new", other)
                await put(real, "wanted:new", film)
                await put(real, "end:new", other)
                await heard("end:new")

        def ends(reader: Reader) -> bool:
            return reader.names[-1:] == ["end:new"]

        await asyncio.gather(write(), everything.read(ends), narrow.read(ends))
    assert [name for name in everything.names if name != "project:update"] == [
        "outside:new",
        "wanted:new",
        "other:new",
        "inside:new",
        "wanted:new",
        "end:new",
    ]
    assert narrow.names == ["wanted:new", "end:new"]


async def put(sessions, name: str, project_id) -> None:
    async with sessions() as session:
        session.add(ApiEvent(name=name, project_id=project_id, data={"n": str(uuid4())}))
        await session.commit()


async def test_the_stream_ends_when_the_reader_signs_out(
    real, migrated_database, valkey_url, valkey, tmp_path
):
    async with stage(real, migrated_database, valkey_url, tmp_path) as (address, *_, token, _artist):
        reader = Reader(address, token["artist"])

        async def sign_out() -> None:
            await reader.started.wait()
            headers = {"Authorization": f"Bearer {token['artist']}"}
            async with httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE) as client:
                assert (await client.get("/auth/logout")).status_code == 200
            await put(real, "person:update", None)

        await asyncio.gather(sign_out(), reader.read(lambda _: False))
    assert reader.names == []
