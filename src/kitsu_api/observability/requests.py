"""What is noted of each request: its id, and, where somebody asked for it, how long it took."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

HEADER = "x-request-id"
KEY = HEADER.encode()
PROPER = re.compile(r"[A-Za-z0-9._-]{1,128}")
"""Ids of callers that may stand in a log."""

FAULT = 500

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request that is answered here; empty elsewhere."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A request that was answered."""

    method: str
    route: str
    """The path with its variables' names, so that ids and tokens stay out of logs and metrics."""
    status: int
    seconds: float


class Observer(Protocol):
    """Somebody who is told of requests."""

    def begin(self) -> None:
        """A request has come."""

    def end(self, observation: Observation) -> None:
        """It was answered."""


class SlowRequests:
    """Logs requests that take longer than they should."""

    def __init__(self, milliseconds: int) -> None:
        self._limit = milliseconds / 1000

    def begin(self) -> None:
        """Nothing is noted before the end."""

    def end(self, observation: Observation) -> None:
        """Log the request if it was slow."""
        if observation.seconds >= self._limit:
            logger.warning(
                "Slow request: %s %s answered %d after %.0f ms",
                observation.method,
                observation.route,
                observation.status,
                observation.seconds * 1000,
            )


def id_of(scope: Scope) -> str:
    """The caller's id of the request where it is a proper one, else a new one."""
    for name, value in scope["headers"]:
        if name == KEY:
            given: str = value.decode("latin-1")
            if PROPER.fullmatch(given):
                return given
    return secrets.token_hex(8)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_of(scope: Scope) -> str:
    """The route that answered, as it is written in the API's document."""
    route = scope.get("route")
    if route is not None:
        return str(route.path)
    return "/socket.io" if scope["path"].startswith("/socket.io") else "(no route)"


class ObservingMiddleware:
    """Gives each request an id, which its answer and its log lines carry, and tells observers of it."""

    def __init__(self, app: ASGIApp, observers: Sequence[Observer] = ()) -> None:
        self.app = app
        self._observers = tuple(observers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note what came of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        id = id_of(scope)
        request_id.set(id)
        status = FAULT

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [each for each in message.get("headers", ()) if each[0] != KEY]
                message["headers"] = [*headers, (KEY, id.encode())]
            await send(message)

        if not self._observers:
            await self.app(scope, receive, noting)
            return
        for observer in self._observers:
            observer.begin()
        began = time.perf_counter()
        try:
            await self.app(scope, receive, noting)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            seen = Observation(method, route_of(scope), status, time.perf_counter() - began)
            for observer in self._observers:
                observer.end(seen)
