"""The socket.io server: signs listeners in and puts them into the rooms of what they may see."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import socketio
from redis.asyncio import Redis

from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.actors import find_actor
from kitsu_api.errors import ApiError, Unauthorized
from kitsu_api.permissions import tokens
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import ACCESS_COOKIE, actor_from
from kitsu_api.permissions.revocation import is_revoked
from kitsu_api.permissions.tokens import TokenType
from kitsu_api.realtime.rooms import ADMINS, EVERYBODY, NAMESPACE, room_of_managers, room_of_project
from kitsu_api.settings import Settings


def token_from(environ: dict[str, Any], auth: Any) -> str:
    """The token of a connection: bearer header, cookie, or the `token` of the connect message.

    Raises:
        Unauthorized: there is none.
    """
    scheme, _, credentials = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials
    cookies = SimpleCookie(str(environ.get("HTTP_COOKIE", "")))
    if ACCESS_COOKIE in cookies:
        return cookies[ACCESS_COOKIE].value
    if isinstance(auth, dict) and isinstance(auth.get("token"), str):
        return str(auth["token"])
    raise Unauthorized


class EventsNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # socketio ships no types
    """`/events`: listeners only hear of productions that they may see."""

    def __init__(self, settings: Settings, sessions: Sessions, valkey: Redis) -> None:
        super().__init__(NAMESPACE)
        self._settings, self._sessions, self._valkey = settings, sessions, valkey

    async def _actor(self, environ: dict[str, Any], auth: Any) -> Actor:
        claims = tokens.read(self._settings, token_from(environ, auth))
        if claims.type is not TokenType.ACCESS or claims.restricted:
            raise Unauthorized
        if await is_revoked(self._valkey, claims):
            raise Unauthorized
        async with self._sessions() as session:
            row = await find_actor(session, claims.person_id)
        if row is None:
            raise Unauthorized
        return actor_from(row, claims)

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """Refuse strangers with the words that the web client waits for; others join their rooms."""
        try:
            actor = await self._actor(environ, auth)
        except ApiError as error:
            raise socketio.exceptions.ConnectionRefusedError("Unable to connect") from error
        if actor.is_guest:
            raise socketio.exceptions.ConnectionRefusedError("Unable to connect")
        await self.enter_room(sid, EVERYBODY)
        if actor.is_admin:
            await self.enter_room(sid, ADMINS)
            return
        for project_id in actor.project_roles:
            await self.enter_room(sid, room_of_project(str(project_id)))
            if actor.manages(project_id):
                await self.enter_room(sid, room_of_managers(str(project_id)))


def channel(valkey_url: str) -> str:
    """The channel of this installation. Channels are the server's, whichever database a client picks, so
    that two studios on one Valkey must not share a name."""
    return f"kitsu-events:{urlsplit(valkey_url).path.strip('/') or 'default'}"


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
