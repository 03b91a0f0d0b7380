"""Small pictures and movies, and a task with previews that wait for them."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from PIL import Image

from kitsu_api.db.models import CommentPreviewLink, PreviewFile, TaskPersonLink
from tests import factories
from tests.media.clips import make_movie

EXR = b"\x76\x2f\x31\x01"


@cache
def png(width: int = 64, height: int = 36, colour: str = "teal") -> bytes:
    return picture("PNG", width, height, colour)


@cache
def picture(format: str, width: int = 64, height: int = 36, colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, format)
    return out.getvalue()


@cache
def moving_gif() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (32, 18), colour) for colour in ("red", "green", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


@cache
def movie(frames: int = 12, width: int = 64, height: int = 36) -> bytes:
    with TemporaryDirectory() as folder:
        return make_movie(Path(folder) / "take.mp4", frames=frames, width=width, height=height).read_bytes()


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 60,000 x 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def hdr(width: int = 8, height: int = 4) -> bytes:
    """A Radiance picture, uncompressed."""
    head = f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {height} +X {width}\n".encode()
    return head + bytes((128, 90, 60, 129)) * (width * height)


class Desk(NamedTuple):
    """A production with a task and a comment on it, and who is there."""

    rows: factories.Production
    comment: Any
    artist: Any
    manager: Any

    @property
    def project(self) -> Any:
        return self.rows.project

    @property
    def task(self) -> Any:
        return self.rows.task


async def open_desk(make: Any, as_role: Any, **project: Any) -> Desk:
    rows = factories.production(**{"name": "Orchard", "fps": "25", **project})
    rows.entity_type.name, rows.entity.name, rows.task_type.name = "Props", "Ladder", "Modeling"
    await make(*rows)
    comment = await make(factories.comment(rows.task, rows.person))
    artist = await as_role("user", on=rows.project)
    await make(TaskPersonLink(task_id=rows.task.id, person_id=artist.person.id))
    return Desk(rows, comment, artist, await as_role("manager", on=rows.project))


async def waiting(make: Any, desk: Desk, **values: Any) -> PreviewFile:
    """A preview of the comment that waits for its file."""
    defaults = {"extension": "mp4", "status": "processing", "revision": 1, "position": 1}
    preview: PreviewFile = await make(
        factories.preview_file(desk.task, desk.rows.person, **{**defaults, **values})
    )
    await make(CommentPreviewLink(comment=desk.comment.id, preview_file=preview.id))
    return preview


async def upload(
    client: Any, who: Any, preview: PreviewFile, name: str, content: bytes, query: str = ""
) -> Any:
    path = f"/pictures/preview-files/{preview.id}{query}"
    return await client.post(path, files={"file": (name, content)}, headers=who)
