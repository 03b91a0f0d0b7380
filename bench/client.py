"""An HTTP client that costs little itself: one connection, bodies read and not parsed."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from dataclasses import dataclass
from typing import Any
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


async def throughput(
    client: Client, requests: list[Request], clients: int, seconds: float
) -> tuple[float, float]:
    """Answers a second, and the 95th percentile of their seconds, with so many clients at once."""
    texts = [client.text(request) for request in requests]
    stop = time.perf_counter() + seconds
    taken: list[float] = []
    refused = 0

    async def work(number: int) -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection(client.host, client.port)
        while (began := time.perf_counter()) < stop:
            writer.write(texts[number % len(texts)])
            number += clients
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            if length:
                await reader.readexactly(int(length))
            else:
                while (size := int((await reader.readline()).split(b";")[0], 16)) or True:
                    await reader.readexactly(size + 2)
                    if not size:
                        break
            taken.append(time.perf_counter() - began)
            refused += not head.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3"))
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(work(number) for number in range(clients)))
    if refused:
        raise RuntimeError(f"{refused} of {len(taken)} answers were refusals")
    ordered = sorted(taken)
    return len(taken) / (time.perf_counter() - began), ordered[int(len(ordered) * 0.95)]
