"""Files of this instance, sent to another one for the rows that were pushed to it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.instance_files import registered_sizes
from kitsu_api.db.repositories.mirrored_rows import rows_after
from kitsu_api.services.sync.files import AT_ONCE, PROJECTIONS, Wanted, all_of, files_of
from kitsu_api.services.sync.mirror import Progress, no_progress
from kitsu_api.services.sync.source import Source, SyncError, refusal
from kitsu_api.services.sync.state import SyncState
from kitsu_api.services.sync.uploading import Outgoing, Uploads
from kitsu_api.storage.files import FileStorage, MissingFile
from kitsu_api.storage.layout import key_of
from kitsu_api.storage.temporary import temporary_folder

Row = dict[str, Any]

ROWS = 60
"""Rows whose files are asked for in one request, which may name 500; a movie has eight."""

READ_AT_ONCE = 8
"""Files that the other instance reads for their checksums in one request: movies take long."""

FILES = "/import/kitsu/files"


@dataclass
class SentTally:
    """What became of files: sent now, there already, lacking here, or of rows that the other one lacks."""

    sent: int = 0
    present: int = 0
    missing: int = 0
    unknown: int = 0
    size: int = 0
    """Bytes that were sent."""


@dataclass
class FileComparison:
    """The files here beside those there: how many are the same, and the keys of those that are not."""

    same: int
    different: list[str]


@dataclass(frozen=True)
class _File:
    """A file of this instance: the row's table, its place, and its size as the register has it."""

    table: str
    wanted: Wanted
    size: int | None

    @property
    def key(self) -> str:
        """Bucket and key in storage."""
        bucket, prefix = self.wanted.place
        return f"{bucket}/{key_of(prefix, self.wanted.id)}"

    @property
    def told(self) -> Row:
        """The file as the other instance is told of it."""
        bucket, prefix = self.wanted.place
        return {"table": self.table, "id": str(self.wanted.id), "bucket": bucket, "prefix": prefix}


class FilePush:
    """Sends files that the other instance lacks, or has in another size. Each is whole there or not at all,
    so that an interrupted push goes on with the next one, and with large ones in their middle."""

    def __init__(
        self,
        target: Source,
        sessions: Sessions,
        storage: FileStorage,
        state: SyncState,
        progress: Progress = no_progress,
        *,
        sources: bool = False,
    ) -> None:
        """`sources`: movies as they were uploaded as well."""
        self.tally = SentTally()
        self._target = target
        self._sessions = sessions
        self._storage = storage
        self._uploads = Uploads(target, state)
        self._progress = progress
        self._sources = sources
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def push_all(self) -> SentTally:
        """Send the files of all rows that are here and there.

        Raises:
            SyncError: the other instance is away, takes no files, or refuses one.
        """
        async for files in self._pages():
            there = await self._ask(files, checksums=False)
            missing: list[_File] = []
            for file, held in zip(files, there, strict=True):
                if not held["known"]:
                    self.tally.unknown += 1
                elif held["size"] is not None and held["size"] == file.size:
                    self.tally.present += 1
                else:
                    missing.append(file)
            await all_of(self._send(file) for file in missing)
        return self.tally

    async def compare(self) -> FileComparison:
        """Compare the checksums of all files that are here, of rows that are there.

        Raises:
            SyncError: the other instance is away, or tells nothing of files.
        """
        found = FileComparison(0, [])
        async for files in self._pages():
            for start in range(0, len(files), READ_AT_ONCE):
                part = files[start : start + READ_AT_ONCE]
                for file, held in zip(part, await self._ask(part, checksums=True), strict=True):
                    if not held["known"]:
                        continue
                    with self._scratch() as folder:
                        here = await self._fetch(file, folder)
                    if here is None:
                        continue
                    if held["sha256"] == here.sha256:
                        found.same += 1
                    else:
                        found.different.append(file.key)
        return found

    async def _pages(self) -> AsyncIterator[list[_File]]:
        """The files that go with rows of this instance, some rows at a time."""
        steps = len(PROJECTIONS)
        for number, (table, projection) in enumerate(PROJECTIONS.items()):
            last: str | None = None
            while True:
                self._progress(f"{table}: {self.tally.sent} sent", number, steps)
                async with self._sessions() as session:
                    rows: list[Row] = orjson.loads(await rows_after(session, projection, last, ROWS))
                    wanted = [one for row in rows for one in files_of(table, row, sources=self._sources)]
                    keys = [(one.place[0], key_of(one.place[1], one.id)) for one in wanted]
                    sizes: Mapping[Any, int | None] = await registered_sizes(session, keys)
                files = [
                    _File(table, one, sizes[k]) for one, k in zip(wanted, keys, strict=True) if k in sizes
                ]
                self.tally.missing += len(wanted) - len(files)
                if files:
                    yield files
                if not rows:
                    break
                last = str(rows[-1]["id"])
        self._progress("", steps, steps)

    async def _ask(self, files: Sequence[_File], *, checksums: bool) -> list[Row]:
        body = {"files": [file.told for file in files], "checksums": checksums}
        answer = await self._target.send("POST", f"{FILES}/states", json=body)
        if answer.status_code in (404, 405):
            raise SyncError(f"{self._target.url} takes no files: it is another server or an earlier release.")
        if answer.status_code >= 300:
            raise SyncError(f"{self._target.url} refuses to tell of files: {refusal(answer)}")
        held: list[Row] = orjson.loads(answer.content)
        return held

    async def _send(self, file: _File) -> None:
        async with self._slots:
            with self._scratch() as folder:
                outgoing = await self._fetch(file, folder)
                if outgoing is None:
                    self.tally.missing += 1
                    return
                id = await self._uploads.send(outgoing)
            body = {**file.told, "upload_id": id, "sha256": outgoing.sha256}
            answer = await self._target.send("POST", FILES, json=body)
            self._uploads.forget(outgoing)
            if answer.status_code == 404:  # the row has been deleted there meanwhile
                self.tally.unknown += 1
                return
            if answer.status_code >= 300:
                raise SyncError(f"{self._target.url} refuses {file.key}: {refusal(answer)}")
            self.tally.sent += 1
            self.tally.size += outgoing.size

    def _scratch(self) -> AbstractContextManager[Path]:
        return temporary_folder(self._storage.settings)

    async def _fetch(self, file: _File, folder: Path) -> Outgoing | None:
        """The file on the local disk, to be read alone; None where storage has lost it."""
        try:
            path = await self._storage.borrow(*file.wanted.place, file.wanted.id, folder / "file")
        except MissingFile:
            return None
        size, digest = await asyncio.to_thread(_measure, path)
        return Outgoing(file.key, path, size, digest)


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return path.stat().st_size, digest
