"""Somebody who asks at a pace of their own, however slowly they are answered: what it costs is small, so that
one core can ask for more than another one answers."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

CONNECTIONS_EACH = 6
"""Connections of a client at a time, as browsers keep them."""

TICK = 0.002
"""Seconds between two looks at what is due."""


@dataclass(slots=True)
class Question:
    """A request as bytes, and what has to be in its answer."""

    text: bytes
    path: str
    body: bytes | None = None
    """The whole body of a right answer; None: any."""
    comment: str | None = None
    """The text of the comment that it writes."""
    due: float = 0.0
    """When it was to be asked, on the clock `time.perf_counter`."""


@dataclass
class Seen:
    """What clients saw."""

    asked: int = 0
    seconds: float = 0.0
    """How long they asked."""
    statuses: Counter[int] = field(default_factory=Counter)
    accepted: list[float] = field(default_factory=list)
    """Seconds from when they were due until their last byte, of the requests that were let in."""
    wrong: list[str] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    """Texts of comments that were acknowledged."""
    turned_away: set[str] = field(default_factory=set)
    """Texts of comments that were refused."""
    without_hint: int = 0
    """Refusals that did not say when to come again."""
    unasked: int = 0
    """Requests that were due and for which no client had a connection left."""
    broken: int = 0
    """Connections that ended before their answer."""

    def note(self, question: Question, status: int, head: bytes, body: bytes) -> None:
        """Look at an answer."""
        self.statuses[status] += 1
        if status < 300:
            self.accepted.append(time.perf_counter() - question.due)
            if question.comment is not None:
                self.written.add(question.comment)
            if question.body is not None and body != question.body:
                self.wrong.append(f"{question.path}: {body[:200]!r}")
            return
        if question.comment is not None:
            self.turned_away.add(question.comment)
        if b"retry-after" not in head.lower():
            self.without_hint += 1


def split(received: bytes) -> tuple[int, bytes, bytes] | None:
    """Status, head and body of an answer; None while it is not whole."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head, start = received[:end], end + 4
    place = head.lower().find(b"content-length:")
    if place >= 0:
        size = int(head[place + 15 :].split(b"\r\n", 1)[0])
        if len(received) - start < size:
            return None
        return int(head[9:12]), head, received[start : start + size]
    if not received.endswith(b"0\r\n\r\n"):
        return None
    pieces = list[bytes]()
    while True:
        line = received.index(b"\r\n", start)
        size = int(received[start:line].split(b";")[0], 16)
        if not size:
            return int(head[9:12]), head, b"".join(pieces)
        pieces.append(received[line + 2 : line + 2 + size])
        start = line + 4 + size


class Connection(asyncio.Protocol):
    """One connection, on which one request is under way at a time."""

    def __init__(self, seen: Seen, free: Callable[[Connection], None]) -> None:
        self._seen, self._free = seen, free
        self._received = bytearray()
        self.question: Question | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask what was waiting for the connection."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.question is not None:
            transport.write(self.question.text)

    def ask(self, question: Question) -> None:
        """Send a request."""
        self.question = question
        if self.transport is not None:
            self.transport.write(question.text)

    def data_received(self, data: bytes) -> None:
        """Take in a piece of an answer."""
        self._received += data
        found = split(bytes(self._received))
        if found is None or self.question is None:
            return
        question, self.question = self.question, None
        self._received.clear()
        self._seen.note(question, *found)
        self._free(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note a request that was never answered."""
        self.transport = None
        if self.question is not None:
            self.question = None
            self._seen.broken += 1


class Driver:
    """So many clients, each with a few connections, which ask in turn."""

    def __init__(self, host: str, port: int, clients: int, next_question: Callable[[], Question]) -> None:
        self.host, self.port, self.clients = host, port, clients
        self._next = next_question

    async def at_a_pace(self, a_second: float, seconds: float) -> Seen:
        """Ask so many times a second, whatever becomes of the answers, and wait for the last of them."""
        seen, idle, everybody = Seen(), deque[Connection](), list[Connection]()
        opening: set[asyncio.Task[object]] = set()
        number, total, began = 0, round(a_second * seconds), time.perf_counter()
        while number < total:
            spent = time.perf_counter() - began
            while number < min(spent * a_second, total):
                question = self._next()
                question.due = began + number / a_second
                number += 1
                connection = _free_one(idle)
                if connection is None and len(everybody) >= self.clients * CONNECTIONS_EACH:
                    seen.unasked += 1
                    continue
                if connection is None:
                    connection = Connection(seen, idle.append)
                    everybody.append(connection)
                    opening.add(self._open(connection, opening.discard))
                connection.ask(question)
                seen.asked += 1
            await asyncio.sleep(TICK)
        seen.seconds = time.perf_counter() - began
        await _settled(everybody, 30)
        return seen

    def _open(
        self, connection: Connection, done: Callable[[asyncio.Task[object]], object]
    ) -> asyncio.Task[object]:
        loop = asyncio.get_running_loop()
        task: asyncio.Task[object] = loop.create_task(
            loop.create_connection(lambda: connection, self.host, self.port)
        )
        task.add_done_callback(done)
        return task

    async def without_a_pause(self, seconds: float) -> Seen:
        """Each client asks again as soon as it is answered: what the server can answer at all."""
        seen, until = Seen(), time.perf_counter() + seconds
        everybody: list[Connection] = []

        def again(connection: Connection) -> None:
            if time.perf_counter() < until:
                question = self._next()
                question.due = time.perf_counter()
                seen.asked += 1
                connection.ask(question)

        for _ in range(self.clients):
            connection = Connection(seen, again)
            everybody.append(connection)
            await self._open(connection, lambda _task: None)
            again(connection)
        await asyncio.sleep(seconds)
        seen.seconds = seconds
        await _settled(everybody, 30)
        return seen


def _free_one(idle: deque[Connection]) -> Connection | None:
    """A connection that is open and has nothing under way."""
    while idle:
        connection = idle.pop()
        if connection.transport is not None and not connection.transport.is_closing():
            return connection
    return None


async def _settled(everybody: list[Connection], patience: float) -> None:
    """Wait for the answers that are under way, then close all connections."""
    until = time.perf_counter() + patience
    while any(one.question is not None for one in everybody) and time.perf_counter() < until:
        await asyncio.sleep(0.01)
    for one in everybody:
        if one.transport is not None:
            one.transport.close()
