"""A process that is asked more than it can do: who is let in, who waits, and who is told to come again."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from uvicorn import Config
from uvicorn.server import ServerState

from kitsu_api import admission, slow_clients
from kitsu_api.admission import Admission, Lane
from kitsu_api.settings import Settings
from kitsu_api.slow_clients import PatientHttp

FORM = "multipart/form-data; boundary=x"


class Works:
    """An application whose requests wait until they are let go, and that counts those under way."""

    def __init__(self) -> None:
        self.running = self.most = self.done = 0
        self.go = asyncio.Event()
        self.sends = asyncio.Event()
        self.started = asyncio.Event()
        self.sends.set()
        self.headers = [(b"content-type", b"text/plain")]

    async def __call__(self, scope, receive, send) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        self.started.set()
        try:
            while scope["method"] == "POST":
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                if not message.get("more_body"):
                    break
            await self.go.wait()
            await send({"type": "http.response.start", "status": 200, "headers": self.headers})
            await self.sends.wait()
            await send({"type": "http.response.body", "body": b"ok"})
            self.done += 1
        finally:
            self.running -= 1


@pytest.fixture
def works():
    return Works()


@pytest.fixture
def serve(works):
    """`serve(requests_at_once=1)`: a client of the application behind an admission with these settings."""

    def make(**values) -> AsyncClient:
        app = FastAPI()
        chosen = {"requests_at_once": 2, "requests_waiting": 2, "request_wait": 60.0, "uploads_at_once": 1}
        app.state.settings = Settings.model_construct(**{**chosen, **values})
        gate = Admission(works)

        async def with_app(scope, receive, send) -> None:
            await gate(dict(scope, app=app), receive, send)

        return AsyncClient(transport=ASGITransport(with_app), base_url="http://test")

    return make


async def reached(condition) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)


async def test_so_many_work_so_many_wait_and_the_others_are_told_to_come_again(serve, works):
    async with serve() as client:
        asked = [asyncio.create_task(client.get(f"/data/{number}")) for number in range(6)]
        await reached(lambda: sum(task.done() for task in asked) == 2)
        refused = [task.result() for task in asked if task.done()]
        assert [answer.status_code for answer in refused] == [503, 503]
        assert refused[0].headers["retry-after"] == "2"
        assert refused[0].json() == {"error": True, "message": "The server is busy. Try again in a moment."}
        works.go.set()
        answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [503] * 2
    assert (works.most, works.done, works.running) == (2, 4, 0)


async def test_nobody_waits_longer_than_the_setting_says(serve, works):
    async with serve(request_wait=0.01) as client:
        asked = [asyncio.create_task(client.get("/data")) for _ in range(3)]
        await reached(lambda: any(task.done() for task in asked))
        assert [task.result().status_code for task in asked if task.done()] == [503]
        works.go.set()
        assert [answer.status_code for answer in await asyncio.gather(*asked)].count(200) == 2


async def test_signing_in_and_health_checks_do_not_wait_behind_everything_else(serve, works):
    async with serve(requests_at_once=1, requests_waiting=0) as client:
        busy = asyncio.create_task(client.get("/data"))
        await works.started.wait()
        assert (await client.get("/data")).status_code == 503
        others = [asyncio.create_task(client.post("/auth/login")), asyncio.create_task(client.get("/status"))]
        await reached(lambda: works.running == 3)
        works.go.set()
        assert [answer.status_code for answer in await asyncio.gather(busy, *others)] == [200] * 3


async def test_files_have_places_of_their_own(serve, works):
    large = b"x" * (admission.SMALL + 1)
    async with serve(requests_at_once=1, requests_waiting=0) as client:
        headers = {"content-type": FORM}
        sending = asyncio.create_task(client.post("/data", content=large, headers=headers))
        await works.started.wait()
        assert (await client.post("/data", content=large, headers=headers)).status_code == 503
        reading = asyncio.create_task(client.get("/data"))
        await reached(lambda: works.running == 2)
        works.go.set()
        assert [answer.status_code for answer in await asyncio.gather(sending, reading)] == [200] * 2


@pytest.mark.parametrize(
    ("headers", "free"),
    [
        ([(b"content-length", b"2")], True),
        ([(b"content-type", b"text/event-stream")], True),
        ([(b"content-type", b"text/csv")], False),
    ],
)
async def test_a_slow_reader_of_what_is_made_holds_nobody_up(serve, works, headers, free):
    works.headers = headers
    works.sends.clear()
    works.go.set()
    async with serve(requests_at_once=1, requests_waiting=0) as client:
        slow = asyncio.create_task(client.get("/data"))
        await works.started.wait()
        await asyncio.sleep(0)
        other = asyncio.create_task(client.get("/data"))
        await reached(lambda: works.running == 2 or other.done())
        works.sends.set()
        assert (await other).status_code == (200 if free else 503)
        assert (await slow).status_code == 200


async def test_a_request_that_takes_long_gives_its_place_back(serve, works, monkeypatch):
    monkeypatch.setattr(admission, "LONGEST_HOLD", 0.01)
    async with serve(requests_at_once=1) as client:
        asked = [asyncio.create_task(client.get("/data")) for _ in range(2)]
        await reached(lambda: works.running == 2)
        works.go.set()
        assert [answer.status_code for answer in await asyncio.gather(*asked)] == [200] * 2


async def test_a_place_passes_on_when_those_who_wait_or_work_are_gone():
    lane = Lane(1, 5, 5.0)
    assert await lane.enter()
    waiting = [asyncio.create_task(lane.enter()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    lane.leave()
    waiting[1].cancel()  # just as the place becomes its own
    assert await waiting[2]
    lane.leave()
    assert (lane.taken, lane.length) == (0, 0)


async def test_no_limit_is_no_limit(serve, works):
    works.go.set()
    async with serve(requests_at_once=0, uploads_at_once=0) as client:
        answers = await asyncio.gather(*(client.get("/data") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}


# --- slow senders ----------------------------------------------------------------------------------------


@pytest.fixture
async def port(serve, works, monkeypatch):
    """A real socket, with little patience."""
    monkeypatch.setattr(slow_clients, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(admission, "SILENCE", 0.2)
    gate = serve(requests_at_once=1, requests_waiting=0)._transport.app
    config = Config(gate, log_config=None, timeout_keep_alive=1)
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: PatientHttp(config, ServerState(), {}), "127.0.0.1", 0)
    works.go.set()
    yield server.sockets[0].getsockname()[1]
    server.close()


async def talk(port: int, *pieces: bytes) -> bytes:
    """Send pieces with pauses, and read until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        with contextlib.suppress(ConnectionError):
            return await reader.read()
    return b""


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"GET / HTTP/1.1\r\n"],
        [b"GET / HTTP/1.1\r\n", *[b"x: y\r\n"] * 6],
        [b"\r\n"],
    ],
)
async def test_a_head_that_does_not_come_closes_the_connection(port, works, pieces):
    assert await talk(port, *pieces) == b""
    assert works.done == 0


async def test_a_connection_between_two_requests_is_left_open_and_then_watched(port, works, monkeypatch):
    monkeypatch.setattr(slow_clients, "HEAD_SECONDS", 2.0)  # much longer than the pauses, on any machine
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    said = await talk(port, request, request, b"GET / HTTP/1.1\r\n")
    assert (said.count(b"200 OK"), works.done) == (2, 2)


async def test_a_small_body_that_does_not_come_takes_no_place(port, works):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1234"
    slow = [asyncio.create_task(talk(port, head)) for _ in range(5)]
    await asyncio.sleep(0.1)
    assert b"200 OK" in await talk(port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert all(b"408 " in said for said in await asyncio.gather(*slow))
    assert works.most == 1


async def test_a_large_body_that_falls_silent_counts_as_broken_off(port, works):
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 900000\r\n\r\nabc"
    await talk(port, head.encode())
    assert (works.done, works.running) == (0, 0)


async def test_a_large_body_has_to_keep_a_pace(port, works, monkeypatch):
    monkeypatch.setattr(admission, "PACE", 1_000)
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 900000\r\n\r\n"
    await talk(port, head.encode(), *[b"a"] * 8)
    assert (works.done, works.running) == (0, 0)
