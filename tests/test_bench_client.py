"""Clients that measure: they ask again once an answer is whole, however it comes."""

from __future__ import annotations

import asyncio

import pytest

from bench.client import Client, Request, throughput

WHOLE = (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",)
NOTHING = (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 0\r\n\r\n",)
IN_PARTS = (b"HTTP/1.1 200 OK\r\nconte", b"nt-length: 11\r\n\r\nhel", b"lo, ", b"you!")
IN_PIECES = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n",
    b"2\r\nlo\r\n0\r",
    b"\n\r\n",
)
REFUSED = (b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n",)


class Answering:
    """A server that answers everything in the same way, and counts."""

    def __init__(self, parts):
        self.parts, self.answered, self.early = parts, 0, 0

    async def serve(self, reader, writer):
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                for part in self.parts:
                    # who asks before the answer is whole was wrong about its end
                    self.early += bool(reader._buffer)
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)
                self.answered += 1
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def measured(server, seconds=0.1):
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        client = Client(f"http://127.0.0.1:{port}")
        return await throughput(client, [Request("GET", "/one"), Request("GET", "/two")], 3, seconds)


@pytest.mark.parametrize("parts", [WHOLE, NOTHING, IN_PARTS, IN_PIECES])
async def test_every_answer_is_counted_once_it_is_whole(parts):
    server = Answering(parts)
    per_second, slowest = await measured(server)
    assert server.early == 0
    assert server.answered > 3
    # the time until the last one came is a little longer than what was asked for
    assert 0 < per_second <= server.answered / 0.1
    assert 0 < slowest < 5


async def test_refusals_are_no_answers():
    with pytest.raises(RuntimeError, match="refusals"):
        await measured(Answering(REFUSED))


async def test_a_server_that_goes_away_is_told():
    class Leaving(Answering):
        async def serve(self, reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.close()

    with pytest.raises(ConnectionError):
        await measured(Leaving(()), seconds=30.0)
