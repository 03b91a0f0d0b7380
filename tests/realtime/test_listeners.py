"""Who hears what, over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import socketio
from pydantic import SecretStr

from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.models import Person, ProjectPersonLink
from kitsu_api.permissions import tokens
from kitsu_api.permissions.tokens import IdentityType
from kitsu_api.realtime.bell import channel
from tests import factories
from tests.conftest import make_settings
from tests.live import KEY, serving
from tests.servers import TEMPLATE, run_sql

NAMESPACE = "/events"
PATIENCE = 60.0


class Stage:
    """A running server with two productions, and people who listen."""

    def __init__(self, address: str, settings: Any, film: Any, other: Any, people: dict[str, Person]) -> None:
        self.address, self.settings = address, settings
        self.film, self.other, self.people = film, other, people

    def token(self, name: str, **claims: Any) -> str:
        return tokens.issue(self.settings, self.people[name].id, **claims)

    def call(self, method: str, path: str, name: str = "admin", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token(name)}"}
        answer = httpx.request(method, self.address + path, headers=headers, timeout=PATIENCE, **more)
        assert answer.status_code < 300, answer.text
        return answer


class Listener:
    """A connected client, and what it heard."""

    def __init__(self) -> None:
        self.client = socketio.Client(reconnection=False)
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self._news = threading.Condition()
        self.client.on("*", self._hear, namespace=NAMESPACE)

    def _hear(self, name: str, data: dict[str, Any]) -> None:
        with self._news:
            self.heard.append((name, data))
            self._news.notify_all()

    def wait_for(self, name: str, **data: str) -> None:
        def there() -> bool:
            return any(n == name and data.items() <= d.items() for n, d in self.heard)

        with self._news:
            assert self._news.wait_for(there, PATIENCE), self.heard

    def heard_of(self, name: str) -> list[dict[str, Any]]:
        return [data for one, data in self.heard if one == name]


@pytest.fixture(scope="module")
def stage(servers, worker, tmp_path_factory) -> Iterator[Stage]:
    database = f"realtime_{worker}"
    run_sql(servers.postgres, f"CREATE DATABASE {database} TEMPLATE {TEMPLATE}")
    url, folder = servers.database(database), tmp_path_factory.mktemp("live")
    valkey = f"{servers.valkey.rpartition('/')[0]}/{15 - worker}"
    settings = make_settings(folder, url, valkey).model_copy(update={"secret_key": SecretStr(KEY)})
    film, other = factories.production(), factories.production()
    people = {
        "admin": factories.person(role="admin"),
        "artist": factories.person(role="user"),
        "manager": factories.person(role="manager"),
        "stranger": factories.person(role="user"),
        "guest": factories.person(role="client", is_guest=True),
    }

    async def fill() -> None:
        engine = make_engine(settings)
        async with make_sessions(engine)() as session:
            for row in (*film, *other, *people.values()):
                session.add(row)
                await session.flush()
            session.add(ProjectPersonLink(project_id=film.project.id, person_id=people["artist"].id))
            session.add(ProjectPersonLink(project_id=film.project.id, person_id=people["manager"].id))
            session.add(ProjectPersonLink(project_id=other.project.id, person_id=people["stranger"].id))
            await session.commit()
        await engine.dispose()

    thread = threading.Thread(target=lambda: asyncio.run(fill()))
    thread.start()
    thread.join()
    with serving(url, valkey, folder) as address:
        yield Stage(address, settings, film, other, people)
    run_sql(servers.postgres, f"DROP DATABASE {database} WITH (FORCE)")


@contextlib.contextmanager
def listening(stage: Stage, **connection: Any) -> Iterator[Listener]:
    listener = Listener()
    listener.client.connect(stage.address, namespaces=[NAMESPACE], wait_timeout=PATIENCE, **connection)
    try:
        yield listener
    finally:
        listener.client.disconnect()


def bearer(token: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {token}"}}


def new_department(stage: Stage) -> str:
    """Something that everybody hears, and in order: who heard it has heard all before it."""
    row = stage.call("POST", "/data/departments", json={"name": str(uuid4()), "color": "#000000"}).json()
    return str(row["id"])


def test_an_event_of_a_production_reaches_its_people_and_admins_alone(stage):
    with (
        listening(stage, **bearer(stage.token("artist"))) as artist,
        listening(stage, **bearer(stage.token("stranger"))) as stranger,
        listening(stage, **bearer(stage.token("admin"))) as admin,
    ):
        stage.call("PUT", f"/data/entities/{stage.film.entity.id}", json={"description": str(time.time())})
        department = new_department(stage)
        for listener in (artist, stranger, admin):
            listener.wait_for("department:new", department_id=department)
        about = {"asset_id": str(stage.film.entity.id), "project_id": str(stage.film.project.id)}
        for listener in (artist, admin):
            assert [about.items() <= data.items() for data in listener.heard_of("asset:update")] == [True]
        assert stranger.heard_of("asset:update") == []


def test_events_about_money_reach_those_who_run_the_production_alone(stage):
    budgets = f"/data/projects/{stage.film.project.id}/budgets"
    with (
        listening(stage, **bearer(stage.token("artist"))) as artist,
        listening(stage, **bearer(stage.token("manager"))) as manager,
        listening(stage, **bearer(stage.token("admin"))) as admin,
    ):
        budget = stage.call("POST", budgets, json={"name": "First"}).json()
        entry = {
            "budget_id": budget["id"],
            "department_id": new_department(stage),
            "start_date": "2026-03-01",
            "months_duration": 3,
            "daily_salary": 200,
        }
        stage.call("POST", f"{budgets}/{budget['id']}/entries", json=entry)
        stage.call("POST", "/data/budget-entries", json=entry)
        stage.call("DELETE", f"/data/budgets/{budget['id']}")
        scale = stage.call("GET", "/data/salary-scales").json()[0]
        stage.call("PUT", f"/data/salary-scales/{scale['id']}", json={"salary": 100})
        department = new_department(stage)
        money = ("budget:create", "budget-entry:create", "budget-entry:new", "budget:delete")
        for listener in (artist, manager, admin):
            listener.wait_for("department:new", department_id=department)
        for name in money:
            assert len(manager.heard_of(name)) == len(admin.heard_of(name)) == 1, name
            assert artist.heard_of(name) == [], name
        assert [len(one.heard_of("salary-scale:update")) for one in (admin, manager, artist)] == [1, 0, 0]


def test_rows_that_hang_on_a_task_are_told_to_the_people_of_its_production(stage):
    body = {
        "person_id": str(stage.people["artist"].id),
        "task_id": str(stage.film.task.id),
        "date": "2026-03-02",
        "duration": 60,
    }
    with (
        listening(stage, **bearer(stage.token("artist"))) as artist,
        listening(stage, **bearer(stage.token("stranger"))) as stranger,
    ):
        made = stage.call("POST", "/data/time-spents", json=body).json()
        department = new_department(stage)
        for listener in (artist, stranger):
            listener.wait_for("department:new", department_id=department)
        assert artist.heard_of("time-spent:new") == [{"time_spent_id": made["id"]}]
        assert stranger.heard_of("time-spent:new") == []


@pytest.mark.parametrize("way", ["bearer", "cookie", "connect message"])
def test_a_listener_signs_in_by(stage, way):
    token = stage.token("artist")
    how = {
        "bearer": bearer(token),
        "cookie": {"headers": {"Cookie": f"access_token_cookie={token}"}},
        "connect message": {"auth": {"token": token}},
    }[way]
    with listening(stage, **how) as listener:
        listener.wait_for("department:new", department_id=new_department(stage))


@pytest.mark.parametrize(
    "who", ["nobody", "garbage", "guest", "refresh token", "restricted token", "signed out", "unknown person"]
)
def test_a_listener_is_refused_who_is(stage, who):
    artist = stage.people["artist"]
    token = {
        "nobody": lambda: "",
        "garbage": lambda: "not.a.token",
        "guest": lambda: stage.token("guest", identity=IdentityType.GUEST),
        "refresh token": lambda: tokens.issue(stage.settings, artist.id, type=tokens.TokenType.REFRESH),
        "restricted token": lambda: tokens.issue(stage.settings, artist.id, restricted=True),
        "signed out": lambda: stage.token("artist"),
        "unknown person": lambda: tokens.issue(stage.settings, uuid4()),
    }[who]()
    if who == "signed out":
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.get(stage.address + "/auth/logout", headers=headers).status_code == 200
    with (
        pytest.raises(socketio.exceptions.ConnectionError, match=r"Unable to connect|namespaces failed"),
        listening(stage, **(bearer(token) if token else {})),
    ):
        raise AssertionError("connected")


def test_another_studio_on_the_same_valkey_server_hears_nothing_of_this_one(stage):
    base = stage.settings.redis_url.rpartition("/")[0]
    assert len({channel(f"{base}/1"), channel(f"{base}/2"), channel(base)}) == 3
