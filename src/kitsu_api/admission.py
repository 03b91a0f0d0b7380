"""How many requests a process works on at once: the others wait a moment, and then are told to come again.

Without it, a process that is asked more than it can do takes everything on and finishes nothing in time. A
request is refused before anything of it is done, so that nobody is left half signed in or half saved.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kitsu_api.body_limits import FILES
from kitsu_api.errors import TookTooLong, Unavailable
from kitsu_api.rendering import answer
from kitsu_api.settings import Settings

logger = logging.getLogger(__name__)

OPEN = ("/status", "/socket.io", "/metrics")
"""Health checks, which have to tell of a busy process, and sockets, which keep a connection each."""

SIGN_IN = "/auth"

SMALL = 64 * 1024
"""Bytes of a body that are read before the request takes a place: a slow sender shall hold none."""

SILENCE = 30.0
"""Seconds without a byte of a body after which its sender counts as gone."""

PACE = 1024
"""Bytes a second at which a body has to come, on average, once that many seconds have passed."""

LONGEST_HOLD = 10.0
"""Seconds after which a request gives its place back while it goes on: it waits for something else."""

SIGN_IN_PATIENCE = 30.0
"""Seconds that whoever signs in waits for a place: checking passwords is slow by design."""

TELL_EVERY = 10.0
"""Seconds between two lines of the log about refusals."""


class Lane:
    """Places for requests of one kind, and a queue before them that is bounded in length and time."""

    def __init__(self, places: int, waiting: int, patience: float) -> None:
        """`patience` is in seconds. No places stand for no limit."""
        self.places, self.waiting, self.patience = places, waiting, patience
        self.taken = 0
        self._queue: deque[asyncio.Future[bool]] = deque()

    async def enter(self) -> bool:
        """Take a place, after a while perhaps; False: there was none in time."""
        if not self.places:
            return True
        if self.taken < self.places:
            self.taken += 1
            return True
        if len(self._queue) >= self.waiting:
            return False
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._queue.append(turn)
        timer = loop.call_later(self.patience, self._give_up, turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self.leave()
            raise
        finally:
            timer.cancel()

    def leave(self) -> None:
        """Give a place back: it goes to whoever waits longest."""
        if not self.places:
            return
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(True)
                return
        self.taken -= 1

    def _give_up(self, turn: asyncio.Future[bool]) -> None:
        if not turn.done():
            turn.set_result(False)
            self._queue.remove(turn)

    @property
    def length(self) -> int:
        """How many wait."""
        return len(self._queue)


@dataclass
class _Place:
    """A place that a request holds; it is given back once, whoever is first to do so."""

    lane: Lane
    held: bool = True
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    def give_back(self) -> None:
        """Let the next one in."""
        if self.held:
            self.held = False
            self.lane.leave()
        if self.timer is not None:
            self.timer.cancel()


class Lanes:
    """The lanes of a process: signing in and uploads don't wait behind everything else."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        places, waiting = settings.requests_at_once, settings.requests_waiting
        self.ordinary = Lane(places, waiting, settings.request_wait)
        self.sign_in = Lane(places and max(places // 4, 4), waiting, SIGN_IN_PATIENCE)
        self.uploads = Lane(settings.uploads_at_once, 0, settings.request_wait)

    def of(self, scope: Scope, *, large: bool) -> Lane:
        """The lane of a request."""
        if large:
            return self.uploads
        return self.sign_in if scope["path"].startswith(SIGN_IN) else self.ordinary


class _Body:
    """The body of a request, whose sender has to keep a pace."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._began = time.monotonic()
        self._received = 0
        self._kept: deque[Message] = deque()
        self._ended = False

    async def receive(self) -> Message:
        """The next piece; `http.disconnect` once the sender has fallen silent or is too slow."""
        return self._kept.popleft() if self._kept else await self._next()

    async def read_ahead(self) -> bool:
        """Take the whole of a small body; False: it did not come in time, or its sender is gone."""
        while not self._ended:
            message = await self._next()
            if message["type"] == "http.disconnect":
                return False
            self._kept.append(message)
        return True

    async def _next(self) -> Message:
        if self._ended:
            # from here on nothing is awaited but the end of the connection
            return await self._receive()
        try:
            async with asyncio.timeout(SILENCE):
                message = await self._receive()
        except TimeoutError:
            message = {"type": "http.disconnect"}
        self._received += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        spent = time.monotonic() - self._began
        if not self._ended and self._received < PACE * (spent - SILENCE):
            self._ended = True
            return {"type": "http.disconnect"}
        return message


def _length(scope: Scope) -> int | None:
    """How many bytes the body says to have; 0 when there is none, None when it does not say."""
    length: int | None = 0
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
        if name == b"transfer-encoding":
            length = None
    return length


def _is_large(scope: Scope, length: int | None) -> bool:
    """Whether a body may take long to come: files, and what does not say how long it is."""
    if length is not None and length <= SMALL:
        return False
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return length is None or kind.strip().lower().startswith(FILES) or length > SMALL


class Admission:
    """Lets requests in, as many as there are places, and answers 503 to those who find none in time."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._lanes: Lanes | None = None
        self._refused = 0
        self._told = float("-inf")

    def lanes(self, settings: Settings) -> Lanes:
        """The lanes of these settings, which are made once."""
        if self._lanes is None or self._lanes.settings is not settings:
            self._lanes = Lanes(settings)
        return self._lanes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request when its turn comes."""
        if scope["type"] != "http" or scope["path"].startswith(OPEN):
            await self.app(scope, receive, send)
            return
        lanes = self.lanes(scope["app"].state.settings)
        length = _length(scope)
        large = _is_large(scope, length)
        body = _Body(receive)
        if length and not large and not await body.read_ahead():
            await answer(TookTooLong())(scope, receive, send)
            return
        lane = lanes.of(scope, large=large)
        if not await lane.enter():
            self._note_refusal()
            await answer(Unavailable())(scope, receive, send)
            return
        place = _Place(lane)
        if not large:
            place.timer = asyncio.get_running_loop().call_later(LONGEST_HOLD, place.give_back)

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_made(message):
                # whoever reads slowly holds nobody up: what is sent is there already
                place.give_back()
            await send(message)

        try:
            await self.app(scope, body.receive if length != 0 else receive, send_noted)
        finally:
            place.give_back()

    def _note_refusal(self) -> None:
        self._refused += 1
        now = time.monotonic()
        if now - self._told > TELL_EVERY:
            logger.warning("The process is busy: %d requests were told to come again.", self._refused)
            self._refused, self._told = 0, now


def _is_made(start: Message) -> bool:
    """Whether an answer only has to be sent: its length is known, or it goes on for as long as its reader."""
    return any(
        name == b"content-length" or (name == b"content-type" and value.startswith(b"text/event-stream"))
        for name, value in start.get("headers", ())
    )
