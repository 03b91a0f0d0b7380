"""Files in an object store, spoken to over HTTP: buckets and keys are those of existing installations."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from uuid import UUID

import pytest
from pydantic import SecretStr

from kitsu_api.storage.files import FileStorage, MissingFile

ID = UUID("8f8979cf-0000-4000-8000-000000000001")
PATH = f"/studio-files/attachments-{ID}"
PLACE = ("files", "attachments", ID)


class Store(NamedTuple):
    """A storage, what lies in its store by path, and how its requests were signed."""

    storage: FileStorage
    objects: dict[str, bytes]
    signatures: list[str]


class Handler(BaseHTTPRequestHandler):
    """A store that speaks as much of S3 as reading and writing whole objects takes."""

    objects: dict[str, bytes]
    signatures: list[str]

    def _answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.signatures.append(self.headers.get("authorization", ""))
        self.send_response(status)
        for name, value in {"content-length": str(len(content)), "etag": "one", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("last-modified", "Tue, 24 Nov 2026 04:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def do_PUT(self) -> None:
        self.objects[self.path] = self.rfile.read(int(self.headers["content-length"]))
        self._answer(200)

    def do_GET(self) -> None:
        content = self.objects.get(self.path)
        if content is None:
            self._answer(404)
            return
        asked = self.headers.get("range")
        if asked is None:
            self._answer(200, content)
            return
        first, last = (int(end) for end in asked.removeprefix("bytes=").split("-"))
        self._answer(206, content[first : last + 1], content_range=f"bytes {first}-{last}/{len(content)}")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        """Delete many objects of a bucket, as the path's `?delete` says."""
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        keys = re.findall("<Key>(.*?)</Key>", body)
        for key in keys:
            self.objects.pop(f"{self.path.partition('?')[0]}/{key}", None)
        gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def store(settings) -> Iterator[Store]:
    kind = type("StoreHandler", (Handler,), {"objects": {}, "signatures": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    changes = {
        "fs_backend": "s3",
        "fs_bucket_prefix": "studio-",
        "fs_s3_region": "eu-west-3",
        "fs_s3_endpoint": f"http://127.0.0.1:{server.server_port}",
        "fs_s3_access_key": "AKIDEXAMPLE",
        "fs_s3_secret_key": SecretStr("very-secret"),
    }
    yield Store(FileStorage(settings.model_copy(update=changes)), kind.objects, kind.signatures)
    server.shutdown()
    thread.join()
    server.server_close()


async def test_objects_lie_under_their_keys_in_buckets_with_the_prefix(store):
    await store.storage.put(*PLACE, io.BytesIO(b"0123456789"))
    assert store.objects == {PATH: b"0123456789"}
    assert all("AKIDEXAMPLE" in signature for signature in store.signatures)
    assert not any("very-secret" in signature for signature in store.signatures)


async def test_an_object_that_was_there_before_is_read_whole_and_in_part(store):
    store.objects[PATH] = b"0123456789"
    state = await store.storage.stat(*PLACE)
    assert (state.size, state.etag, state.modified.year) == (10, '"one"', 2026)
    for part, content in ((None, b"0123456789"), ((2, 5), b"234")):
        found = await store.storage.open(*PLACE, part)
        assert (found.size, b"".join([chunk async for chunk in found.chunks])) == (10, content)


async def test_an_object_that_is_not_there_is_missing_and_deleted_without_complaint(store):
    with pytest.raises(MissingFile):
        await store.storage.stat(*PLACE)
    with pytest.raises(MissingFile):
        await store.storage.open(*PLACE)
    store.objects[PATH] = b"here now"
    for _ in range(2):
        await store.storage.delete(*PLACE)
    assert store.objects == {}


async def test_an_object_is_borrowed_as_a_copy(store, tmp_path):
    await store.storage.put(*PLACE, io.BytesIO(b"frames"))
    borrowed = await store.storage.borrow(*PLACE, tmp_path / "copy")
    assert borrowed.read_bytes() == b"frames"
    assert await store.storage.signed_url(*PLACE) is None
