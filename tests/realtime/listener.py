"""A connected socket.io client that remembers what it heard, and the people that tests sign in."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import socketio
from pydantic import SecretStr

from kitsu_api.db.base import Base
from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.models import Person
from kitsu_api.permissions import tokens
from kitsu_api.settings import Settings
from tests.conftest import make_settings
from tests.live import KEY

NAMESPACE = "/events"
PATIENCE = 60.0


class Listener:
    """A connected client, and what it heard."""

    def __init__(self, *, reconnection: bool = False) -> None:
        self.client = socketio.Client(reconnection=reconnection, reconnection_delay=0.1)
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self._news = threading.Condition()
        self.client.on("*", self._hear, namespace=NAMESPACE)

    def _hear(self, name: str, data: dict[str, Any]) -> None:
        with self._news:
            self.heard.append((name, data))
            self._news.notify_all()

    def wait_for(self, name: str, **data: Any) -> None:
        """Wait until such an event was heard."""

        def there() -> bool:
            return any(n == name and data.items() <= d.items() for n, d in self.heard)

        with self._news:
            assert self._news.wait_for(there, PATIENCE), (name, data, self.heard)

    def heard_of(self, name: str) -> list[dict[str, Any]]:
        return [data for one, data in self.heard if one == name]

    def call(self, event: str, **data: Any) -> dict[str, Any]:
        """Send a message and return what it is answered."""
        answer: dict[str, Any] = self.client.call(event, data, namespace=NAMESPACE, timeout=PATIENCE)
        return answer


@contextlib.contextmanager
def connected(address: str, token: str, **options: Any) -> Iterator[Listener]:
    listener = Listener(**options)
    headers = {"Authorization": f"Bearer {token}"}
    listener.client.connect(address, headers=headers, namespaces=[NAMESPACE], wait_timeout=PATIENCE)
    try:
        yield listener
    finally:
        listener.client.disconnect()


def live_settings(folder: Path, database_url: str, valkey_url: str) -> Settings:
    """The settings of the servers of `tests.live`."""
    settings = make_settings(folder, database_url, valkey_url)
    return settings.model_copy(update={"secret_key": SecretStr(KEY)})


def token_of(settings: Settings, person: Person) -> str:
    return tokens.issue(settings, person.id)


def store(settings: Settings, *rows: Base) -> None:
    """Commit rows, in this order; also where an event loop runs."""

    async def fill() -> None:
        engine = make_engine(settings)
        async with make_sessions(engine)() as session:
            for row in rows:
                session.add(row)
                await session.flush()
            await session.commit()
        await engine.dispose()

    thread = threading.Thread(target=lambda: asyncio.run(fill()))
    thread.start()
    thread.join()
