"""Files of the source, copied into this instance's storage."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson

from kitsu_api.db.engine import Sessions
from kitsu_api.db.projections import (
    ATTACHMENT_FILE,
    ORGANISATION,
    PERSON,
    PREVIEW_BACKGROUND_FILE,
    PREVIEW_FILE,
    PROJECT,
    WORKING_FILE,
)
from kitsu_api.db.repositories.mirrored_rows import rows_after
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.db.repositories.stored_files import register
from kitsu_api.services.preview_storage import (
    FILE,
    HIGH,
    LOW,
    MOVIE_EXTENSIONS,
    ORIGINAL,
    PICTURE_EXTENSIONS,
    PREVIEW,
    SOURCE,
    SQUARE,
    THUMBNAIL,
    TILES,
)
from kitsu_api.services.sync.mirror import Progress, no_progress
from kitsu_api.services.sync.source import Source
from kitsu_api.storage.files import Bucket, FileStorage, MissingFile
from kitsu_api.storage.temporary import temporary_folder

Row = dict[str, Any]
Place = tuple[Bucket, str]

AT_ONCE = 4
"""Files that are fetched at a time."""

ROWS = 200
"""Rows whose files are looked at together."""


@dataclass(frozen=True)
class Wanted:
    """A file: where the source gives it, and where it lies here."""

    path: str
    place: Place
    id: UUID
    preview: bool = False


@dataclass
class FileTally:
    """What became of files; those that are missing are missing at the source."""

    copied: int = 0
    present: int = 0
    missing: int = 0
    size: int = 0
    """Bytes that were copied."""


def files_of(table: str, row: Row, *, sources: bool = False) -> Iterator[Wanted]:
    """The files that go with a row; `sources`: movies as they were uploaded as well."""
    id = UUID(str(row["id"]))
    if table == "preview_file":
        yield from _of_preview(id, row, sources)
    elif table == "attachment_file":
        name = quote(str(row.get("name") or "file"), safe="")
        yield Wanted(f"/data/attachment-files/{id}/file/{name}", ("files", "attachments"), id)
    elif table == "working_file":
        yield Wanted(f"/data/working-files/{id}/file", ("files", "working"), id)
    elif table == "preview_background_file" and row.get("extension"):
        extension = quote(str(row["extension"]), safe="")
        path = f"/pictures/preview-background-files/{id}.{extension}"
        yield Wanted(path, ("pictures", "preview-backgrounds"), id)
        yield Wanted(
            f"/pictures/thumbnails/preview-background-files/{id}.png", ("pictures", "thumbnails"), id
        )
    elif table in ("person", "project", "organisation") and row.get("has_avatar"):
        yield Wanted(f"/pictures/thumbnails/{table}s/{id}.png", ("pictures", "thumbnails"), id)


def _of_preview(id: UUID, row: Row, sources: bool) -> Iterator[Wanted]:
    def wanted(folder: str, place: Place, extension: str = "png") -> Wanted:
        return Wanted(f"/{folder}/preview-files/{id}.{extension}", place, id, preview=True)

    extension = str(row.get("extension") or "").lower()
    if extension in MOVIE_EXTENSIONS or extension in PICTURE_EXTENSIONS:
        yield wanted("pictures/thumbnails", THUMBNAIL)
        yield wanted("pictures/thumbnails-square", SQUARE)
        yield wanted("pictures/previews", PREVIEW)
        yield wanted("pictures/originals", ORIGINAL)
    if extension in MOVIE_EXTENSIONS:
        data = row.get("data")
        # Asked for a movie that it lacks, a server gives another: the row says which there are.
        known = data.get("movie_prefixes") if isinstance(data, dict) else None
        yield wanted("movies/tiles", TILES)
        for folder, place in (("originals", HIGH), ("low", LOW)):
            if not isinstance(known, list) or place[1] in known:
                yield wanted(f"movies/{folder}", place, "mp4")
        if sources:
            yield wanted("movies/source", SOURCE, "mp4")
    elif extension and extension not in PICTURE_EXTENSIONS:
        yield wanted("pictures/originals", FILE, quote(extension, safe=""))


PROJECTIONS: Mapping[str, Any] = {
    "preview_file": PREVIEW_FILE,
    "attachment_file": ATTACHMENT_FILE,
    "working_file": WORKING_FILE,
    "preview_background_file": PREVIEW_BACKGROUND_FILE,
    "person": PERSON,
    "project": PROJECT,
    "organisation": ORGANISATION,
}
"""Tables whose rows have files."""


class FileCopies:
    """Copies files that are not here yet. Each is stored and registered by itself, so that an interrupted
    copy goes on with the next one."""

    def __init__(
        self,
        source: Source,
        sessions: Sessions,
        storage: FileStorage,
        *,
        sources: bool = False,
        again: bool = False,
        progress: Progress = no_progress,
    ) -> None:
        self.source = source
        self.sessions = sessions
        self.storage = storage
        self.tally = FileTally()
        self._sources = sources
        self._again = again
        self._progress = progress
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def copy_all(self) -> FileTally:
        """Copy the files of all rows that are here.

        Raises:
            SyncError: the source is away or refuses.
        """
        for number, (table, projection) in enumerate(PROJECTIONS.items()):
            last: str | None = None
            while True:
                self._progress(f"{table}: {self.tally.copied} copied", number, len(PROJECTIONS))
                async with self.sessions() as session:
                    rows = orjson.loads(await rows_after(session, projection, last, ROWS))
                if not rows:
                    break
                await self.copy_rows(table, rows)
                last = rows[-1]["id"]
        self._progress("", len(PROJECTIONS), len(PROJECTIONS))
        return self.tally

    async def copy_rows(self, table: str, rows: Sequence[Row]) -> None:
        """Copy the files of rows of a table, several at a time."""
        wanted = [one for row in rows for one in files_of(table, row, sources=self._sources)]
        await all_of(self._copy(one) for one in wanted)

    async def _copy(self, wanted: Wanted) -> None:
        async with self._slots:
            if not self._again and await self._is_here(wanted):
                self.tally.present += 1
                return
            with temporary_folder(self.storage.settings) as scratch:
                target = scratch / "file"
                if not await self.source.download(wanted.path, target):
                    self.tally.missing += 1
                    return
                size = target.stat().st_size
                with await asyncio.to_thread(target.open, "rb") as file:
                    await self.storage.put(*wanted.place, wanted.id, file)
            await self._register(wanted, size)
            self.tally.copied += 1
            self.tally.size += size

    async def _is_here(self, wanted: Wanted) -> bool:
        try:
            await self.storage.stat(*wanted.place, wanted.id)
        except MissingFile:
            return False
        return True

    async def _register(self, wanted: Wanted, size: int) -> None:
        async with self.sessions() as session:
            await register(session, *wanted.place, wanted.id, size)
            if wanted.preview:
                await PreviewMedia(session).note_states(wanted.id, {wanted.place: "ok"})
            await session.commit()


async def all_of(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all of it; the first failure ends the rest, and is raised as it is."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
