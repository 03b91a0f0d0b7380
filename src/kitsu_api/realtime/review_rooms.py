"""Review rooms: people who watch a playlist together, whichever process each is connected to.

    preview-room:open-playlist     {playlist_id}: hear who is in the room, without being in it
    preview-room:close-playlist    {playlist_id}: hear no more of it
    preview-room:join, leave       {playlist_id}: be in the room; what is on its screen comes back
    preview-room:update-playback-status, preview-room:room-updated
                                   {playlist_id, …}: what is played and how; kept, and told as `room-updated`
    preview-room:panzoom-changed, comparison-panzoom-changed
                                   {playlist_id, …}: kept under their own names, and told to the others
    preview-room:add-annotation, remove-annotation, update-annotation
                                   {playlist_id, …}: told to the others

Rooms are told `preview-room:room-people-updated` {playlist_id, people} and `preview-room:room-updated`.
Who opens or joins is answered {playlist_id, people, …} or {error}.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from kitsu_api.db.engine import Sessions
from kitsu_api.db.models import Playlist
from kitsu_api.db.repositories.records import Records
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.scopes import seen_playlists
from kitsu_api.realtime.listeners import Doors
from kitsu_api.realtime.review_state import Place, ReviewState

logger = logging.getLogger(__name__)

PREFIX = "preview-room:"
LARGEST = 256 * 1024
"""Bytes that a message may have: an annotation with many strokes has tens of thousands."""

KEPT = frozenset({"panzoom-changed", "comparison-panzoom-changed"})
"""Messages whose last one a newcomer is shown, under these names."""

TOLD = frozenset({"add-annotation", "remove-annotation", "update-annotation"})
PLAYBACK = frozenset({"room-updated", "update-playback-status"})
OWN_KEYS = frozenset({"playlist_id", "user_id", "person_id", "people"})
"""Keys of a message that the server fills in: nobody speaks for another."""

Tell = Callable[[str, dict[str, Any], str, str | None], Awaitable[None]]
"""`await tell(event, data, room, skipped_sid)`: to the connections of all processes."""


def watching(playlist_id: UUID) -> str:
    """The room of those who hear who is in it."""
    return f"review:{playlist_id}:watching"


def inside(playlist_id: UUID) -> str:
    """The room of those who are in it."""
    return f"review:{playlist_id}"


class Refused(Exception):
    """The message is not followed; the text says why."""


@dataclass
class Visit:
    """What a connection of this process takes part in."""

    person_id: UUID
    project_ids: dict[UUID, UUID | None] = field(default_factory=dict)
    """The productions of the playlists that it has opened or joined."""
    joined: set[UUID] = field(default_factory=set)


class ReviewRooms:
    """The rooms as the connections of this process see them."""

    def __init__(
        self, sessions: Sessions, valkey: Redis, place_seconds: int, doors: Doors, tell: Tell
    ) -> None:
        self._sessions, self._doors, self._tell = sessions, doors, tell
        self._renew_every = place_seconds / 3
        self._state = ReviewState(valkey, place_seconds)
        self._visits: dict[str, Visit] = {}

    async def handle(self, sid: str, actor: Actor, event: str, data: Any) -> dict[str, Any]:
        """Follow a message of a connection; what it is answered."""
        name = event.removeprefix(PREFIX)
        try:
            body, room = _read(data)
            match name:
                case "open-playlist":
                    await self._open(sid, actor, room)
                    return {"playlist_id": str(room), "people": await self._state.people(room)}
                case "close-playlist":
                    await self._close(sid, actor, room)
                case "join":
                    return await self._join(sid, actor, room)
                case "leave":
                    await self._leave(sid, actor, room)
                case _ if name in PLAYBACK | KEPT | TOLD:
                    await self._speak(sid, actor, room, name, body)
                case _:
                    raise Refused(f"There is no event {event}.")
        except Refused as refused:
            return {"error": str(refused)}
        except (RedisError, OSError):
            logger.exception("A review room could not be reached.")
            return {"error": "Review rooms are not reachable for the moment. Try again."}
        return {"playlist_id": str(room)}

    async def forget(self, sid: str) -> None:
        """A connection has ended: it leaves its rooms."""
        visit = self._visits.pop(sid, None)
        if visit is None:
            return
        for room in visit.joined:
            try:
                people = await self._state.leave(room, Place(visit.person_id, sid))
                await self._tell_people(room, people)
            except (RedisError, OSError):
                logger.warning("A review room could not be left; the place in it ends by itself.")

    async def review(self, sid: str, actor: Actor) -> None:
        """Have somebody leave the rooms of productions that they see no more."""
        visit = self._visits.get(sid)
        for room, project_id in list(visit.project_ids.items()) if visit else ():
            if not actor.sees(project_id):
                try:
                    await self._close(sid, actor, room)
                except (RedisError, OSError):
                    logger.warning("A review room could not be left; the place in it ends by itself.")

    async def renew_forever(self) -> None:
        """Keep the places of this process, and see who has vanished from its rooms; until cancelled."""
        while True:
            await asyncio.sleep(self._renew_every)
            try:
                await self.renew()
            except (RedisError, OSError):
                logger.warning("Places in review rooms could not be renewed; trying again.")

    async def renew(self) -> None:
        """Keep the places of this process for longer, and tell who has vanished."""
        places: dict[UUID, list[Place]] = {}
        for sid, visit in self._visits.items():
            for room in visit.project_ids:
                found = places.setdefault(room, [])
                if room in visit.joined:
                    found.append(Place(visit.person_id, sid))
        for room, kept in places.items():
            changed, people = await self._state.renew(room, kept)
            if changed:
                await self._tell_people(room, people)

    async def _open(self, sid: str, actor: Actor, room: UUID) -> None:
        """Let a connection hear of a room, if its person may see the playlist."""
        async with self._sessions() as session:
            playlists = Records(session, Playlist)
            playlist = await playlists.find_where(Playlist.id == room, seen_playlists(actor))
        if playlist is None:
            raise Refused("This playlist does not exist, or you may not see it.")
        self._visits.setdefault(sid, Visit(actor.id)).project_ids[room] = playlist.project_id
        await self._doors.enter_room(sid, watching(room))

    async def _join(self, sid: str, actor: Actor, room: UUID) -> dict[str, Any]:
        await self._open(sid, actor, room)
        await self._doors.enter_room(sid, inside(room))
        people, screen = await self._state.join(room, Place(actor.id, sid))
        self._visits.setdefault(sid, Visit(actor.id)).joined.add(room)
        await self._tell_people(room, people)
        # to this connection alone: the others know what is on the screen
        shown = {**screen, "playlist_id": str(room), "people": people}
        await self._tell(f"{PREFIX}room-updated", shown, sid, None)
        return shown

    async def _leave(self, sid: str, actor: Actor, room: UUID) -> None:
        await self._doors.leave_room(sid, inside(room))
        visit = self._visits.get(sid)
        if visit is None or room not in visit.joined:
            return
        visit.joined.discard(room)
        await self._tell_people(room, await self._state.leave(room, Place(actor.id, sid)))

    async def _close(self, sid: str, actor: Actor, room: UUID) -> None:
        # first what this process does by itself: who may see a room no more hears no more of it
        await self._doors.leave_room(sid, watching(room))
        if (visit := self._visits.get(sid)) is not None:
            visit.project_ids.pop(room, None)
        await self._leave(sid, actor, room)

    async def _speak(self, sid: str, actor: Actor, room: UUID, name: str, body: dict[str, Any]) -> None:
        visit = self._visits.get(sid)
        if visit is None or room not in visit.joined:
            raise Refused("Join the room first.")
        told = {**body, "playlist_id": str(room), "user_id": str(actor.id)}
        if name not in TOLD:
            changes = body if name in PLAYBACK else {name: body}
            screen = await self._state.show(room, Place(actor.id, sid), changes)
            if screen is None:
                raise Refused("You are no longer in the room: join it again.")
            if name in PLAYBACK:
                name, told = "room-updated", {**screen, **told}
        await self._tell(f"{PREFIX}{name}", told, inside(room), sid)

    async def _tell_people(self, room: UUID, people: list[str]) -> None:
        data = {"playlist_id": str(room), "people": people}
        await self._tell(f"{PREFIX}room-people-updated", data, watching(room), None)


def _read(data: Any) -> tuple[dict[str, Any], UUID]:
    """A message without the keys that the server fills in, and the playlist that it is about."""
    if not isinstance(data, dict):
        raise Refused("Expected an object with a playlist_id.")
    try:
        room = UUID(str(data.get("playlist_id")))
        if len(orjson.dumps(data)) > LARGEST:
            raise Refused(f"A message may have {LARGEST} bytes at most.")
    except (ValueError, TypeError) as error:  # orjson's error is a TypeError
        raise Refused("Expected JSON with the id of a playlist as playlist_id.") from error
    return {str(key): value for key, value in data.items() if key not in OWN_KEYS}, room
