"""Previews on a server and workers of their own: large uploads, many hands at once, a killed worker."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import psutil
import pytest
from pydantic import SecretStr

from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.models import CommentPreviewLink
from kitsu_api.permissions import tokens
from kitsu_api.settings import Settings
from tests import factories, live
from tests.conftest import make_settings
from tests.media.clips import make_movie, numbers_in
from tests.servers import TEMPLATE, run_sql

MEGABYTE = 1024 * 1024
SIZE = 256 * MEGABYTE
MOST_GROWTH = 60 * MEGABYTE
PATIENCE = 180.0


class Live(NamedTuple):
    """A server that the tests of this module share, and where its files lie. Its jobs wait for a worker."""

    address: str
    settings: Settings
    folder: Path
    environment: dict[str, str]

    @property
    def temporary(self) -> Path:
        return self.folder / "temporary"

    def left(self) -> list[Path]:
        """What lies in the folder of temporary files."""
        return list(self.temporary.iterdir()) if self.temporary.exists() else []


class Studio(NamedTuple):
    """A preview that waits for its file, and an admin's headers."""

    live: Live
    preview: Any
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return f"/pictures/preview-files/{self.preview.id}"

    @property
    def row(self) -> str:
        return f"/data/preview-files/{self.preview.id}"

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.live.address, timeout=PATIENCE, headers=self.headers)

    def people(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.live.address, timeout=PATIENCE, headers=self.headers)


@pytest.fixture(scope="module")
def running(tmp_path_factory, servers, valkey_url) -> Iterator[Live]:
    folder, name = tmp_path_factory.mktemp("previews"), f"previews_{uuid4().hex}"
    run_sql(servers.postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    settings = make_settings(folder, servers.database(name), valkey_url)
    own = {
        "KITSU_JOBS_INLINE": "false",
        "KITSU_JOB_HEARTBEAT_SECONDS": "0.25",
        "KITSU_TMP_DIR": str(folder / "temporary"),
    }
    with live.serving(str(settings.database_url), valkey_url, folder, **own) as address:
        yield Live(address, settings, folder, own)
    run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def studio(running) -> AsyncIterator[Studio]:
    engine = make_engine(running.settings)
    rows, admin = factories.production(fps="25"), factories.person(role="admin")
    rows.project_status.name = factories.unique("Open")
    comment = factories.comment(rows.task, rows.person)
    preview = factories.preview_file(rows.task, rows.person, extension="mp4", status="processing")
    async with make_sessions(engine)() as session:
        for row in (*rows, admin, comment, preview):
            session.add(row)
            await session.flush()
        session.add(CommentPreviewLink(comment=comment.id, preview_file=preview.id))
        await session.commit()
    settings = running.settings.model_copy(update={"secret_key": SecretStr(live.KEY)})
    headers = {"Authorization": f"Bearer {tokens.issue(settings, admin.id)}"}
    yield Studio(running, preview, headers)
    await engine.dispose()


def server_of(address: str) -> psutil.Process:
    port = int(address.rpartition(":")[2])
    for process in psutil.Process().children(recursive=True):
        sockets = process.net_connections("tcp")
        if any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in sockets):
            return process
    raise AssertionError("no server process")


