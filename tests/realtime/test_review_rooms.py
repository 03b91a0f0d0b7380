"""Review rooms of two server processes, and what happens when one of them dies."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kitsu_api.db.models import Playlist, ProjectPersonLink
from tests import factories
from tests.live import running
from tests.realtime.listener import PATIENCE, Listener, connected, live_settings, store, token_of
from tests.servers import TEMPLATE, run_sql

ROOM = "preview-room:"


@pytest.fixture(scope="module")
def studio(servers, worker, tmp_path_factory) -> Iterator[Any]:
    """Two servers on one database, a playlist for the studio and one for clients."""
    name, folder = f"reviews_{worker}", tmp_path_factory.mktemp("reviews")
    run_sql(servers.postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    url, valkey = servers.database(name), f"{servers.valkey.rpartition('/')[0]}/{14 - worker}"
    settings = live_settings(folder, url, valkey)
    film = factories.production()
    people = {
        "ada": factories.person(role="supervisor"),
        "bob": factories.person(role="user"),
        "client": factories.person(role="client"),
        "stranger": factories.person(role="user"),
        "admin": factories.person(role="admin"),
    }
    internal = Playlist(name="Dailies", project_id=film.project.id)
    shared = Playlist(name="Delivery", project_id=film.project.id, for_client=True)
    team = [
        ProjectPersonLink(project_id=film.project.id, person_id=people[name].id)
        for name in ("ada", "bob", "client")
    ]
    store(settings, *film, *people.values(), internal, shared, *team)
    with contextlib.ExitStack() as stack:
        both = [
            stack.enter_context(running(url, valkey, folder, KITSU_REVIEW_PLACE_SECONDS="2")) for _ in "12"
        ]
        yield SimpleNamespace(
            addresses=[address for address, _ in both],
            last_process=both[1][1],
            tokens={name: token_of(settings, person) for name, person in people.items()},
            ids={name: str(person.id) for name, person in people.items()},
            project=str(film.project.id),
            internal=str(internal.id),
            shared=str(shared.id),
        )
    run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


def entering(studio: Any, name: str, server: int) -> contextlib.AbstractContextManager[Listener]:
    return connected(studio.addresses[server], studio.tokens[name])


def people(studio: Any, *names: str) -> list[str]:
    return sorted(studio.ids[name] for name in names)


def test_two_people_on_two_servers_share_a_room(studio):
    room = studio.internal
    with entering(studio, "ada", 0) as ada, entering(studio, "bob", 1) as bob:
        assert ada.call(ROOM + "join", playlist_id=room)["people"] == people(studio, "ada")
        ada.call(ROOM + "update-playback-status", playlist_id=room, is_playing=True, current_frame=12)
        ada.call(ROOM + "panzoom-changed", playlist_id=room, x=1, y=2, scale=3)
        joined = bob.call(ROOM + "join", playlist_id=room)
        assert joined["people"] == people(studio, "ada", "bob")
        assert (joined["is_playing"], joined["current_frame"]) == (True, 12)
        assert joined["panzoom-changed"] == {"x": 1, "y": 2, "scale": 3}
        ada.wait_for(ROOM + "room-people-updated", playlist_id=room, people=people(studio, "ada", "bob"))

        bob.call(ROOM + "update-playback-status", playlist_id=room, current_frame=24)
        ada.wait_for(ROOM + "room-updated", current_frame=24, is_playing=True, user_id=studio.ids["bob"])
        for name in ("add", "update", "remove"):
            bob.call(f"{ROOM}{name}-annotation", playlist_id=room, data={"obj": 1}, user_id=studio.ids["ada"])
            ada.wait_for(f"{ROOM}{name}-annotation", data={"obj": 1}, user_id=studio.ids["bob"])
        bob.call(ROOM + "comparison-panzoom-changed", playlist_id=room, x=5)
        ada.wait_for(ROOM + "comparison-panzoom-changed", x=5, playlist_id=room)
        assert bob.heard_of(ROOM + "add-annotation") == [], "nobody hears himself"

        bob.call(ROOM + "leave", playlist_id=room)
        ada.wait_for(ROOM + "room-people-updated", people=people(studio, "ada"))
        assert "error" in bob.call(ROOM + "add-annotation", playlist_id=room, data={})


def test_who_opens_a_playlist_hears_who_is_in_the_room_and_not_what_is_said(studio):
    room = studio.internal
    with entering(studio, "ada", 0) as ada, entering(studio, "bob", 1) as bob:
        ada.call(ROOM + "join", playlist_id=room)
        assert bob.call(ROOM + "open-playlist", playlist_id=room)["people"] == people(studio, "ada")
        ada.call(ROOM + "add-annotation", playlist_id=room, data={})
        ada.call(ROOM + "leave", playlist_id=room)
        bob.wait_for(ROOM + "room-people-updated", playlist_id=room, people=[])
        assert bob.heard_of(ROOM + "add-annotation") == []
        bob.call(ROOM + "close-playlist", playlist_id=room)


def test_an_empty_room_forgets_what_was_on_its_screen(studio):
    room = studio.shared
    with entering(studio, "ada", 0) as ada:
        ada.call(ROOM + "join", playlist_id=room)
        ada.call(ROOM + "room-updated", playlist_id=room, current_frame=7)
        ada.call(ROOM + "leave", playlist_id=room)
        assert "current_frame" not in ada.call(ROOM + "join", playlist_id=room)


@pytest.mark.parametrize(
    ("who", "playlist", "enters"),
    [
        ("stranger", "internal", False),
        ("client", "internal", False),
        ("client", "shared", True),
        ("admin", "internal", True),
        ("bob", "unknown", False),
    ],
)
def test_the_door_is_guarded(studio, who, playlist, enters):
    room = getattr(studio, playlist, str(uuid4()))
    with entering(studio, who, 0) as person:
        for event in ("open-playlist", "join"):
            assert ("error" not in person.call(ROOM + event, playlist_id=room)) is enters


@pytest.mark.parametrize("data", [None, [], "x", {}, {"playlist_id": "x"}, {"playlist_id": 7}])
def test_a_message_that_says_nothing_is_answered_so(studio, data):
    with entering(studio, "ada", 0) as ada:
        answer = ada.client.call(ROOM + "join", data, namespace="/events", timeout=PATIENCE)
        assert "playlist" in answer["error"]
        assert "no event" in ada.call(ROOM + "dance", playlist_id=studio.internal)["error"]
        huge = ada.call(ROOM + "add-annotation", playlist_id=studio.internal, data="x" * 300_000)
        assert "bytes" in huge["error"]


def test_who_is_taken_out_of_the_team_leaves_the_room(studio):
    headers = {"Authorization": f"Bearer {studio.tokens['admin']}"}
    team = f"{studio.addresses[0]}/data/projects/{studio.project}/team"
    with entering(studio, "ada", 0) as ada, entering(studio, "stranger", 1) as guest:
        body = {"person_id": studio.ids["stranger"]}
        assert httpx.post(team, json=body, headers=headers, timeout=PATIENCE).status_code == 201
        guest.wait_for("project:update", project_id=studio.project)
        ada.call(ROOM + "join", playlist_id=studio.internal)
        guest.call(ROOM + "join", playlist_id=studio.internal)
        ada.wait_for(ROOM + "room-people-updated", people=people(studio, "ada", "stranger"))
        ada.heard.clear()
        gone = httpx.delete(f"{team}/{studio.ids['stranger']}", headers=headers, timeout=PATIENCE)
        assert gone.status_code == 204
        ada.wait_for(ROOM + "room-people-updated", people=people(studio, "ada"))
        ada.call(ROOM + "add-annotation", playlist_id=studio.internal, data={})
        assert "error" in guest.call(ROOM + "join", playlist_id=studio.internal)
        assert guest.heard_of(ROOM + "add-annotation") == []


def test_people_who_vanish_leave_the_room_and_so_do_those_of_a_server_that_dies(studio):
    room = studio.internal
    with entering(studio, "ada", 0) as ada:
        ada.call(ROOM + "join", playlist_id=room)
        with entering(studio, "bob", 1) as bob:
            bob.call(ROOM + "join", playlist_id=room)
            ada.wait_for(ROOM + "room-people-updated", people=people(studio, "ada", "bob"))
            ada.heard.clear()
        ada.wait_for(ROOM + "room-people-updated", people=people(studio, "ada"))
        with entering(studio, "bob", 1) as bob:
            bob.call(ROOM + "join", playlist_id=room)
            ada.wait_for(ROOM + "room-people-updated", people=people(studio, "ada", "bob"))
            ada.heard.clear()
            studio.last_process.kill()
            ada.wait_for(ROOM + "room-people-updated", people=people(studio, "ada"))
