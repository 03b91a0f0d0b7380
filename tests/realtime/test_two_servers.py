"""Events over two server processes: each listener hears each event once, whatever happens to Valkey."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gazu
import httpx
import pytest

from kitsu_api.db.models import ApiEvent, ProjectPersonLink
from kitsu_api.embedded.folder import DataFolder
from kitsu_api.embedded.valkey import Valkey
from tests import factories
from tests.live import serving
from tests.realtime.listener import PATIENCE, connected, live_settings, store, token_of
from tests.servers import TEMPLATE, run_sql


@pytest.fixture(scope="module")
def studio(servers, worker, tmp_path_factory) -> Iterator[Any]:
    """Two servers on one database, and a Valkey of their own that tests may kill."""
    name, folder = f"two_servers_{worker}", tmp_path_factory.mktemp("two")
    run_sql(servers.postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    url = servers.database(name)
    valkey_folder = folder / "valkey"
    valkey_folder.mkdir()
    valkey = Valkey(DataFolder(valkey_folder))
    valkey.start()
    settings = live_settings(folder, url, valkey.url)
    film = factories.production()
    people = {"admin": factories.person(role="admin"), "artist": factories.person(role="user")}
    store(settings, *film, *people.values())
    with contextlib.ExitStack() as stack:
        stack.callback(valkey.stop)
        addresses = [stack.enter_context(serving(url, valkey.url, folder)) for _ in "12"]
        yield SimpleNamespace(
            addresses=addresses,
            settings=settings,
            valkey=valkey,
            project_id=film.project.id,
            people=people,
            tokens={name: token_of(settings, person) for name, person in people.items()},
        )
    run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


def call(studio: Any, method: str, path: str, server: int = 0, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {studio.tokens['admin']}"}
    answer = httpx.request(method, studio.addresses[server] + path, headers=headers, timeout=PATIENCE, **more)
    assert answer.status_code < 300, answer.text
    return answer


def log(studio: Any, name: str, project_id: Any = None) -> None:
    """What another server on these tables logs: nobody rings for it."""
    store(studio.settings, ApiEvent(name=name, project_id=project_id, data={}))


def test_rooms_follow_who_joins_and_leaves_the_team(studio):
    film, artist = studio.project_id, studio.people["artist"]
    team = f"/data/projects/{film}/team"
    with connected(studio.addresses[1], studio.tokens["artist"]) as listener:
        log(studio, "before:new", film)
        log(studio, "mark:1")
        listener.wait_for("mark:1")
        call(studio, "POST", team, json={"person_id": str(artist.id)})
        log(studio, "member:new", film)
        listener.wait_for("member:new")
        call(studio, "DELETE", f"{team}/{artist.id}")
        log(studio, "after:new", film)
        log(studio, "mark:2")
        listener.wait_for("mark:2")
        assert not listener.heard_of("before:new")
        assert not listener.heard_of("after:new")


def test_who_is_archived_is_cut_off(studio):
    leaver = factories.person(role="user")
    store(studio.settings, leaver, ProjectPersonLink(project_id=studio.project_id, person_id=leaver.id))
    gone = threading.Event()
    with connected(studio.addresses[1], token_of(studio.settings, leaver)) as listener:
        listener.client.on("disconnect", lambda *_: gone.set(), namespace="/events")
        call(studio, "PUT", f"/data/persons/{leaver.id}", json={"active": False})
        assert gone.wait(PATIENCE)


def test_the_client_of_gazu_hears_events_of_another_process(studio):
    client = gazu.client.create_client(f"{studio.addresses[1]}/api")
    client.tokens = {"access_token": studio.tokens["admin"]}
    heard, there = [], threading.Event()

    def hear(data: dict[str, Any]) -> None:
        heard.append(data)
        there.set()

    events = gazu.events.init(client=client, reconnection=False)
    try:
        gazu.events.add_listener(events, "department:new", hear)
        made = call(studio, "POST", "/data/departments", json={"name": "Rigging", "color": "#000000"})
        assert there.wait(PATIENCE)
        assert heard == [{"department_id": made.json()["id"]}]
    finally:
        events.disconnect()


def test_nothing_is_missed_and_nothing_comes_twice_while_valkey_is_killed_and_restarted(studio):
    valkey = studio.valkey
    with (
        connected(studio.addresses[0], studio.tokens["admin"], reconnection=True) as first,
        connected(studio.addresses[1], studio.tokens["admin"], reconnection=True) as second,
    ):
        names = [f"outage-{number}:new" for number in range(9)]
        for number, name in enumerate(names):
            if number == 3:
                assert valkey.process is not None
                valkey.process.send_signal(signal.SIGKILL)
                valkey.process.wait()
            if number == 6:
                first.wait_for(names[5])  # told although Valkey is away
                valkey.start()
            log(studio, name)
        department = call(
            studio, "POST", "/data/departments", server=1, json={"name": "Layout", "color": "#000000"}
        ).json()["id"]
        for listener in (first, second):
            listener.wait_for("department:new", department_id=department)
            assert [name for name, _ in listener.heard if name.startswith("outage")] == names
