"""Making a backup: the rows and the files as of one moment, and of files only what is new."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kitsu_api import __version__
from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.backups import (
    RegisteredFile,
    begin_snapshot,
    count_rows,
    registered_files,
    take_lock,
)
from kitsu_api.services.backups.dumps import dump
from kitsu_api.services.backups.manifest import BackupError, KeptFile, Manifest
from kitsu_api.services.backups.shelf import Shelf, digest, dump_path, object_path
from kitsu_api.settings import Settings
from kitsu_api.storage.files import FileStorage, MissingFile
from kitsu_api.storage.temporary import temporary_folder

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Summary:
    """What a backup came to."""

    backup: str
    rows: int
    files: int
    new_files: int
    new_bytes: int
    missing_files: int
    dropped_backups: int


async def create(
    settings: Settings, sessions: Sessions, shelf: Shelf, *, keep: int | None, progress: Progress
) -> Summary:
    """Back everything up; of finished backups the newest `keep` stay.

    People may work meanwhile. A file that they delete stays in storage for days (`KITSU_DELETED_FILE_DAYS`),
    so that those of the snapshot are still there.

    Raises:
        BackupError: another backup is being made, or the database can't be dumped.
    """
    url = settings.direct_postgres_url
    if url is None:
        raise BackupError("No database: set DATABASE_URL.")
    before = await shelf.manifest() if await shelf.ids() else None
    id = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    async with sessions() as lock:
        if not await take_lock(lock):
            raise BackupError("Another backup of this database is being made.")
        with temporary_folder(settings) as folder:
            async with sessions() as session:
                snapshot = await begin_snapshot(session)
                progress("database", 0, 1)
                await dump(url, snapshot, folder / "dump")
                tables, registered = await count_rows(session), await registered_files(session)
            database = await asyncio.to_thread(digest, folder / "dump")
            await shelf.put(dump_path(id), folder / "dump")
            copying = _Copying(FileStorage(settings), shelf, folder / "file", before)
            for number, file in enumerate(registered):
                progress("files", number, len(registered))
                await copying.copy(file)
        manifest = Manifest(id, __version__, database, tables, copying.kept, copying.missing)
        await shelf.write_manifest(manifest)
        dropped = 0 if keep is None else await prune(shelf, keep)
    return Summary(
        backup=id,
        rows=sum(tables.values()),
        files=len(copying.kept),
        new_files=copying.new_files,
        new_bytes=copying.new_bytes,
        missing_files=len(copying.missing),
        dropped_backups=dropped,
    )


class _Copying:
    """Files on their way from the storage to the shelf."""

    def __init__(self, storage: FileStorage, shelf: Shelf, scratch: Path, before: Manifest | None) -> None:
        self._storage, self._shelf, self._scratch = storage, shelf, scratch
        self._before = {(file.bucket, file.key): file for file in before.files} if before else {}
        self.kept: list[KeptFile] = []
        self.missing: list[str] = []
        self.new_files = self.new_bytes = 0

    async def copy(self, file: RegisteredFile) -> None:
        """Put a file on the shelf, unless it lies there already as it is."""
        try:
            self.kept.append(await self._kept(file))
        except (MissingFile, ValueError):
            self.missing.append(f"{file.bucket}/{file.key}")

    async def _kept(self, file: RegisteredFile) -> KeptFile:
        state = await self._storage.stat_key(file.bucket, file.key)
        modified = state.modified.isoformat()
        known = self._before.get((file.bucket, file.key))
        if (
            known is not None
            and known.unchanged(state.size, state.etag, modified)
            and await self._shelf.has(object_path(known.sha256), known.size)
        ):
            return known
        await self._storage.fetch_key(file.bucket, file.key, self._scratch)
        part = await asyncio.to_thread(digest, self._scratch)
        path = object_path(part.sha256)
        if not await self._shelf.has(path, part.size):
            await self._shelf.put(path, self._scratch)
            self.new_files += 1
            self.new_bytes += part.size
        return KeptFile(file.bucket, file.key, part.sha256, part.size, state.etag, modified)


async def prune(shelf: Shelf, keep: int) -> int:
    """Delete finished backups but the newest `keep` (1 at least), what older unfinished ones left, and files
    that none of them has any more; the number of backups that went.

    Raises:
        BackupError: a manifest of one that stays is damaged, so that nobody knows which files it has.
    """
    ids = await shelf.ids()
    kept = ids[-max(keep, 1) :]
    needed = {object_path(file.sha256) for id in kept for file in (await shelf.manifest(id)).files}
    stale = [
        path
        async for path in shelf.paths("backups")
        if (id := path.split("/")[1]) not in kept and id < kept[-1]
    ]
    # manifests first: a backup that is half gone counts as none
    await shelf.delete(sorted(stale, key=lambda path: path.endswith("database.dump")))
    await shelf.delete([path async for path in shelf.paths("objects") if path not in needed])
    return len(ids) - len(kept)
