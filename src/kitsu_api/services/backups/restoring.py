"""Checking a backup, and making an instance of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.backups import count_rows, has_tables
from kitsu_api.services.backups.dumps import load
from kitsu_api.services.backups.manifest import BackupError, Manifest, Part
from kitsu_api.services.backups.shelf import Shelf, dump_path, object_path
from kitsu_api.settings import Settings
from kitsu_api.storage.files import FileStorage
from kitsu_api.storage.temporary import temporary_folder

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Restored:
    """What was restored."""

    backup: str
    rows: int
    files: int


def _parts(manifest: Manifest) -> dict[str, Part]:
    files = {object_path(file.sha256): Part(file.sha256, file.size) for file in manifest.files}
    return {dump_path(manifest.id): manifest.database, **files}


async def verify(shelf: Shelf, id: str | None, progress: Progress) -> tuple[str, list[str]]:
    """Read all of a backup and compare it with its checksums; its id, and what is wrong with it.

    Raises:
        BackupError: there is no such backup, or its manifest is damaged.
    """
    manifest = await shelf.manifest(id)
    parts = _parts(manifest)
    problems = []
    for number, (path, part) in enumerate(parts.items()):
        progress("checking", number, len(parts))
        try:
            await shelf.check(path, part)
        except BackupError as error:
            problems.append(str(error))
    return manifest.id, problems


async def restore(
    settings: Settings, sessions: Sessions, shelf: Shelf, id: str | None, progress: Progress
) -> Restored:
    """Make the instance of the settings what the backup says. Every part is checked as it is read.

    Files come first, then the database, all of it or nothing: after a failure the same can be tried again.

    Raises:
        BackupError: the database is not empty, a part is missing or damaged, or not all rows came out.
    """
    url = settings.direct_postgres_url
    if url is None:
        raise BackupError("No database: set DATABASE_URL.")
    manifest = await shelf.manifest(id)
    async with sessions() as session:
        if await has_tables(session):
            raise BackupError("The database is not empty. Restore into a new one.")
    storage = FileStorage(settings)
    with temporary_folder(settings) as folder:
        dump = folder / "dump"
        await shelf.check(dump_path(manifest.id), manifest.database, dump)
        for number, file in enumerate(manifest.files):
            progress("files", number, len(manifest.files))
            # each has a name of its own: storage on the same disk keeps the file itself
            path = folder / f"file-{number}"
            await shelf.check(object_path(file.sha256), Part(file.sha256, file.size), path)
            try:
                await storage.put_key(file.bucket, file.key, path)
            except ValueError as error:
                raise BackupError("The manifest names a file that no storage has.") from error
            path.unlink(missing_ok=True)
        progress("database", 0, 1)
        await load(url, dump)
    async with sessions() as session:
        counted = await count_rows(session)
    if counted != manifest.tables:
        differing = sorted(name for name, rows in manifest.tables.items() if counted.get(name) != rows)
        raise BackupError(f"The restored tables have other numbers of rows: {', '.join(differing)}")
    return Restored(manifest.id, sum(counted.values()), len(manifest.files))
