"""How an event goes out to the connections of one process."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
import socketio
from engineio.exceptions import SocketIsClosedError

from kitsu_api.db.repositories.event_feed import LogEntry
from kitsu_api.realtime.rooms import EVERYBODY, NAMESPACE
from kitsu_api.realtime.server import EventsNamespace, make_server

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
