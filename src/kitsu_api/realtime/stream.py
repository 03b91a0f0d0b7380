"""The log of events as a stream of server-sent events."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson
from redis.asyncio import Redis

from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.actors import find_actor
from kitsu_api.db.repositories.event_feed import LAST, EventFeed, LogEntry
from kitsu_api.errors import Unauthorized
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import actor_from
from kitsu_api.permissions.policies.events import CHANGES_OF_RIGHTS, hears
from kitsu_api.permissions.revocation import is_revoked
from kitsu_api.permissions.tokens import Claims
from kitsu_api.realtime.feed import Feed

HEART_BEAT = 15.0
"""Seconds of silence after which a sign of life is sent: proxies close connections that are silent."""

CHECK_EVERY = 15.0
"""Seconds after which the rights of the reader are read again, whatever happens."""

BATCH = 500
RETRY = b"retry: 2000\n\n"
"""Milliseconds after which a client comes back when the stream breaks off."""


@dataclass(frozen=True)
class Wanted:
    """Which events a reader asks for; nothing stands for all."""

    names: Collection[str] = ()
    project_id: UUID | None = None

    def meets(self, entry: LogEntry) -> bool:
        """Whether an event is asked for."""
        if self.names and entry.name not in self.names:
            return False
        return self.project_id is None or entry.audience_id == self.project_id


class EventStream:
    """What one reader is sent."""

    def __init__(
        self,
        sessions: Sessions,
        valkey: Redis,
        feed: Feed | None,
        claims: Claims,
        actor: Actor,
        wanted: Wanted,
        position: int,
    ) -> None:
        self._sessions, self._valkey, self._feed = sessions, valkey, feed
        self._claims, self._actor, self._wanted = claims, actor, wanted
        self._position = position
        self._checked = time.monotonic()

    async def frames(self) -> AsyncIterator[bytes]:
        """The events that the reader may hear of, from the position on, until the token ends or the server.

        Where nothing reads the log on, the stream ends with it.
        """
        yield RETRY
        while True:
            entries = await self._next()
            try:
                before = self._actor
                await self._check(entries)
            except Unauthorized:
                return
            for entry in entries:
                if entry.event_id is not None and self._may_hear(before, entry) and self._wanted.meets(entry):
                    yield _frame(entry)
            if entries:
                continue
            if self._feed is None:
                return
            if not await self._feed.wait_beyond(self._position, HEART_BEAT):
                if self._feed.ended:
                    return
                # the id moves the reader on, past all that was not for them
                yield f": heart-beat\nid: {self._position}\n\n".encode()

    def _may_hear(self, before: Actor, entry: LogEntry) -> bool:
        """By the rights of now; whoever saw a production until it was deleted hears that it was."""
        managers = entry.for_managers
        if hears(self._actor, entry.audience_id, for_managers=managers):
            return True
        return entry.name == "project:delete" and hears(before, entry.audience_id, for_managers=managers)

    async def _next(self) -> Sequence[LogEntry]:
        """The next events; the position moves behind them."""
        recent = self._feed.recent_after(self._position) if self._feed else None
        if recent is None:
            async with self._sessions() as session:
                feed = EventFeed(session)
                last = await feed.cursor(LAST)
                recent = await feed.after(self._position, BATCH, until=last)
        if recent:
            self._position = recent[-1].sequence
        return recent

    async def _check(self, entries: Sequence[LogEntry]) -> None:
        """Read the rights of the reader again when they may have changed, and now and then.

        Raises:
            Unauthorized: the reader is no longer signed in.
        """
        if self._claims.expires_at <= datetime.now(UTC):
            raise Unauthorized
        due = time.monotonic() - self._checked >= CHECK_EVERY
        if not due and not any(entry.name in CHANGES_OF_RIGHTS for entry in entries):
            return
        if await is_revoked(self._valkey, self._claims):
            raise Unauthorized
        async with self._sessions() as session:
            row = await find_actor(session, self._claims.person_id)
        if row is None:
            raise Unauthorized
        self._actor = actor_from(row, self._claims)
        self._checked = time.monotonic()


def _frame(entry: LogEntry) -> bytes:
    """An event as the stream shows it."""
    body = {
        "id": entry.event_id,
        "sequence": entry.sequence,
        "created_at": entry.created_at.isoformat(timespec="seconds"),
        "name": entry.name,
        "user_id": entry.user_id,
        "project_id": entry.project_id,
        "data": entry.data,
    }
    # a name of another server's event may hold anything; a line break would end the field
    name = " ".join(entry.name.split())
    head = f"id: {entry.sequence}\nevent: {name}\ndata: "
    return head.encode() + orjson.dumps(body, default=str) + b"\n\n"
