"""Files of a form, written to the disk piece by piece as they come: a large one is never in memory.

The framework's own parser keeps a form's files in nameless temporary files; what works on pictures and
movies needs a path.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from kitsu_api.errors import BadRequest
from kitsu_api.permissions.actor import Actor
from kitsu_api.routers.comment_bodies import limited
from kitsu_api.services.preview_making import ReceivedFile
from kitsu_api.services.uploads import take
from kitsu_api.settings import Settings
from kitsu_api.storage.temporary import temporary_folder
from kitsu_api.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

BUFFER = 1024 * 1024
"""Bytes that are written at a time."""

MOST_PARTS = 100
MOST_HEADER = 8 * 1024

NO_FILE = "File not provided."


class _FirstFile:
    """What of a form is kept: the first part that is a file. Everything else is passed over."""

    def __init__(self, file: BinaryIO) -> None:
        self.name: str | None = None
        self.size = 0
        self.ended = False
        self._file = file
        self._waiting = bytearray()
        self._header, self._value = bytearray(), bytearray()
        self._disposition = b""
        self._parts = 0
        self._taking = self._taken = False

    def callbacks(self) -> MultipartCallbacks:
        """What the parser calls."""
        return {
            "on_part_begin": self.on_part_begin,
            "on_header_field": self.on_header_field,
            "on_header_value": self.on_header_value,
            "on_header_end": self.on_header_end,
            "on_headers_finished": self.on_headers_finished,
            "on_part_data": self.on_part_data,
            "on_end": self.on_end,
        }

    def on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise BadRequest("The form has too many parts.")
        self._disposition, self._taking = b"", False

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]
        self._check_header()

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._check_header()

    def _check_header(self) -> None:
        if len(self._header) + len(self._value) > MOST_HEADER:
            raise BadRequest("The form can't be read: a header of it is too long.")

    def on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def on_headers_finished(self) -> None:
        name = parse_options_header(self._disposition)[1].get(b"filename")
        if name and not self._taken:
            self.name = name.decode("utf-8", "replace")
            self._taking = self._taken = True

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._taking:
            self._waiting += data[start:end]

    def on_end(self) -> None:
        self.ended = True

    async def write(self, *, least: int = BUFFER) -> None:
        """Write what has come since, when it is that much."""
        if self._waiting and len(self._waiting) >= least:
            waiting, self._waiting = self._waiting, bytearray()
            self.size += len(waiting)
            await asyncio.to_thread(self._file.write, waiting)


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise BadRequest(NO_FILE)
    return boundary


async def _receive(request: Request, settings: Settings, path: Path) -> tuple[str, int]:
    boundary = _boundary(request)
    with path.open("wb") as file:
        form = _FirstFile(file)
        parser = MultipartParser(boundary, form.callbacks())
        try:
            async for chunk in limited(request, settings.max_upload_mb).stream():
                parser.write(chunk)
                await form.write()
            parser.finalize()
        except (FormParserError, UnicodeDecodeError) as error:
            raise BadRequest("The form can't be read.") from error
        except ClientDisconnect as error:
            raise BadRequest("The upload was broken off.") from error
        await form.write(least=1)
    if not form.ended and form.name is not None:
        raise BadRequest("The upload was broken off: the form has no end.")
    if not form.name or not form.size:
        raise BadRequest(NO_FILE)
    return form.name, form.size


@asynccontextmanager
async def received_file(request: Request) -> AsyncIterator[ReceivedFile]:
    """The first file of a form, in a folder of its own that is gone with the block.

    Raises:
        BadRequest: there is none, the form can't be read, or it was broken off.
        TooLarge: it is larger than the operator allows.
    """
    settings: Settings = request.app.state.settings
    with temporary_folder(settings) as folder:
        path = folder / "upload"
        name, size = await _receive(request, settings, path)
        yield ReceivedFile(path, name, size)


@asynccontextmanager
async def sent_file(
    request: Request, uow: UnitOfWork, actor: Actor, upload_id: UUID | None
) -> AsyncIterator[ReceivedFile]:
    """The file of a form, or one that was sent before in several requests; gone with the block.

    Raises:
        BadRequest: there is no file in the form, it can't be read, or it was broken off.
        TooLarge: it is larger than the operator allows.
        NotFound: there is no such upload of the caller.
        Conflict: that upload is not finished.
    """
    if upload_id is None:
        async with received_file(request) as received:
            yield received
    else:
        async with take(uow, actor, upload_id) as taken:
            yield ReceivedFile(taken.path, taken.filename, taken.size)
