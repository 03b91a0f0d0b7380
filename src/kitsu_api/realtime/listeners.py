"""The listeners of this process: who they are, which rooms they are in, and that it stays so.

Rights are read again whenever the log says that a team, a role or an account has changed, before the event
itself is told, and now and then: another server on these tables, or time alone, may change them as well.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.actors import find_actors
from kitsu_api.db.repositories.event_feed import LogEntry
from kitsu_api.errors import Unauthorized
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import actor_from
from kitsu_api.permissions.policies.events import CHANGES_OF_RIGHTS
from kitsu_api.permissions.revocation import is_revoked
from kitsu_api.permissions.tokens import Claims
from kitsu_api.realtime.rooms import room_of_managers, room_of_project, rooms_of, rooms_told

logger = logging.getLogger(__name__)

CHECK_EVERY = 15.0
"""Seconds between two looks at the rights of everybody who listens."""


@dataclass
class Listener:
    """A connection and whose it is."""

    claims: Claims
    actor: Actor | None = None
    rooms: set[str] = field(default_factory=set)


class Doors(Protocol):
    """What moves connections between rooms."""

    async def enter_room(self, sid: str, room: str) -> None:
        """Let a connection hear what is told in a room."""

    async def leave_room(self, sid: str, room: str) -> None:
        """Let it hear no more of that."""

    async def disconnect(self, sid: str) -> None:
        """End it."""

    async def rights_changed(self, sid: str, actor: Actor) -> None:
        """Its person may see more or less than before."""


class Listeners:
    """The connections of this process."""

    def __init__(
        self,
        sessions: Sessions,
        valkey: Redis,
        doors: Doors,
        tell: Callable[[LogEntry, list[str]], Awaitable[None]],
    ) -> None:
        self._sessions, self._valkey, self._doors, self._tell = sessions, valkey, doors, tell
        self._known: dict[str, Listener] = {}
        # one reading of rights at a time: an older one must not undo what a newer one found
        self._reading = asyncio.Lock()

    @property
    def count(self) -> int:
        """How many connections listen."""
        return len(self._known)

    async def admit(self, sid: str, claims: Claims) -> Actor:
        """Let a connection in, into the rooms of what it may hear.

        Raises:
            Unauthorized: the account is closed, a guest's, or the token was revoked.
        """
        if claims.restricted or await is_revoked(self._valkey, claims):
            raise Unauthorized
        self._known[sid] = listener = Listener(claims)
        try:
            await self._read_rights([sid], ending=False)
        except BaseException:
            self.forget(sid)
            raise
        if listener.actor is None:
            self._known.pop(sid, None)
            raise Unauthorized
        return listener.actor

    def forget(self, sid: str) -> None:
        """A connection has ended."""
        self._known.pop(sid, None)

    def actor(self, sid: str) -> Actor | None:
        """Whose connection it is; None once it is none."""
        listener = self._known.get(sid)
        return listener.actor if listener else None

    async def tell(self, entries: Sequence[LogEntry]) -> None:
        """Tell events to those who may hear of them.

        Raises:
            SQLAlchemyError, OSError: who that is can't be read. Nobody was told anything.
        """
        if any(entry.name in CHANGES_OF_RIGHTS for entry in entries):
            # who saw a production until it was deleted hears that it was
            gone = {str(entry.data.get("project_id")) for entry in entries if entry.name == "project:delete"}
            late = {room for id in gone for room in (room_of_project(id), room_of_managers(id))}
            await self._read_rights(list(self._known), staying=late)
            for entry in entries:
                await self._tell(entry, rooms_told(entry.audience_id, entry.for_managers))
            if late:
                try:
                    await self._read_rights(list(self._known))
                except (SQLAlchemyError, OSError):
                    logger.exception("The rights of listeners could not be read; the next look does it.")
            return
        for entry in entries:
            await self._tell(entry, rooms_told(entry.audience_id, entry.for_managers))

    async def check_forever(self) -> None:
        """Look at the rights of everybody now and then, until cancelled."""
        while True:
            await asyncio.sleep(CHECK_EVERY)
            try:
                await self.check()
            except (SQLAlchemyError, OSError):
                logger.exception("The rights of listeners could not be read; trying again.")

    async def check(self) -> None:
        """End connections whose token no longer counts, and put the others where they belong."""
        now = datetime.now(UTC)
        for sid, listener in list(self._known.items()):
            try:
                ended = listener.claims.expires_at <= now or await is_revoked(self._valkey, listener.claims)
            except (RedisError, OSError):
                break  # revocations are in Valkey: without it nobody is known to be signed out
            if ended:
                await self._end(sid)
        await self._read_rights(list(self._known))

    async def _end(self, sid: str) -> None:
        self.forget(sid)
        await self._doors.disconnect(sid)

    async def _read_rights(
        self, sids: Sequence[str], *, staying: Collection[str] = (), ending: bool = True
    ) -> None:
        """Put connections into the rooms of what they may hear now; rooms of `staying` are not left yet."""
        if not sids:
            return
        async with self._reading:
            people = {self._known[sid].claims.person_id for sid in sids if sid in self._known}
            async with self._sessions() as session:
                rows = await find_actors(session, people)
            for sid in sids:
                listener = self._known.get(sid)
                if listener is None:
                    continue
                row = rows.get(listener.claims.person_id)
                try:
                    listener.actor = actor_from(row, listener.claims) if row else None
                except Unauthorized:
                    listener.actor = None
                if listener.actor is None or listener.actor.is_guest:
                    listener.actor = None
                    if ending:
                        await self._end(sid)
                    continue
                await self._move(sid, listener, rooms_of(listener.actor), staying)

    async def _move(self, sid: str, listener: Listener, wanted: set[str], staying: Collection[str]) -> None:
        for room in wanted - listener.rooms:
            await self._doors.enter_room(sid, room)
        left = listener.rooms - wanted - set(staying)
        for room in left:
            await self._doors.leave_room(sid, room)
        listener.rooms = (listener.rooms | wanted) - left
        if left:
            assert listener.actor is not None
            await self._doors.rights_changed(sid, listener.actor)
