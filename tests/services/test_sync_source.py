"""The source of a copy: one that is busy, lets tokens expire, breaks off, or is no API at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from kitsu_api.services.sync.source import Credentials, Source, SyncError

Handler = Callable[[httpx.Request], httpx.Response]
ADMIN = {"user": {"role": "admin"}}


class Server:
    """A server that signs in, and answers the rest as a test wants."""

    def __init__(self, answer: Handler) -> None:
        self.answer = answer
        self.logins = 0
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.path == "/api/auth/login":
            self.logins += 1
            return httpx.Response(200, json={"access_token": f"token {self.logins}"})
        if request.url.path == "/api/auth/authenticated":
            return httpx.Response(200, json=ADMIN)
        return self.answer(request)

    def source(self, **options: Any) -> Source:
        """A client of it that doesn't wait long."""
        transport = options.pop("transport", httpx.MockTransport(self))
        credentials = options.pop("credentials", Credentials("a@b.example", "secret"))
        return Source(
            "https://source.example/api/", credentials, first_pause=0.001, transport=transport, **options
        )


async def test_a_source_that_is_busy_is_asked_again():
    answers = [
        httpx.Response(503),
        httpx.Response(429, headers={"retry-after": "0"}),
        httpx.Response(200, json=[1]),
    ]
    server = Server(lambda request: answers.pop(0))
    async with server.source() as source:
        assert await source.read("/data/persons") == [1]


async def test_a_source_that_stays_away_ends_the_copy():
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    async with Server(away).source() as source:
        with pytest.raises(SyncError, match="can't be reached: ConnectError refused"):
            await source.read("/data/persons")


async def test_an_expired_token_is_renewed():
    def answer(request: httpx.Request) -> httpx.Response:
        good = request.headers["authorization"] == "Bearer token 2"
        return httpx.Response(200, json=[1]) if good else httpx.Response(401, json={"message": "expired"})

    server = Server(answer)
    async with server.source() as source:
        assert await source.read("/data/persons") == [1]
    assert server.logins == 2
    login = next(request for request in server.asked[2:] if request.url.path.endswith("login"))
    assert "authorization" not in login.headers


async def test_requests_that_meet_an_expired_token_together_get_one_new_token(tmp_path):
    met, all_met = 0, asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal met
        if request.url.path.startswith("/api/auth"):
            await asyncio.sleep(0)
            return server(request)
        if request.headers.get("authorization") == "Bearer token 2":
            return httpx.Response(200, content=b"picture")
        met += 1
        if met == 4:
            all_met.set()
        await all_met.wait()
        return httpx.Response(401)

    server = Server(lambda request: httpx.Response(404))
    async with server.source(transport=httpx.MockTransport(answer)) as source:
        files = [tmp_path / str(number) for number in range(4)]
        assert all(await asyncio.gather(*(source.download("/pictures/1.png", file) for file in files)))
    assert (met, server.logins) == (4, 2)


async def test_a_file_is_not_missing_because_a_token_expired_while_the_source_was_busy(tmp_path):
    answers = [httpx.Response(503), httpx.Response(401), httpx.Response(200, content=b"picture")]
    async with Server(lambda request: answers.pop(0)).source() as source:
        assert await source.download("/pictures/1.png", tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"picture"


async def test_a_bot_needs_no_login():
    server = Server(lambda request: httpx.Response(200, json=[]))
    async with server.source(credentials=Credentials(token="the bot's")) as source:
        await source.read("/data/persons")
    assert server.logins == 0
    assert server.asked[-1].headers["authorization"] == "Bearer the bot's"


async def test_lists_come_page_by_page():
    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        rows = [{"id": f"{number}"}]
        return httpx.Response(200, json={"data": rows, "nb_pages": 3, "total": 3, "page": number})

    async with Server(answer).source() as source:
        found = [
            (page.number, page.total, page.rows) async for page in source.pages("/data/persons", start=2)
        ]
    assert found == [(2, 3, [{"id": "2"}]), (3, 3, [{"id": "3"}])]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (httpx.Response(200, text="<html>"), "answers no JSON"),
        (
            httpx.Response(301, headers={"location": "https://other.example/"}),
            "sends to https://other.example/",
        ),
        (httpx.Response(403, json={"message": "Not allowed."}), "answers 403: Not allowed"),
        (httpx.Response(404), "has no list"),
        (httpx.Response(200, json={"rows": []}), "answers no list"),
    ],
)
async def test_what_is_no_list_of_an_api_is_told(answer, message):
    async with Server(lambda request: answer).source() as source:
        with pytest.raises(SyncError, match=message):
            _ = [page async for page in source.pages("/data/persons")]


@pytest.mark.parametrize("url", ["nonsense", "https://host:port/api", "ftp://host/api", ""])
async def test_an_address_that_is_none_is_told(url):
    with pytest.raises(SyncError, match="no address"):
        async with Source(url, Credentials(token="x"), first_pause=0.001):
            pass


async def test_files_are_downloaded_and_the_store_gets_no_token(tmp_path):
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "store.example":
            return httpx.Response(200, content=b"picture")
        return httpx.Response(302, headers={"location": "https://store.example/signed"})

    server = Server(answer)
    async with server.source() as source:
        assert await source.download("/pictures/1.png", tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"picture"
    assert "authorization" not in server.asked[-1].headers


async def test_a_file_that_breaks_off_is_fetched_again(tmp_path):
    class Broken(httpx.AsyncByteStream):
        async def __aiter__(self):
            yield b"pict"
            raise httpx.ReadError("gone")

    answers = [
        httpx.Response(200, stream=Broken()),
        httpx.Response(401),
        httpx.Response(200, content=b"picture"),
    ]
    server = Server(lambda request: answers.pop(0))
    async with server.source() as source:
        answers[1:2] = [httpx.Response(503)]
        assert await source.download("/pictures/1.png", tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"picture"


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_file_that_is_not_given_is_missing(tmp_path, status):
    async with Server(lambda request: httpx.Response(status)).source() as source:
        assert not await source.download("/pictures/1.png", tmp_path / "file")
    assert not (tmp_path / "file").exists()
