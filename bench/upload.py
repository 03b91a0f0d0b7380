"""How much memory a server process takes for a large movie that is sent as a form, and in parts by tus.

    python -m bench.upload [--megabytes 2048] [--folder build/bench]

A short movie that is made large by padding goes to a running server of its own, and is stored as the file of
a preview. The exit code is 1 when the process grew by more than 60 MB. The disk needs three times the size.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import http.client
import json
import os
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from uuid import UUID, uuid4

import asyncpg
import av
from PIL import Image

from bench import servers
from bench.client import Client, Request
from bench.dataset import id_of

MEGABYTE = 1024 * 1024
ALLOWED = 60.0
"""Megabytes by which the process may grow."""

BOUNDARY = "bench-upload"
PATCH = 64 * MEGABYTE
"""Bytes of one request of tus."""


def small_movie() -> bytes:
    """A movie of one second."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.mp4"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=Fraction(24))
            stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
            for number in range(24):
                picture = Image.new("RGB", (64, 36), (10 * number, 80, 80))
                container.mux(stream.encode(av.VideoFrame.from_image(picture)))
            container.mux(stream.encode(None))
        return path.read_bytes()


class Body:
    """A movie of a size that is never in memory: after the pictures comes a box of padding."""

    def __init__(self, size: int) -> None:
        movie = small_movie()
        padding = size - len(movie)
        self.head = movie + struct.pack(">I4sQ", 1, b"free", padding)
        self.size = size

    def part(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to `end`, a megabyte at a time."""
        while start < end:
            stop = min(start + MEGABYTE, end)
            known = self.head[start:stop]
            yield known + bytes(stop - start - len(known))
            start = stop


async def new_preview(database: str) -> UUID:
    """A preview that waits for its file."""
    id = uuid4()
    connection = await asyncpg.connect(servers.plain(database))
    try:
        await connection.execute(
            "INSERT INTO preview_file (id, name, revision, position, extension, status, validation_status, task_id, person_id, is_movie)"
            " VALUES ($1, $2, 900, 1, 'mp4', 'processing', 'neutral', $3, $4, true)",
            id,
            f"upload {id}",
            id_of("task", 1),
            id_of("person", 1),
        )
    finally:
        await connection.close()
    return id


class Sender:
    """Sends the movie on one connection."""

    def __init__(self, client: Client, body: Body) -> None:
        self._body = body
        self._headers = {"Authorization": f"Bearer {client.tokens['admin']}"}
        self._connection = http.client.HTTPConnection(client.host, client.port, timeout=900)

    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: object = None
    ) -> tuple[dict[str, str], bytes]:
        self._connection.request(method, path, body, {**self._headers, **headers})  # type: ignore[arg-type]  # an iterator of bytes is one of the bodies
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path} was answered with {answer.status}: {content[:300]!r}")
        return {name.lower(): value for name, value in answer.getheaders()}, content

    def by_form(self, preview: UUID) -> None:
        """As multipart/form-data, in one request."""
        head = (
            f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="take.mp4"\r\n\r\n'
        ).encode()
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()

        def whole() -> Iterator[bytes]:
            yield head
            yield from self._body.part(0, self._body.size)
            yield tail

        headers = {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(head) + self._body.size + len(tail)),
        }
        self._check(self._ask("POST", f"/pictures/preview-files/{preview}", headers, whole())[1])

    def by_tus(self, preview: UUID) -> None:
        """In parts, then used by its id."""
        name = base64.b64encode(b"take.mp4").decode()
        spoken = {"Tus-Resumable": "1.0.0"}
        begun, _ = self._ask(
            "POST",
            "/uploads",
            {
                **spoken,
                "Upload-Length": str(self._body.size),
                "Upload-Metadata": f"filename {name}",
                "Content-Length": "0",
            },
        )
        place = urlsplit(urljoin("/uploads", begun["location"])).path
        for start in range(0, self._body.size, PATCH):
            end = min(start + PATCH, self._body.size)
            headers = {
                **spoken,
                "Content-Type": "application/offset+octet-stream",
                "Upload-Offset": str(start),
                "Content-Length": str(end - start),
            }
            self._ask("PATCH", place, headers, self._body.part(start, end))
        upload = place.rstrip("/").rpartition("/")[2]
        path = f"/pictures/preview-files/{preview}?upload_id={upload}"
        self._check(self._ask("POST", path, {"Content-Length": "0"})[1])

    def _check(self, answer: bytes) -> None:
        row = json.loads(answer)
        if row["extension"] != "mp4":
            raise SystemExit(f"The preview is not what was sent: {row}")


def measured(pids: list[int], send: Callable[[], None]) -> tuple[float, float, float]:
    """Resident megabytes before, the most during, and the seconds that it took."""
    servers.reset_peak(pids)
    before = servers.memory(pids)
    began = time.perf_counter()
    send()
    return before, servers.memory(pids, "VmHWM"), time.perf_counter() - began


def main() -> int:
    """Send the movie both ways and print what was measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=2048)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    arguments = parser.parse_args()
    too_much = False
    with servers.stand(arguments.folder.resolve(), "small", 1) as stand:
        client = Client(stand.url)
        client.sign_in("admin")
        pids = servers.processes(stand.port)
        # what is loaded with the first file does not count
        first = Sender(client, Body(MEGABYTE))
        for send in (first.by_form, first.by_tus):
            send(asyncio.run(new_preview(stand.database)))
        sender = Sender(client, Body(arguments.megabytes * MEGABYTE))
        for name, send in (("form", sender.by_form), ("tus", sender.by_tus)):
            preview = asyncio.run(new_preview(stand.database))
            before, peak, seconds = measured(pids, partial(send, preview))
            client.send(Request("DELETE", f"/data/preview-files/{preview}"))
            too_much = too_much or peak - before > ALLOWED
            print(
                f"{name}: {arguments.megabytes} MB in {seconds:.1f} s, resident {before:.1f} MB before,"
                f" at most {peak:.1f} MB (+{peak - before:.1f}, allowed {ALLOWED:.0f})",
                flush=True,
            )
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    return int(too_much)


if __name__ == "__main__":
    sys.exit(main())
