"""The socket.io server: signs listeners in, tells them events, and lets them meet in review rooms."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import socketio
from engineio.exceptions import SocketIsClosedError
from engineio.packet import MESSAGE, Packet
from redis.asyncio import Redis
from socketio.packet import EVENT
from starlette.requests import cookie_parser

from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.event_feed import LogEntry
from kitsu_api.errors import ApiError, Unauthorized
from kitsu_api.permissions import api_keys, tokens
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import ACCESS_COOKIE
from kitsu_api.permissions.tokens import Claims, TokenType
from kitsu_api.realtime.bell import channel
from kitsu_api.realtime.feed import Feed
from kitsu_api.realtime.listeners import Listeners
from kitsu_api.realtime.review_rooms import PREFIX, ReviewRooms
from kitsu_api.realtime.rooms import NAMESPACE
from kitsu_api.settings import Settings

logger = logging.getLogger(__name__)

EVENTS_PATH = "/data/events/stream"
"""An API key that may follow events may do it here as well."""


def token_from(environ: dict[str, Any], auth: Any) -> str:
    """The token of a connection: bearer header, cookie, or the `token` of the connect message.

    Raises:
        Unauthorized: there is none.
    """
    scheme, _, credentials = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials
    # as routes read them: the standard library's parser gives up at what others on this host may have set
    cookies = cookie_parser(str(environ.get("HTTP_COOKIE", "")))
    if ACCESS_COOKIE in cookies:
        return cookies[ACCESS_COOKIE]
    if isinstance(auth, dict) and isinstance(auth.get("token"), str):
        return str(auth["token"])
    raise Unauthorized


class EventsNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # socketio ships no types
    """`/events`: listeners only hear of productions that they may see."""

    def __init__(self, settings: Settings, sessions: Sessions, valkey: Redis) -> None:
        super().__init__(NAMESPACE)
        self._settings, self._sessions = settings, sessions
        self.listeners = Listeners(sessions, valkey, self, self._tell)
        self.rooms = ReviewRooms(sessions, valkey, settings.review_place_seconds, self, self._tell_everywhere)

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """Refuse strangers with the words that the web client waits for; others join their rooms."""
        try:
            claims = await self._claims(token_from(environ, auth))
            if claims.type is not TokenType.ACCESS:
                raise Unauthorized
            await self.listeners.admit(sid, claims)
        except ApiError as error:
            raise socketio.exceptions.ConnectionRefusedError("Unable to connect") from error

    async def _claims(self, token: str) -> Claims:
        """What a token, or an API key in its place, says."""
        if not api_keys.is_key(token):
            return tokens.read(self._settings, token)
        async with self._sessions() as session:
            claims, _, _ = await api_keys.read(session, token)
        api_keys.check_reach(claims, "GET", EVENTS_PATH)
        return claims

    async def on_disconnect(self, sid: str, reason: str = "") -> None:
        """A listener has gone."""
        self.listeners.forget(sid)
        await self.rooms.forget(sid)

    async def rights_changed(self, sid: str, actor: Actor) -> None:
        """Somebody may see more or less than before."""
        await self.rooms.review(sid, actor)

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Messages of review rooms have names that no method can have."""
        if not event.startswith(PREFIX):
            return await super().trigger_event(event, *args)
        sid, *rest = args
        actor = self.listeners.actor(sid)
        if actor is None:
            return {"error": "Sign in again."}
        if actor.key is not None and not actor.key.writes:
            return {"error": "This API key only reads."}
        try:
            return await self.rooms.handle(sid, actor, event, rest[0] if rest else None)
        finally:
            if self.listeners.actor(sid) is None:
                # it went while it entered: nobody would ever take it out of the room again
                await self.rooms.forget(sid)

    async def _tell_everywhere(
        self, event: str, data: dict[str, Any], room: str, skipped: str | None
    ) -> None:
        """Tell the connections of all processes that are in a room."""
        await self.server.manager.emit(event, data, namespace=NAMESPACE, room=room, skip_sid=skipped)

    async def _tell(self, entry: LogEntry, rooms: list[str]) -> None:
        """Tell the listeners of this process: every process reads the log by itself.

        The message is written once, and put into each listener's queue. The manager's `emit` would start a
        task for each of them, which hundreds of listeners wait for.
        """
        manager, engine = self.server.manager, self.server.eio
        packet = self.server.packet_class(EVENT, namespace=NAMESPACE, data=[entry.name, entry.data])
        encoded = packet.encode()
        parts = [Packet(MESSAGE, part) for part in (encoded if isinstance(encoded, list) else [encoded])]
        for room in rooms:
            for _, connection in manager.get_participants(NAMESPACE, room):
                try:
                    for part in parts:
                        await engine.send_packet(connection, part)
                except SocketIsClosedError:
                    continue
                except Exception:
                    # one that has stopped answering is closed here; what that brings is not the others' fault
                    logger.exception("A listener could not be told.")


COUNT_EVERY = 5.0
"""Seconds between two counts of the listeners."""


async def count_listeners(server: socketio.AsyncServer, note: Callable[[int], None]) -> None:
    """Tell, now and then, how many listen to this process, until cancelled."""
    namespace: EventsNamespace = server.namespace_handlers[NAMESPACE]
    while True:
        note(namespace.listeners.count)
        await asyncio.sleep(COUNT_EVERY)


def make_manager(valkey_url: str) -> socketio.AsyncManager:
    """The client manager that joins all processes, through Valkey."""
    return socketio.AsyncRedisManager(valkey_url, channel=channel(valkey_url))


def make_server(settings: Settings, manager: socketio.AsyncManager) -> socketio.AsyncServer:
    """The socket.io server of this process."""
    origins: Any = list(settings.cors_allowed_origins) or None
    return socketio.AsyncServer(
        async_mode="asgi",
        client_manager=manager,
        cors_allowed_origins="*" if origins == ["*"] else origins,
        logger=False,
        engineio_logger=False,
    )


@contextlib.asynccontextmanager
async def serving_sockets(
    settings: Settings, sessions: Sessions, valkey: Redis, valkey_url: str
) -> AsyncIterator[tuple[socketio.AsyncServer, Feed]]:
    """The socket.io server and the feed of this process, for the length of a block."""
    server = make_server(settings, make_manager(valkey_url))
    namespace = EventsNamespace(settings, sessions, valkey)
    server.register_namespace(namespace)
    async with Feed(sessions, valkey_url, namespace.listeners.tell).running() as feed:
        background = [
            asyncio.create_task(namespace.listeners.check_forever()),
            asyncio.create_task(namespace.rooms.renew_forever()),
        ]
        try:
            yield server, feed
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await server.shutdown()
