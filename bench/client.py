"""An HTTP client that costs little itself: one connection, bodies read and not parsed."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from bench.dataset import PASSWORD

POURED = 1 << 20
"""Bytes that are read at once where an answer is thrown away."""


@dataclass(frozen=True)
class Request:
    """What is asked, by whom (`admin`, `artist`, `vendor`, or nobody)."""

    method: str
    path: str
    role: str | None = "admin"
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    raw: tuple[str, bytes] | None = None
    """A content type and a body, in place of JSON."""


@dataclass(frozen=True)
class Answer:
    """What came back, and the seconds that it took until its last byte."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


class Client:
    """One connection to a server."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.prefix = parts.path.rstrip("/")
        self._connection = http.client.HTTPConnection(self.host, self.port, timeout=900)
        self.tokens: dict[str, str] = {}

    def sign_in(self, role: str) -> None:
        """Take a token for a role.

        Raises:
            RuntimeError: the server refuses.
        """
        login = {"email": f"{role}@lantern.example.com", "password": PASSWORD}
        answer = self.send(Request("POST", "/auth/login", None, login))
        if answer.status != 200:
            raise RuntimeError(f"{role} can't sign in: {answer.status}")
        self.tokens[role] = json.loads(answer.body)["access_token"]

    def parts(self, request: Request) -> tuple[dict[str, str], bytes | None]:
        """Headers and body of a request."""
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **dict(request.headers)}
        if request.role in self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens[request.role]}"
        if request.raw is not None:
            headers["Content-Type"] = request.raw[0]
            return headers, request.raw[1]
        if request.body is None:
            return headers, None
        headers["Content-Type"] = "application/json"
        return headers, json.dumps(request.body).encode()

    def send(self, request: Request) -> Answer:
        """Send a request and read the whole answer."""
        headers, body = self.parts(request)
        began = time.perf_counter()
        try:
            self._connection.request(request.method, self.prefix + request.path, body, headers)
            answer = self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self._connection.close()
            began = time.perf_counter()
            self._connection.request(request.method, self.prefix + request.path, body, headers)
            answer = self._connection.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - began
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, content, seconds)

    def pour(self, request: Request) -> tuple[int, int, float]:
        """Send a request and throw the answer away as it comes: its status, its bytes and the seconds.

        For answers that should not fill the memory of the client either.
        """
        headers, body = self.parts(request)
        self._connection.close()  # one that was idle for long may be gone
        began = time.perf_counter()
        self._connection.request(request.method, self.prefix + request.path, body, headers)
        answer = self._connection.getresponse()
        size = 0
        while part := answer.read(POURED):
            size += len(part)
        return answer.status, size, time.perf_counter() - began

    def text(self, request: Request) -> bytes:
        """A request as bytes, for connections that send nothing else."""
        headers, body = self.parts(request)
        lines = [f"{request.method} {self.prefix}{request.path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


class _Asking(asyncio.Protocol):
    """A client that asks again as soon as it was answered.

    It costs little: it shares the machine with the server, and what it takes is missing there. Requests are
    bytes that are there already; of an answer it reads the head, and counts the rest.
    """

    def __init__(self, texts: list[bytes], number: int, clients: int, stop: float) -> None:
        self._texts, self._number, self._clients, self._stop = texts, number, clients, stop
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.taken: list[float] = []
        self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        self._head, self._tail, self._missing = b"", b"", -1
        self._began = time.perf_counter()
        if self._began >= self._stop:
            self._transport.close()
            return
        self._transport.write(self._texts[self._number % len(self._texts)])
        self._number += self._clients

    def data_received(self, data: bytes) -> None:
        """Count what came, and ask again once the answer is whole."""
        if not self._tail:
            self._head += data
            end = self._head.find(b"\r\n\r\n") + 4
            if end < 4:
                return
            self._tail, self._head = self._head[end - 4 :], self._head[:end]
            place = self._head.lower().find(b"content-length:")
            if place >= 0:
                length = int(self._head[place + 15 : self._head.index(b"\r", place)])
                self._missing = length - len(self._tail) + 4
        elif self._missing >= 0:
            self._missing -= len(data)
        else:
            self._tail = (self._tail + data)[-7:]
        # one whose length is not told ends with an empty piece
        if self._missing == 0 or (self._missing < 0 and self._tail.endswith(b"\r\n0\r\n\r\n")):
            self.taken.append(time.perf_counter() - self._began)
            self.refused += not self._head.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3"))
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        """It is over, or the server has gone."""
        if self.done.done():
            return
        if time.perf_counter() < self._stop:
            self.done.set_exception(error or ConnectionError("The server has closed a connection."))
        else:
            self.done.set_result(None)


async def throughput(
    client: Client, requests: list[Request], clients: int, seconds: float
) -> tuple[float, float]:
    """Answers a second, and the 95th percentile of their seconds, with so many clients at once."""
    texts = [client.text(request) for request in requests]
    began = time.perf_counter()
    asking = [_Asking(texts, number, clients, began + seconds) for number in range(clients)]
    loop = asyncio.get_running_loop()
    for one in asking:
        await loop.create_connection(lambda one=one: one, client.host, client.port)  # type: ignore[misc]  # a default binds it
    await asyncio.gather(*(one.done for one in asking))
    if refused := sum(one.refused for one in asking):
        raise RuntimeError(f"{refused} answers were refusals")
    ordered = sorted(taken for one in asking for taken in one.taken)
    return len(ordered) / (time.perf_counter() - began), ordered[int(len(ordered) * 0.95)]
