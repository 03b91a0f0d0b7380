"""Restores a production from an archive: checked as a whole first, then all of it or nothing."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID

import orjson
from pydantic import ValidationError
from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError, IntegrityError

from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.production_rows import (
    AT_ONCE,
    ProductionRows,
    owned_tables,
    shared_tables,
)
from kitsu_api.db.repositories.row_copies import Copied
from kitsu_api.db.repositories.stored_files import register
from kitsu_api.db.table_graph import late_columns
from kitsu_api.services.archives.manifest import (
    LARGEST_LINE,
    LARGEST_MANIFEST,
    MANIFEST,
    UUID_TEXT,
    VERSION,
    ArchiveError,
    FilePart,
    Manifest,
    Part,
    TablePart,
)
from kitsu_api.services.archives.writing import WITH_FILES
from kitsu_api.storage.files import FileStorage, StoreFailure

logger = logging.getLogger(__name__)

Row = dict[str, Any]
Progress = Callable[[str, int, int], None]

CHUNK = 1024 * 1024
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
"""What reading a damaged archive raises."""

KEPT_ROLES = frozenset({"user", "client", "vendor"})
"""Roles that people bring along; whoever had more gets what an artist may, until an admin says otherwise."""


@dataclass
class Restored:
    """What was restored. Rows that were left out refer to other productions of the other instance."""

    project_id: UUID
    project: str
    rows: int = 0
    left_out: int = 0
    files: int = 0
    people_matched: int = 0
    people_created: int = 0


async def import_production(
    sessions: Sessions, storage: FileStorage, source: Path, *, progress: Progress
) -> Restored:
    """Restore the production of an archive.

    People are known by their e-mail, types and statuses by their id or name; those that aren't here are
    made, people inactive and without a password.

    Raises:
        ArchiveError: the archive is damaged or of a newer server, or the production is here already.
    """
    whole = False
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _manifest(archive)
            await asyncio.to_thread(_check, archive, manifest, progress)
            whole = True
            return await _Reader(archive, manifest, sessions, storage, progress).restore()
    except BROKEN as error:
        if whole and isinstance(error, OSError):
            raise  # all of it could be read: this is the database's, or a full disk's
        raise ArchiveError(f"{source} can't be read: {error}") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        entry = archive.getinfo(MANIFEST)
    except KeyError as error:
        raise ArchiveError("The archive has no manifest: it is no production of kitsu-api.") from error
    with archive.open(entry) as member:
        content = member.read(LARGEST_MANIFEST + 1)
    if len(content) > LARGEST_MANIFEST:
        raise ArchiveError("The manifest of the archive is too large.")
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise ArchiveError(f"The manifest of the archive is damaged: {place}: {problem['msg']}.") from error
    if manifest.version > VERSION:
        raise ArchiveError(
            f"The archive was written by a newer server ({manifest.server}): upgrade this one."
        )
    names = [part.name for part in manifest.tables]
    known = {table.name for table in (*owned_tables(), *shared_tables())}
    if unknown := sorted(set(names) - known):
        raise ArchiveError(f"The archive holds tables that are not of a production: {', '.join(unknown)}.")
    members = [part.member for part in manifest.tables] + [part.member for part in manifest.files]
    if len(set(members)) != len(members):
        raise ArchiveError("The manifest of the archive is damaged: a part is named twice.")
    return manifest


def _check(archive: zipfile.ZipFile, manifest: Manifest, progress: Progress) -> None:
    """Read all of the archive, and compare it with what the manifest says, before anything is written."""
    parts: list[TablePart | FilePart] = [*manifest.tables, *manifest.files]
    for number, part in enumerate(parts):
        progress("checksums", number, len(parts))
        try:
            entry = archive.getinfo(part.member)
        except KeyError as error:
            raise ArchiveError(f"The archive is damaged: {part.member} is missing.") from error
        if entry.file_size != part.size:
            raise ArchiveError(f"The archive is damaged: {part.member} has another size.")
        if _digest(archive, entry, part) != part.sha256:
            raise ArchiveError(f"The archive is damaged: {part.member} has another checksum.")


def _digest(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, part: Part) -> str:
    digest, left = hashlib.sha256(), part.size
    with archive.open(entry) as member:
        while chunk := member.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                break
            digest.update(chunk)
    return digest.hexdigest() if left == 0 else ""


class _Reader:
    def __init__(
        self,
        archive: zipfile.ZipFile,
        manifest: Manifest,
        sessions: Sessions,
        storage: FileStorage,
        progress: Progress,
    ) -> None:
        self.archive = archive
        self.manifest = manifest
        self.sessions = sessions
        self.storage = storage
        self.progress = progress
        self.parts = {part.name: part for part in manifest.tables}
        self.renamed: dict[str, str] = {}
        """Ids of the other instance, and what stands for them here."""
        self.with_files: set[str] = set()
        """Ids of rows that may have files."""
        self.result = Restored(manifest.project_id, manifest.project_name)

    async def restore(self) -> Restored:
        """Write rows and files in one transaction; files of one that fails are deleted again."""
        written: list[FilePart] = []
        try:
            async with self.sessions() as session:
                rows = ProductionRows(session)
                await rows.begin_writing()
                if await rows.find_project(str(self.manifest.project_id)):
                    raise ArchiveError(f"The production {self.manifest.project_id} is here already.")
                for table in shared_tables():
                    await self._share(rows, table)
                await self._insert_all(rows)
                await self._put_files(rows, written)
                await session.commit()
        except BaseException as error:
            for part in written:
                try:
                    await self.storage.delete(part.bucket, part.prefix, part.id)
                except (StoreFailure, OSError):
                    logger.warning("%s was stored and can't be deleted again.", part.member)
            if isinstance(error, IntegrityError):
                raise ArchiveError(
                    "Rows of the archive are here already, under another production."
                ) from error
            if isinstance(error, DBAPIError):
                raise ArchiveError(f"The archive holds rows that no table takes: {error.orig}") from error
            raise
        return self.result

    def _lines(self, table: Table) -> Iterator[list[Row]]:
        """The rows of a table, some at a time, with the ids that they have here."""
        part = self.parts.get(table.name)
        if part is None:
            return
        batch: list[Row] = []
        with self.archive.open(part.member) as member:
            while line := member.readline(LARGEST_LINE + 1):
                batch.append(self._row(table, part, line))
                if len(batch) == AT_ONCE:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _row(self, table: Table, part: TablePart, line: bytes) -> Row:
        if len(line) > LARGEST_LINE:
            raise ArchiveError(f"The archive is damaged: {part.member} has a line that is too long.")
        text = UUID_TEXT.sub(lambda match: self.renamed.get(match[0], match[0]), line.decode())
        row = orjson.loads(text)
        if not isinstance(row, dict) or ("id" in table.c and not _is_id(row.get("id"))):
            raise ArchiveError(f"The archive is damaged: {part.member} has a line that is no row.")
        return {name: value for name, value in row.items() if name in table.c}

    async def _share(self, rows: ProductionRows, table: Table) -> None:
        """Find rows of the library that are here, under whatever id, and make the others."""
        people = table.name == "person"
        for batch in self._lines(table):
            found = await rows.match(table, batch)
            self.renamed.update({old: local for old, local in found.items() if old != local})
            new = [row for row in batch if row["id"] not in found]
            if people:
                new = [_newcomer(row) for row in new]
                self.result.people_matched += len(found)
                self.result.people_created += len(new)
            inserted = await rows.insert(table, new, Copied())
            if table.name in WITH_FILES:
                self.with_files.update(str(row["id"]) for row in inserted)

    async def _insert_all(self, rows: ProductionRows) -> None:
        tables = [table for table in owned_tables() if table.name in self.parts]
        inserted: dict[str, int] = {}
        for number, table in enumerate(tables):
            self.progress(table.name, number, len(tables))
            copied = Copied()
            for batch in self._lines(table):
                kept = await rows.insert(table, batch, copied)
                inserted[table.name] = inserted.get(table.name, 0) + len(kept)
                if table.name in WITH_FILES:
                    self.with_files.update(str(row["id"]) for row in kept)
            self.result.rows += inserted.get(table.name, 0)
            self.result.left_out += copied.left_out
        for table in tables:
            for batch in self._lines(table) if late_columns(table) else ():
                await rows.set_late(table, batch)
        for table in tables:
            # Whatever the archive says: all that was written has to belong to its production.
            if await rows.count(table, self.manifest.project_id) != inserted.get(table.name, 0):
                raise ArchiveError(f"The archive holds rows of {table.name} of other productions.")

    async def _put_files(self, rows: ProductionRows, written: list[FilePart]) -> None:
        files = self.manifest.files
        for number, part in enumerate(files):
            self.progress("files", number, len(files))
            if str(part.id) not in self.with_files:
                if str(part.id) in self.renamed or await self._is_shared(rows, part):
                    continue  # a picture of the library that is here already
                raise ArchiveError(f"The archive holds a file that belongs to nothing: {part.member}.")
            written.append(part)
            with self.archive.open(part.member) as member:
                await self.storage.put(part.bucket, part.prefix, part.id, cast(BinaryIO, member))
            await register(rows.session, part.bucket, part.prefix, part.id, part.size)
            self.result.files += 1

    async def _is_shared(self, rows: ProductionRows, part: FilePart) -> bool:
        table = next(table for table in shared_tables() if table.name == "preview_background_file")
        return bool(await rows.copies.present(table, [part.id]))


def _newcomer(row: Row) -> Row:
    """Somebody who isn't known here: they can't sign in, and may do no more than an artist."""
    role = row.get("role")
    return {
        "id": row["id"],
        "email": row.get("email"),
        "first_name": row.get("first_name") or "",
        "last_name": row.get("last_name") or "",
        "role": role if role in KEPT_ROLES else "user",
        "active": False,
    }


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and UUID_TEXT.fullmatch(value) is not None
