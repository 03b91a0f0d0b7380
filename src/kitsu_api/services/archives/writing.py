"""Writes a production into an archive, row by row and piece by piece: memory stays small."""

from __future__ import annotations

import asyncio
import hashlib
import os
import zipfile
from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import JSON, Table

from kitsu_api import __version__
from kitsu_api.db.base import now
from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.production_rows import (
    SHARED,
    ProductionRows,
    owned_tables,
    shared_tables,
)
from kitsu_api.db.table_graph import references_of
from kitsu_api.services.archives.manifest import (
    MANIFEST,
    UUID_TEXT,
    ArchiveError,
    FilePart,
    Manifest,
    Part,
    TablePart,
)
from kitsu_api.services.sync.files import Wanted, files_of
from kitsu_api.storage.files import FileStorage, MissingFile

Row = dict[str, Any]
Progress = Callable[[str, int, int], None]

CHUNK = 256 * 1024
"""Bytes of rows that are compressed at a time."""

STORAGE_STATES = "preview_file_storage_state"
WITH_FILES = frozenset(
    {"project", "preview_file", "attachment_file", "working_file", "preview_background_file"}
)


@dataclass(frozen=True)
class Summary:
    """What an archive holds; `size` is that of the archive, in bytes."""

    project_id: UUID
    project: str
    rows: int
    files: int
    size: int


@dataclass
class _Found:
    """What the rows of the production refer to, gathered while they are written."""

    shared: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in SHARED})
    maybe_people: set[str] = field(default_factory=set)
    """Ids within documents: some are of people who are mentioned."""
    files: list[Wanted] = field(default_factory=list)


async def export_production(
    sessions: Sessions,
    storage: FileStorage,
    wanted: str,
    target: Path,
    *,
    with_files: bool = True,
    progress: Progress,
) -> Summary:
    """Write the production of an id or name into a new archive, as it is at one moment.

    Raises:
        ArchiveError: there is no such production, or several of this name; the file exists.
    """
    if await asyncio.to_thread(target.exists):
        raise ArchiveError(f"{target} exists already.")
    async with sessions() as session:
        rows = ProductionRows(session)
        await rows.begin_snapshot()
        project_id, name = await _production(rows, wanted)
        part = target.with_name(f"{target.name}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", allowZip64=True) as archive:
                manifest = await _Writer(archive, rows, storage, project_id, name, progress).write(with_files)
            await asyncio.to_thread(part.replace, target)
        finally:
            part.unlink(missing_ok=True)
    size = (await asyncio.to_thread(target.stat)).st_size
    return Summary(
        manifest.project_id,
        manifest.project_name,
        sum(table.rows for table in manifest.tables),
        len(manifest.files),
        size,
    )


async def _production(rows: ProductionRows, wanted: str) -> tuple[UUID, str]:
    found = await rows.find_project(wanted)
    if not found:
        raise ArchiveError(f"There is no production “{wanted}”.")
    if len(found) > 1:
        ids = ", ".join(str(id) for id, _ in found)
        raise ArchiveError(f"Several productions are called “{wanted}”: name one by its id: {ids}.")
    return found[0]


class _Writer:
    def __init__(
        self,
        archive: zipfile.ZipFile,
        rows: ProductionRows,
        storage: FileStorage,
        project_id: UUID,
        name: str,
        progress: Progress,
    ) -> None:
        self.archive = archive
        self.rows = rows
        self.storage = storage
        self.project_id = project_id
        self.name = name
        self.progress = progress
        self.found = _Found()

    async def write(self, with_files: bool) -> Manifest:
        """Write tables, what they share, files, and the manifest last."""
        # Without files, nothing is to be said of where they are.
        owned = [table for table in owned_tables() if with_files or table.name != STORAGE_STATES]
        tables: list[TablePart] = []
        for number, table in enumerate(owned):
            self.progress(table.name, number, len(owned))
            tables.append(await self._table(table, self.rows.owned(table, self.project_id)))
        # What refers to others comes last in the order, and is written first: it adds to what is wanted.
        for table in reversed(shared_tables()):
            tables.append(await self._table(table, self._shared(table)))
        files = [part async for part in self._files()] if with_files else []
        manifest = Manifest(
            server=__version__,
            created_at=now().isoformat(timespec="seconds"),
            project_id=self.project_id,
            project_name=self.name,
            tables=[table for table in tables if table.rows],
            files=files,
        )
        self.archive.writestr(MANIFEST, manifest.model_dump_json(indent=1), zipfile.ZIP_DEFLATED)
        return manifest

    def _shared(self, table: Table) -> AsyncIterator[str]:
        ids = self.found.shared[table.name]
        if table.name != "person":
            return self.rows.by_ids(table, ids)
        return self._people(ids | self.found.maybe_people)

    async def _people(self, ids: set[str]) -> AsyncIterator[str]:
        for row in await self.rows.people(ids):
            yield orjson.dumps(row).decode()

    async def _table(self, table: Table, lines: AsyncIterable[str]) -> TablePart:
        count = 0
        part = TablePart(name=table.name, rows=0, size=0, sha256="0" * 64)

        async def written() -> AsyncIterator[bytes]:
            nonlocal count
            waiting = bytearray()
            async for line in lines:
                row: Row = orjson.loads(line)
                self._note(table, row)
                count += 1
                waiting += orjson.dumps(row) + b"\n"
                if len(waiting) > CHUNK:
                    yield bytes(waiting)
                    waiting.clear()
            yield bytes(waiting)

        whole = await self._member(part.member, written(), zipfile.ZIP_DEFLATED)
        return TablePart(name=table.name, rows=count, size=whole.size, sha256=whole.sha256)

    def _note(self, table: Table, row: Row) -> None:
        """Gather what a row refers to, and its files."""
        for reference in references_of(table):
            if (value := row.get(reference.column.name)) and reference.target.name in SHARED:
                self.found.shared[reference.target.name].add(value)
        for column in table.columns:
            if isinstance(column.type, JSON) and row.get(column.name):
                document = orjson.dumps(row[column.name]).decode()
                self.found.maybe_people.update(UUID_TEXT.findall(document))
        if table.name in WITH_FILES:
            self.found.files += files_of(table.name, row, sources=True)

    async def _files(self) -> AsyncIterator[FilePart]:
        wanted = list({(one.place, one.id): one for one in self.found.files}.values())
        for number, one in enumerate(wanted):
            self.progress("files", number, len(wanted))
            bucket, prefix = one.place
            try:
                stored = await self.storage.open(bucket, prefix, one.id)
            except MissingFile:
                continue
            empty = FilePart(bucket=bucket, prefix=prefix, id=one.id, size=0, sha256="0" * 64)
            whole = await self._member(empty.member, stored.chunks, zipfile.ZIP_STORED)
            yield empty.model_copy(update={"size": whole.size, "sha256": whole.sha256})

    async def _member(self, name: str, chunks: AsyncIterable[bytes], compression: int) -> Part:
        """Write something of unknown size; its size and checksum."""
        size, digest = 0, hashlib.sha256()
        entry = zipfile.ZipInfo(name, now().timetuple()[:6])
        entry.compress_type = compression
        with self.archive.open(entry, "w", force_zip64=True) as member:
            async for chunk in chunks:
                size += len(chunk)
                digest.update(chunk)
                await asyncio.to_thread(member.write, chunk)
        return Part(size=size, sha256=digest.hexdigest())
