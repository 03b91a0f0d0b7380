"""Who asks for twice as much as a server can answer: asks at that pace, and sees each answer as it is."""

from __future__ import annotations

import asyncio

import pytest

from bench.driver import CONNECTIONS_EACH, Driver, Question, split

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
PIECES = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"


@pytest.mark.parametrize("answer", [OK, PIECES])
def test_an_answer_is_read_once_it_is_whole(answer):
    found = split(answer)
    assert found is not None
    assert (found[0], found[2]) == (200, b"hello")
    assert not any(split(answer[:length]) for length in range(len(answer)))


@pytest.fixture
async def slow_server():
    """Answers one after the other, 100 a second; every third with 503, and wrongly where asked so."""
    turn, asked = asyncio.Lock(), 0

    async def serve(reader, writer):
        nonlocal asked
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            async with turn:
                await asyncio.sleep(0.01)
                asked += 1
            if asked % 3 == 0:
                writer.write(b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
            else:
                writer.write(OK.replace(b"hello", b"HELLO") if b"wrong" in head else OK)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


async def test_it_asks_at_its_pace_however_slow_the_answers_are(slow_server):
    driver = Driver("127.0.0.1", slow_server, 20, lambda: Question(b"GET / HTTP/1.1\r\n\r\n", "/", b"hello"))
    seen = await driver.at_a_pace(200, 0.4)
    assert (seen.asked, seen.unasked, seen.broken) == (80, 0, 0)
    assert sum(seen.statuses.values()) == 80
    assert len(seen.accepted) == seen.statuses[200]
    assert (seen.statuses[503], seen.without_hint, seen.wrong) == (26, 0, [])
    # the last ones waited for those before them
    assert max(seen.accepted) > 0.2


async def test_it_sees_what_is_wrong_and_tells_what_it_could_not_ask(slow_server):
    driver = Driver(
        "127.0.0.1", slow_server, 1, lambda: Question(b"GET /wrong HTTP/1.1\r\n\r\n", "/", b"hello")
    )
    seen = await driver.at_a_pace(400, 0.1)
    assert seen.unasked > 0
    assert seen.asked + seen.unasked == 40
    assert seen.asked >= CONNECTIONS_EACH
    assert len(seen.wrong) == seen.statuses[200] > 0
