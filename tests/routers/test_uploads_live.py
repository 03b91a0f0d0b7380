"""Resumable uploads by another's client, with a server in a process of its own, killed in the middle."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr
from tusclient import client as tus

from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.embedded.ports import LOOPBACK, free_port
from kitsu_api.permissions import tokens
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.services import uploads as service
from kitsu_api.unit_of_work import UnitOfWork
from tests import factories
from tests.conftest import make_settings
from tests.live import KEY, environment
from tests.servers import TEMPLATE, run_sql

MEGABYTE = 1024 * 1024
SIZE = 11 * MEGABYTE + 77
PATIENCE = 120.0


class Server:
    """An API that may be killed and started again."""

    def __init__(self, values: dict[str, str], folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.address = f"http://{LOOPBACK}:{self.port}"
        self._values = values
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        run = [sys.executable, "-m", "kitsu_api.cli", "serve", "--host", LOOPBACK, "--port", str(self.port)]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(run, env=self._values, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                httpx.get(f"{self.address}/", timeout=5)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self.folder / "server.log").read_text())

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def content() -> bytes:
    return os.urandom(SIZE)


@pytest.fixture(scope="module")
def database(servers) -> Iterator[str]:
    """A migrated database for these tests."""
    name = f"scratch_{uuid4().hex}"
    run_sql(servers.postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield servers.database(name)
    run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def artist(database, valkey_url, folder):
    """A person in a database of its own, with headers that sign them in."""
    settings = make_settings(folder, database, valkey_url)
    settings = settings.model_copy(update={"secret_key": SecretStr(KEY)})
    person = factories.person()

    async def store() -> None:
        engine = make_engine(settings)
        async with make_sessions(engine)() as session:
            session.add(person)
            await session.commit()
        await engine.dispose()

    asyncio.run(store())
    return settings, person.id, {"Authorization": f"Bearer {tokens.issue(settings, person.id)}"}


@pytest.fixture(scope="module")
def server(artist, database, valkey_url, folder) -> Iterator[Server]:
    running = Server(environment(database, valkey_url, folder), folder)
    running.start()
    yield running
    running.kill()


def take(settings, person_id, url: str) -> tuple[str, bytes]:
    """Name and content of a finished upload."""

    class Nowhere:
        async def deliver(self, message) -> None:
            """The parts stay in storage, which goes with the test."""

    async def read() -> tuple[str, bytes]:
        engine = make_engine(settings)
        async with make_sessions(engine)() as session:
            uow = UnitOfWork(session, Nowhere(), settings=settings)
            id = UUID(url.rpartition("/")[2])
            async with service.take(uow, Actor(person_id, Role.ARTIST), id) as (path, name, _):
                found = name, path.read_bytes()
        await engine.dispose()
        return found

    return asyncio.run(read())


def offset_of(url: str, headers: dict[str, str]) -> int:
    answer = httpx.head(url, headers={**headers, "Tus-Resumable": "1.0.0"}, timeout=PATIENCE)
    assert answer.status_code == 204
    return int(answer.headers["Upload-Offset"])


def reaches(url: str, headers: dict[str, str], least: int) -> int:
    deadline = time.monotonic() + PATIENCE
    while (offset := offset_of(url, headers)) < least:
        assert time.monotonic() < deadline, f"only {offset} bytes have arrived"
        time.sleep(0.05)
    return offset


def test_a_client_goes_on_with_an_upload_after_the_server_was_killed(server, artist, content, tmp_path):
    settings, person_id, headers = artist
    source = tmp_path / "shot.mov"
    source.write_bytes(content)
    client = tus.TusClient(f"{server.address}/api/uploads", headers=headers)
    first = client.uploader(
        str(source), chunk_size=2 * MEGABYTE, metadata={"filename": "shot.mov"}, upload_checksum=True
    )
    for _ in range(2):
        first.upload_chunk()
    arrived, go_on = threading.Event(), threading.Event()

    def pieces() -> Iterator[bytes]:
        yield content[4 * MEGABYTE : 9 * MEGABYTE]
        arrived.set()
        go_on.wait(PATIENCE)

    def send() -> None:
        told = {"Upload-Offset": str(4 * MEGABYTE), "Content-Type": "application/offset+octet-stream"}
        with pytest.raises(httpx.TransportError):
            httpx.patch(
                first.url,
                content=pieces(),
                headers={**headers, "Tus-Resumable": "1.0.0", **told},
                timeout=PATIENCE,
            )

    sending = threading.Thread(target=send)
    sending.start()
    assert arrived.wait(PATIENCE)
    before = reaches(first.url, headers, 8 * MEGABYTE)
    server.kill()
    go_on.set()
    sending.join(PATIENCE)
    server.start()
    assert offset_of(first.url, headers) == before, "what counted is still there"
    second = client.uploader(
        str(source), url=first.url, chunk_size=MEGABYTE, retries=20, retry_delay=1, upload_checksum=True
    )
    assert second.offset == before
    second.upload()
    assert second.offset == SIZE
    name, stored = take(settings, person_id, first.url)
    assert name == "shot.mov"
    assert hashlib.sha256(stored).digest() == hashlib.sha256(content).digest()


def test_what_a_killed_client_has_sent_is_kept(server, artist, content):
    settings, person_id, headers = artist
    client = tus.TusClient(f"{server.address}/uploads", headers=headers)
    begun = httpx.post(
        f"{server.address}/uploads",
        headers={**headers, "Tus-Resumable": "1.0.0", "Upload-Length": str(SIZE)},
    )
    url = f"{server.address}/{begun.headers['Location']}"
    lines = [
        f"PATCH {urlsplit(url).path} HTTP/1.1",
        f"Host: {LOOPBACK}",
        f"Authorization: {headers['Authorization']}",
        "Tus-Resumable: 1.0.0",
        "Upload-Offset: 0",
        "Content-Type: application/offset+octet-stream",
        f"Content-Length: {SIZE}",
        "",
        "",
    ]
    with socket.create_connection((LOOPBACK, server.port)) as connection:
        connection.sendall("\r\n".join(lines).encode() + content[: 3 * MEGABYTE])
    assert reaches(url, headers, 3 * MEGABYTE) == 3 * MEGABYTE
    with (server.folder / "rest").open("wb+") as rest:
        rest.write(content)
        uploader = client.uploader(
            file_stream=rest, url=url, chunk_size=5 * MEGABYTE, retries=20, retry_delay=1
        )
        uploader.upload()
    assert take(settings, person_id, url)[1] == content
