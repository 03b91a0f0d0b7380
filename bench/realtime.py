"""How long it takes from a commit until connected clients hear of it.

    python bench/realtime.py [--clients 200] [--events 100] [--per-second 2]

Starts PostgreSQL, Valkey and one server process in a temporary folder, connects clients over websockets to
the namespace `/events`, and commits events at a steady pace. For each event and each client it takes the time
from just before the commit until the client has read the message. Clients and server share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection, connect

from kitsu_api.app import make_valkey
from kitsu_api.db import migrations
from kitsu_api.db.engine import Sessions, make_engine, make_sessions
from kitsu_api.db.models import Person
from kitsu_api.embedded import services
from kitsu_api.embedded.ports import LOOPBACK, free_port
from kitsu_api.events import Event
from kitsu_api.outbox import DatabaseOutbox
from kitsu_api.permissions import tokens
from kitsu_api.realtime.bell import ValkeyBell
from kitsu_api.settings import Settings
from kitsu_api.unit_of_work import UnitOfWork
from kitsu_api.workers.queue import ArqQueue

NAME = "bench:event"
WARM_UP = 20
"""Events that are not counted."""


@contextlib.contextmanager
def server(settings: Settings) -> Iterator[str]:
    """The address of a server process."""
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": str(settings.database_url),
        "REDIS_URL": str(settings.redis_url),
        "SECRET_KEY": settings.signing_key(),
        "LOGLEVEL": "WARNING",
    }
    run = [sys.executable, "-m", "kitsu_api.cli", "serve", "--host", LOOPBACK, "--port", str(port)]
    process = subprocess.Popen(run, env=environment)
    address = f"{LOOPBACK}:{port}"
    try:
        while process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://{address}/").status_code == 200:
                    break
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


async def client(address: str, token: str, ready: asyncio.Barrier, latencies: list[float]) -> None:
    """A client that notes how old each event is when it arrives."""
    url = f"ws://{address}/socket.io/?EIO=4&transport=websocket"
    async with connect(url, open_timeout=120) as socket:
        await socket.recv()
        await socket.send(f"40/events,{json.dumps({'token': token})}")
        await _welcomed(socket)
        await ready.wait()
        async for message in socket:
            moment = time.perf_counter()
            if message == "2":
                await socket.send("3")
            elif str(message).startswith("42/events,"):
                name, data = json.loads(str(message).removeprefix("42/events,"))
                if name == NAME and data["number"] >= WARM_UP:
                    latencies.append(moment - data["sent"])


async def _welcomed(socket: ClientConnection) -> None:
    async for message in socket:
        if str(message).startswith("40/events"):
            return
        if message == "2":
            await socket.send("3")
        elif str(message).startswith("44"):
            raise SystemExit(f"A client was refused: {message!s}")


@contextlib.asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Sessions]:
    """Sessions on the database of the bench."""
    engine = make_engine(settings)
    yield make_sessions(engine)
    await engine.dispose()


async def measure(
    settings: Settings, address: str, clients: int, events: int, per_second: float
) -> list[float]:
    """The latencies in seconds, one for each event and client."""
    person = Person(id=uuid4(), first_name="Ada", last_name="Byron", email="ada@example.com", role="admin")
    latencies: list[float] = []
    valkey, queue = make_valkey(str(settings.redis_url)), ArqQueue(str(settings.redis_url))
    async with database(settings) as sessions:
        async with sessions() as session:
            session.add(person)
            await session.commit()
        token = tokens.issue(settings, person.id)
        ready = asyncio.Barrier(clients + 1)
        tasks = [asyncio.create_task(client(address, token, ready, latencies)) for _ in range(clients)]
        await ready.wait()
        outbox = DatabaseOutbox(sessions, ValkeyBell(valkey, str(settings.redis_url)), queue)
        for number in range(events + WARM_UP):
            began = time.perf_counter()
            async with sessions() as session:
                uow = UnitOfWork(session, outbox, person.id)
                uow.emit(Event(NAME, {"number": number, "sent": began}))
                await uow.commit()
            await asyncio.sleep(max(0.0, 1 / per_second - (time.perf_counter() - began)))
        deadline = time.monotonic() + 30
        while len(latencies) < events * clients and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await queue.close()
    await valkey.aclose()
    return latencies


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--per-second", type=float, default=2)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kitsu-bench-"))
    try:
        with services.start(folder) as started:
            settings = Settings.model_construct(
                data_dir=folder,
                database_url=started.postgres_url,
                redis_url=started.valkey_url,
                secret_key=SecretStr(started.secret_key),
            )
            migrations.upgrade(started.postgres_url)
            with server(settings) as address:
                found = asyncio.run(
                    measure(settings, address, chosen.clients, chosen.events, chosen.per_second)
                )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    milliseconds = sorted(latency * 1000 for latency in found)
    expected = chosen.clients * chosen.events
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{chosen.clients} clients, {chosen.events} events at {chosen.per_second:g} a second")
    print(f"heard {len(milliseconds)} of {expected}")
    for share in (50, 95, 99):
        place = max(0, len(milliseconds) * share // 100 - 1)
        print(f"p{share} {milliseconds[place]:.1f} ms")
    print(f"max {milliseconds[-1]:.1f} ms")
    raise SystemExit(0 if len(milliseconds) == expected else 1)


if __name__ == "__main__":
    main()
