"""How an event goes out to the connections of one process."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
import socketio
from engineio.exceptions import SocketIsClosedError
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy.exc import OperationalError

from kitsu_api.db.repositories.actors import find_actor
from kitsu_api.db.repositories.event_feed import EventFeed, LogEntry
from kitsu_api.events import record_event
from kitsu_api.permissions.authentication import ACCESS_COOKIE, actor_of_row
from kitsu_api.realtime import review_state
from kitsu_api.realtime.feed import Feed
from kitsu_api.realtime.listeners import Listener
from kitsu_api.realtime.review_rooms import inside, watching
from kitsu_api.realtime.review_state import Place
from kitsu_api.realtime.rooms import EVERYBODY, NAMESPACE
from kitsu_api.realtime.server import EventsNamespace, make_server, token_from
from kitsu_api.unit_of_work import unit_of_work
from tests import factories

ENTRY = LogEntry(1, None, "shot:new", {"shot_id": "é"}, None, None, None, False, dt.datetime(2026, 1, 2))


@pytest.fixture
async def told(settings, sessions, valkey, monkeypatch):
    """A namespace, four connections of which the last is in another room, and what they are sent."""
    server = make_server(settings, socketio.AsyncManager())
    namespace = EventsNamespace(settings, sessions, valkey)
    server.register_namespace(namespace)
    for number, room in enumerate((EVERYBODY, EVERYBODY, EVERYBODY, "elsewhere")):
        sid = await server.manager.connect(f"connection {number}", NAMESPACE)
        await server.manager.enter_room(sid, NAMESPACE, room)
    sent: dict[str, list[object]] = {}
    refusals: dict[str, Exception] = {}

    async def send(connection, packet):
        if connection in refusals:
            raise refusals[connection]
        sent.setdefault(connection, []).append(packet)

    monkeypatch.setattr(server.eio, "send_packet", send)
    return namespace, sent, refusals


async def test_those_in_the_room_get_the_same_packet_and_nobody_else(told):
    namespace, sent, _ = told
    await namespace.listeners.tell([ENTRY])
    assert sorted(sent) == ["connection 0", "connection 1", "connection 2"]
    packets = [packet for packets in sent.values() for packet in packets]
    assert len(packets) == 3
    # one object: it is encoded once for all
    assert len({id(packet) for packet in packets}) == 1
    assert packets[0].encode() == '42/events,["shot:new",{"shot_id":"\\u00e9"}]'


async def test_a_connection_that_can_not_be_told_does_not_keep_the_others_from_hearing(told, caplog):
    namespace, sent, refusals = told
    refusals |= {"connection 0": SocketIsClosedError(), "connection 1": RuntimeError("no handler")}
    with caplog.at_level(logging.ERROR):
        await namespace.listeners.tell([ENTRY])
    assert list(sent) == ["connection 2"]
    assert [record.getMessage() for record in caplog.records] == ["A listener could not be told."]


async def test_events_are_told_again_where_nobody_was_told_since_the_database_was_away(
    app, sessions, monkeypatch
):
    # by itself it takes a transaction of its own, which the tests' one connection does not have
    monkeypatch.setattr(EventFeed, "number_at_once", EventFeed.number)
    told: list[str] = []
    fails = [True]

    async def hand(entries: Sequence[LogEntry]) -> None:
        if fails.pop():
            raise OperationalError("SELECT", None, ConnectionError("away"))
        told.extend(entry.name for entry in entries)

    feed = Feed(sessions, "", hand)
    await feed._place()
    async with sessions() as session, unit_of_work(session, app.state.outbox) as uow:
        uow.emit(record_event("person", "update", uuid4()))
    with pytest.raises(OperationalError):
        await feed._read()
    fails.append(False)
    await feed._read()
    assert told == ["person:update"]


@pytest.mark.parametrize("others", ["a(b=1", 'state={"page": 1}', "no_value", "ünï=1"])
def test_cookies_of_others_do_not_hide_the_one_that_signs_in(others):
    environ = {"HTTP_COOKIE": f"{others}; {ACCESS_COOKIE}=the token"}
    assert token_from(environ, None) == "the token"


@pytest.fixture
async def visitor(told, make, sessions):
    """A namespace, a connection of an admin, and a playlist."""
    namespace, _, _ = told
    person, project = await make(factories.person(role="admin"), factories.project())
    playlist = await make(factories.playlist(project))
    async with sessions() as session:
        row = await find_actor(session, person.id)
    assert row is not None
    actor = actor_of_row(row)
    assert actor is not None
    claims: Any = None
    namespace.listeners._known["connection"] = Listener(claims, actor)
    return namespace, actor, playlist


async def test_who_goes_while_they_enter_a_review_room_is_not_in_it(visitor, monkeypatch):
    namespace, _, playlist = visitor

    async def enter(sid: str, room: str) -> None:
        await namespace.on_disconnect(sid)

    monkeypatch.setattr(namespace, "enter_room", enter)
    await namespace.trigger_event("preview-room:join", "connection", {"playlist_id": str(playlist.id)})
    assert await namespace.rooms._state.people(playlist.id) == []
    assert namespace.rooms._visits == {}


async def test_who_may_see_a_room_no_more_leaves_it_without_valkey_too(visitor, monkeypatch):
    namespace, actor, playlist = visitor
    left: list[str] = []

    async def leave(sid: str, room: str) -> None:
        left.append(room)

    async def away(room: UUID, place: Place) -> list[str]:
        raise RedisConnectionError

    monkeypatch.setattr(namespace, "enter_room", leave)
    await namespace.trigger_event("preview-room:join", "connection", {"playlist_id": str(playlist.id)})
    left.clear()
    monkeypatch.setattr(namespace, "leave_room", leave)
    monkeypatch.setattr(namespace.rooms._state, "leave", away)
    monkeypatch.setattr(type(actor), "sees", lambda actor, project_id: False)
    await namespace.rooms.review("connection", actor)
    assert sorted(left) == sorted([watching(playlist.id), inside(playlist.id)])
    assert namespace.rooms._visits["connection"].project_ids == {}


async def test_a_screen_remembers_so_many_things_and_goes_on_with_them(visitor, monkeypatch):
    monkeypatch.setattr(review_state, "MOST_NAMES", 3)
    namespace, _, playlist = visitor

    async def nothing(sid: str, room: str) -> None:
        return None

    async def say(**body: int) -> Any:
        message = {"playlist_id": str(playlist.id), **body}
        return await namespace.trigger_event("preview-room:room-updated", "connection", message)

    monkeypatch.setattr(namespace, "enter_room", nothing)
    joined = {"playlist_id": str(playlist.id)}
    await namespace.trigger_event("preview-room:join", "connection", joined)
    await say(a=1, b=2)
    await say(c=3, d=4, a=5)
    await say(e=6, b=7)
    screen = await namespace.trigger_event("preview-room:join", "connection", joined)
    assert {name: screen[name] for name in screen if len(name) == 1} == {"a": 5, "b": 7, "c": 3}
