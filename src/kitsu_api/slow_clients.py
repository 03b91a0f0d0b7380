"""Connections on which the head of a request does not come: they are closed, or anybody could hold thousands.

uvicorn itself only closes connections that are idle between two requests. The pace of bodies is looked
after in `admission`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 15.0
"""Seconds that the head of a request may take, from the first byte of the connection or of the request on."""


class PatientHttp(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, with a patience that ends."""

    _head_timer: asyncio.TimerHandle | None = None
    _is_other = False
    """Whether the connection is a WebSocket's by now."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Go on with a request, or wait for the rest of its head."""
        super().data_received(data)
        done = self.cycle is None or self.cycle.response_complete
        if self._head_timer is None and done and not self._is_other and not self.transport.is_closing():
            self._wait()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._rest()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._rest()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """The connection is another protocol's from here on."""
        self._rest()
        self._is_other = True
        super().handle_websocket_upgrade()

    def _wait(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._end)

    def _rest(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _end(self) -> None:
        self._head_timer = None
        transport: Any = self.transport
        transport.abort()