@contextlib.contextmanager
def peak_of(process: psutil.Process) -> Iterator[list[int]]:
    """The most memory that a process has while the block runs, in bytes."""
    peak, done = [process.memory_info().rss], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            peak[0] = max(peak[0], process.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def form(name: str, size: int) -> Iterator[bytes]:
    yield f'--b\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    for _ in range(size // MEGABYTE):
        yield b"\x01" * MEGABYTE
    yield b"\r\n--b--\r\n"


FORM = {"content-type": "multipart/form-data; boundary=b"}


def test_a_large_upload_is_never_in_memory(studio):
    with studio.client() as client:
        client.get(studio.row)
        # what the first of their requests load is no part of an upload
        client.post(f"/pictures/preview-files/{uuid4()}", content=form("scene.blend", 1), headers=FORM)
        client.get(f"/pictures/originals/preview-files/{uuid4()}.blend")
        process = server_of(studio.live.address)
        before = process.memory_info().rss
        with peak_of(process) as peak:
            answer = client.post(studio.path, content=form("scene.blend", SIZE), headers=FORM)
            assert answer.status_code == 201, answer.text
            assert answer.json()["file_size"] == SIZE
            path = f"/pictures/originals/preview-files/{studio.preview.id}.blend"
            with client.stream("GET", path) as download:
                assert sum(len(chunk) for chunk in download.iter_bytes()) == SIZE
        assert peak[0] - before < MOST_GROWTH
        assert studio.live.left() == []


def test_an_upload_that_is_broken_off_leaves_nothing(studio):
    def broken_off() -> Iterator[bytes]:
        for chunk in form("scene.blend", 4 * MEGABYTE):
            yield chunk
            if studio.live.left():
                raise ConnectionAbortedError

    with studio.client() as client:
        with pytest.raises(ConnectionAbortedError):
            client.post(studio.path, content=broken_off(), headers=FORM)
        deadline = time.monotonic() + PATIENCE
        while studio.live.left():
            assert time.monotonic() < deadline, "the upload is still there"
            time.sleep(0.02)
        row = client.get(studio.row).json()
        assert (row["status"], row["original_name"]) == ("processing", None)
    assert not list(studio.live.settings.previews.rglob(f"*{studio.preview.id}*"))


async def test_twenty_people_who_draw_at_once_lose_nothing(studio):
    path = f"/actions/preview-files/{studio.preview.id}/update-annotations"
    async with studio.people() as client:

        async def draw(person: int) -> None:
            for number in range(3):
                objects = [{"id": f"{person}-{number}", "type": "rect"}]
                body = {"additions": [{"time": number / 25, "drawing": {"objects": objects}}]}
                answer = await client.put(path, json=body)
                assert answer.status_code == 200, answer.text

        await asyncio.gather(*(draw(person) for person in range(20)))
        annotations = (await client.get(studio.row)).json()["annotations"]
    kept = [one["id"] for frame in annotations for one in frame["drawing"]["objects"]]
    assert sorted(kept) == sorted(f"{person}-{number}" for person in range(20) for number in range(3))
    assert len(annotations) == 3


async def test_one_of_several_uploads_to_a_preview_wins(studio):
    async with studio.people() as client:
        sent = [
            client.post(studio.path, files={"file": (f"{name}.txt", name.encode() * 1000)}) for name in "abcd"
        ]
        answers = await asyncio.gather(*sent)
        winners = [answer.json()["original_name"] for answer in answers if answer.status_code == 201]
        assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]
        shown = await client.get(f"/pictures/originals/preview-files/{studio.preview.id}.txt")
        assert shown.text == winners[0] * 1000


def test_the_movie_of_a_killed_worker_is_made_by_another(studio, tmp_path):
    source = make_movie(tmp_path / "take.mp4", frames=60, width=320, height=180)
    settings, own = studio.live.settings, studio.live.environment
    urls = str(settings.database_url), str(settings.redis_url)
    movie = f"/movies/low/preview-files/{studio.preview.id}.mp4"
    deadline = time.monotonic() + PATIENCE
    with studio.client() as client:
        answer = client.post(studio.path, files={"file": ("take.mp4", source.read_bytes())})
        assert answer.json()["status"] == "processing"
        with live.working(*urls, studio.live.folder, **own, MOVIE_ENCODING_PRESET="veryslow") as first:
            while not [path for path in studio.live.temporary.rglob("*.mp4*") if path.stat().st_size]:
                assert time.monotonic() < deadline, (studio.live.folder / "worker.log").read_text()
                time.sleep(0.01)
            first.kill()
            first.wait()
        row = client.get(studio.row).json()
        assert row["status"] == "processing"
        assert client.get(movie).content == source.read_bytes()
        with live.working(*urls, studio.live.folder, **own, MOVIE_ENCODING_PRESET="ultrafast"):
            while row["status"] == "processing":
                assert time.monotonic() < deadline, (studio.live.folder / "worker.log").read_text()
                time.sleep(0.05)
                row = client.get(studio.row).json()
        assert row["status"] == "ready"
        low = tmp_path / "low.mp4"
        low.write_bytes(client.get(movie).content)
        assert numbers_in(low) == list(range(60))
