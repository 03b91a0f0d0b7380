"""What happens to every request before a route sees it: one spelling of each path, safe headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "/api"
"""The web client and gazu put this before every path; a proxy in front may strip it or not."""

SOCKET_PATH = "/socket.io"

UPLOADS = "/uploads"
TUS = "1.0.0"
"""Resumable uploads, and the version of their protocol, which every answer of theirs names."""

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "content-security-policy": "frame-ancestors 'self'",
    "x-frame-options": "SAMEORIGIN",
}
_SAFE = tuple((name.encode(), value.encode()) for name, value in HEADERS.items())

PRIVATE = ("/data", "/auth", "/actions", "/import", "/export", "/shared")
"""Paths whose answers are for one person alone."""

_UNKEPT = (b"cache-control", b"private, no-cache")


def plain_path(path: str) -> str:
    """A path without the `/api` prefix and the trailing slash, which make no difference."""
    if path == PREFIX or path.startswith(PREFIX + "/"):
        path = path[len(PREFIX) :] or "/"
    if path.startswith(SOCKET_PATH):
        return path
    return path.rstrip("/") or "/"


class PathMiddleware:
    """Serves `/data/tasks`, `/data/tasks/` and `/api/data/tasks` as one route, with no redirect."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its plain path."""
        if scope["type"] in ("http", "websocket"):
            asked = scope["path"]
            path = plain_path(asked)
            if path != asked:
                prefixed = asked == PREFIX or asked.startswith(PREFIX + "/")
                scope = dict(scope, path=path, raw_path=path.encode(), api_prefix=prefixed)
                scope["trailing_slash"] = asked.endswith("/")
        await self.app(scope, receive, send)


def _over_tls(headers: MutableHeaders, hsts_seconds: int) -> None:
    """No cookie that is set over TLS goes out without it, whatever sets it; the scheme is that of the
    connection, or what a trusted proxy says of its own."""
    if hsts_seconds:
        headers.setdefault("strict-transport-security", f"max-age={hsts_seconds}")
    cookies = headers.getlist("set-cookie")
    if cookies:
        del headers["set-cookie"]
    for cookie in cookies:
        secured = "; secure" in cookie.lower()
        headers.append("set-cookie", cookie if secured else f"{cookie}; Secure")


class HeadMiddleware:
    """Answers HEAD as GET without its body: gazu asks so whether the server is up.

    Resumable uploads and sockets know HEAD by themselves.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as GET, and back the status and the headers of the answer."""
        if (
            scope["type"] != "http"
            or scope["method"] != "HEAD"
            or scope["path"].startswith((UPLOADS, SOCKET_PATH))
        ):
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                # ends here, so that an answer without an end, such as a stream of events, is broken off
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.app(dict(scope, method="GET"), receive, send_head)


class HeadersMiddleware:
    """Adds the headers that keep a browser from guessing types and framing pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                # names are in small letters, as ASGI wants them
                headers = list(message.get("headers", ()))
                known = {name for name, _ in headers}
                headers += [each for each in _SAFE if each[0] not in known]
                if scope["path"].startswith(PRIVATE) and _UNKEPT[0] not in known:
                    headers.append(_UNKEPT)
                message["headers"] = headers
                if scope["scheme"] == "https":
                    _over_tls(MutableHeaders(scope=message), scope["app"].state.settings.hsts_seconds)
                if scope["path"].startswith(UPLOADS):
                    of_upload = MutableHeaders(scope=message)
                    of_upload.setdefault("tus-resumable", TUS)
                    of_upload.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class AfterwardsMiddleware:
    """Does what a request leaves for later, as `request.state.afterwards`, once the answer has left and its
    database connection is free again."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, then do what is left."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        await self.app(scope, receive, send)
        afterwards: Callable[[], Awaitable[None]] | None = state.get("afterwards")
        if afterwards is not None:
            await afterwards()


class SecondTryMiddleware:
    """Asks once more, and then the primary, where the replica of the database failed in the middle of a read.

    Only requests without a body are asked twice, before anything of an answer has left.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, and hold back an answer that says that the replica failed."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        held = False

        async def send_unless_failed(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and message["status"] >= 500:
                held = state.pop("failed_on_replica", False)
            if not held:
                await send(message)

        await self.app(dict(scope), receive, send_unless_failed)
        if held:
            state["on_primary"] = True
            await self.app(dict(scope), receive, send)


class Keeper(Protocol):
    """A request that must be done once."""

    async def keep(self, status: int, headers: dict[str, str], body: bytes | None) -> None:
        """Keep the answer; None stands for a body that is too long."""

    async def forget(self) -> None:
        """Nothing was done."""


class OnceMiddleware:
    """Keeps the answer to a request that is done once (`request.state.once`), before its end leaves."""

    KEPT_HEADERS = frozenset(
        {"content-type", "location", "etag", "upload-offset", "upload-expires", "tus-resumable"}
    )

    def __init__(self, app: ASGIApp, maximum: int) -> None:
        self.app, self.maximum = app, maximum

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, and listen to the answer."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        status, headers, body, whole = 500, dict[str, str](), bytearray(), True

        async def send_and_keep(message: Message) -> None:
            nonlocal status, headers, whole
            once: Keeper | None = state.get("once")
            if once is not None and message["type"] == "http.response.start":
                status = message["status"]
                told = ((name.decode().lower(), value.decode()) for name, value in message["headers"])
                headers = {name: value for name, value in told if name in self.KEPT_HEADERS}
            elif once is not None and message["type"] == "http.response.body":
                whole = whole and len(body) + len(message.get("body", b"")) < self.maximum
                body.extend(message.get("body", b"") if whole else b"")
                if not message.get("more_body", False):
                    await once.keep(status, headers, bytes(body) if whole else None)
            await send(message)

        try:
            await self.app(scope, receive, send_and_keep)
        except BaseException:
            once = state.get("once")
            if once is not None and status >= 400:
                await once.forget()
            raise
