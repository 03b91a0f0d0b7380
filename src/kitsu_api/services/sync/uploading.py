"""A file on its way to another instance, in pieces (tus 1.0): what was broken off goes on where it was."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from kitsu_api.services.sync.source import Source, SyncError, refusal
from kitsu_api.services.sync.state import SyncState

PIECE = 8 * 1024 * 1024
"""Bytes of a request. Files that are larger are noted, so that a later command goes on with them."""

TRIES = 5
"""How often the same piece is sent when it arrives damaged, or where another one is awaited."""

TUS = {"tus-resumable": "1.0.0"}
CONTENT = {"content-type": "application/offset+octet-stream"}
DAMAGED = 460
"""The status of a piece whose checksum is another one there."""


@dataclass(frozen=True)
class Outgoing:
    """A file that is sent; `key` names it among those that were begun."""

    key: str
    path: Path
    size: int
    sha256: str


class Uploads:
    """Sends files as uploads, and remembers those that were begun."""

    def __init__(self, target: Source, state: SyncState) -> None:
        self._target = target
        self._state = state

    async def send(self, file: Outgoing) -> str:
        """Send the bytes that are missing there; the id of the finished upload.

        Raises:
            SyncError: the other instance is away or refuses.
        """
        id, offset = await self._find(file) or (await self._begin(file), 0)
        failures = 0
        with file.path.open("rb") as content:
            while offset < file.size:
                await asyncio.to_thread(content.seek, offset)
                answer = await self._send_piece(id, offset, await asyncio.to_thread(content.read, PIECE))
                if answer.status_code == 204:
                    offset, failures = _offset(answer, file.size), 0
                    continue
                failures += 1
                if answer.status_code not in (409, 423, DAMAGED) or failures == TRIES:
                    raise SyncError(f"{self._target.url} refuses {file.key}: {refusal(answer)}")
                # a try that broke off may have left more there than was heard of
                found = await self._ask(id)
                if found is None:
                    raise SyncError(f"{self._target.url} has lost the upload of {file.key}: try again.")
                offset = _offset(found, file.size)
        return id

    def forget(self, file: Outgoing) -> None:
        """Forget an upload that was used."""
        if file.key in self._begun:
            self._state.save(uploads={k: v for k, v in self._begun.items() if k != file.key} or None)

    @property
    def _begun(self) -> dict[str, Any]:
        found = self._state.values.get("uploads")
        return found if isinstance(found, dict) else {}

    async def _begin(self, file: Outgoing) -> str:
        name = base64.b64encode(Path(file.key).name.encode()).decode()
        headers = {**TUS, "upload-length": str(file.size), "upload-metadata": f"filename {name}"}
        answer = await self._target.send("POST", "/uploads", headers=headers)
        if answer.status_code != 201:
            raise SyncError(f"{self._target.url} takes no uploads: {refusal(answer)}")
        try:
            id = str(answer.json()["id"])
        except (ValueError, KeyError, TypeError) as error:
            raise SyncError(f"{self._target.url} speaks no tus: it names no upload.") from error
        if file.size > PIECE:
            self._state.save(uploads={**self._begun, file.key: {"id": id, "sha256": file.sha256}})
        return id

    async def _find(self, file: Outgoing) -> tuple[str, int] | None:
        """An upload of the same file that was begun before, and how much of it is there."""
        begun = self._begun.get(file.key)
        if not isinstance(begun, dict) or begun.get("sha256") != file.sha256:
            return None
        found = await self._ask(str(begun["id"]))
        if found is None or found.headers.get("upload-length") != str(file.size):
            return None
        return str(begun["id"]), _offset(found, file.size)

    async def _ask(self, id: str) -> httpx.Response | None:
        answer = await self._target.send("HEAD", f"/uploads/{id}", headers=TUS)
        return answer if answer.status_code < 300 else None

    async def _send_piece(self, id: str, offset: int, piece: bytes) -> httpx.Response:
        checksum = base64.b64encode(hashlib.sha256(piece).digest()).decode()
        headers = {**TUS, **CONTENT, "upload-offset": str(offset), "upload-checksum": f"sha256 {checksum}"}
        return await self._target.send("PATCH", f"/uploads/{id}", headers=headers, content=piece)


def _offset(answer: httpx.Response, size: int) -> int:
    told = answer.headers.get("upload-offset", "")
    if not told.isascii() or not told.isdigit() or int(told) > size:
        raise SyncError(f"{answer.url} speaks no tus: it doesn't say how much has arrived.")
    return int(told)
