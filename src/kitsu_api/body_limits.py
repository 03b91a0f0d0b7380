"""How large the body of a request may be, before anything of it is read into memory."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kitsu_api.errors import TooLarge
from kitsu_api.rendering import answer
from kitsu_api.settings import Settings

MEGABYTE = 1024 * 1024
FILES = (b"multipart/form-data", b"application/offset+octet-stream")
"""Bodies with files, which the routes that take them read piece by piece under limits of their own."""


def _header(scope: Scope, wanted: bytes) -> bytes:
    for name, value in scope["headers"]:
        if name == wanted:
            return bytes(value)
    return b""


class LimitedBody:
    """A route whose bodies are read as a whole: they may have `KITSU_MAX_JSON_MB`.

    What a client calls its body is believed only where the route takes files; else a made-up type would lift
    the limit.
    """

    def __init__(self, app: ASGIApp, *, takes_files: bool) -> None:
        self.app = app
        self._takes_files = takes_files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and break it off once its body is too large, whatever its headers say."""
        if self._takes_files and _header(scope, b"content-type").strip().lower().startswith(FILES):
            await self.app(scope, receive, send)
            return
        settings: Settings = scope["app"].state.settings
        most, message = settings.max_json_mb * MEGABYTE, f"A body may have {settings.max_json_mb} MB."
        length = _header(scope, b"content-length")
        if length.isdigit() and int(length) > most:
            await answer(TooLarge(message))(scope, receive, send)
            return
        received = 0

        async def receive_some() -> Message:
            nonlocal received
            part = await receive()
            received += len(part.get("body", b""))
            if received > most:
                # the framework makes a 400 of every other error while it reads a body
                raise HTTPException(TooLarge.status, message)
            return part

        await self.app(scope, receive_some, send)


def limit_bodies(routes: Iterable[BaseRoute]) -> None:
    """Put the limit before each route that may have a body and has none yet."""
    for route in routes:
        if not isinstance(route, APIRoute) or isinstance(route.app, LimitedBody):
            continue
        if (route.methods or set()) - {"GET", "HEAD"}:
            field = route.body_field
            takes_files = field is None or isinstance(field.field_info, Form)
            route.app = LimitedBody(route.app, takes_files=takes_files)
