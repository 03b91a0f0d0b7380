"""The files that a playlist shows, in its order, and archives of them.

Archives are written while they are sent: neither an archive nor a file of it is ever whole in memory.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import Organisation, Playlist, PreviewFile
from kitsu_api.db.repositories.playlist_builds import PlaylistBuilds
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.db.repositories.records import Records
from kitsu_api.services import preview_storage
from kitsu_api.services.attachments import safe_name
from kitsu_api.services.playlist_watching import entries_of, preview_of
from kitsu_api.services.preview_names import plain, shown_stem, stem_of
from kitsu_api.services.preview_storage import Place
from kitsu_api.storage.files import FileStorage, MissingFile, StoredObject

CHUNK = 1024 * 1024
"""Bytes of an archive that are made at a time."""

FILE_MODE = 0o100644
LEVEL = 0
"""Pictures and movies don't get smaller: they are packed as they are."""

MISSING = "missing.txt"
"""What an archive holds in place of files that are not in storage: their names."""

LONGEST_STEM = 180
"""Characters of a name, so that it fits with its number into what file systems take."""


@dataclass(frozen=True)
class ArchivedFile:
    """A file that goes into an archive."""

    preview: PreviewFile
    stem: str
    """Its name without an extension."""
    places: Sequence[Place]
    """Where it may lie: the first that is there is taken."""


async def shown_previews(session: AsyncSession, playlist: Playlist) -> list[PreviewFile]:
    """The previews that a playlist shows, in its order, each as often as it is shown."""
    wanted = [id for id in map(preview_of, entries_of(playlist)) if id is not None]
    if not wanted:
        return []
    found = await PlaylistBuilds(session).previews(playlist.project_id, set(wanted))
    return [found[id] for id in wanted if id in found]


async def files_to_archive(session: AsyncSession, playlist: Playlist) -> list[ArchivedFile]:
    """The files that a playlist shows, once each, under names as downloads of previews have them."""
    previews = list(dict.fromkeys(await shown_previews(session, playlist)))
    tasks = await PreviewMedia(session).tasks_of({each.task_id for each in previews if each.task_id})
    studio = await Records(session, Organisation).find_where()
    own_names = studio is not None and bool(studio.use_original_file_name)
    files = []
    for preview in previews:
        task = tasks.get(preview.task_id) if preview.task_id else None
        named = task is not None and not (own_names and preview.original_name)
        stem = stem_of(preview, task) if named and task is not None else shown_stem(preview)
        place = preview_storage.own_place(preview)
        places = preview_storage.FALLBACKS.get(place, (place,))
        files.append(ArchivedFile(preview, stem, places))
    return files


def archive_name(project_name: str, playlist: Playlist, extension: str) -> str:
    """What an archive or a movie of a playlist is saved as: `orchard_reel.zip`."""
    stem = "_".join(filter(None, (plain(project_name), plain(playlist.name))))
    return f"{stem[:LONGEST_STEM] or 'playlist'}.{extension}"


def _unique(taken: set[str], stem: str, extension: str) -> str:
    """A name that no file of the archive has yet; capital letters make no difference to some systems."""
    stem = safe_name(stem)[:LONGEST_STEM].strip(". ") or "file"
    name, number = f"{stem}.{extension}", 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}.{extension}"
    taken.add(name.lower())
    return name


def _extension(file: ArchivedFile, place: Place) -> str:
    """The extension of a file as it is stored: pictures are PNG whatever they were."""
    own = (file.preview.extension or "").lower()
    own = own if own.isalnum() else "bin"
    if place == preview_storage.ORIGINAL:
        return "gif" if own == "gif" else "png"
    return "mp4" if place in (preview_storage.HIGH, preview_storage.LOW) else own


async def _open(storage: FileStorage, file: ArchivedFile) -> tuple[StoredObject, Place] | None:
    for place in file.places:
        try:
            return await storage.open(*place, file.preview.id), place
        except MissingFile:
            continue
    return None


def _packer() -> Any:
    return zlib.compressobj(level=LEVEL, wbits=-zlib.MAX_WBITS)


Member = tuple[str, datetime, int, Any, AsyncIterable[bytes]]


async def _members(storage: FileStorage, files: Iterable[ArchivedFile]) -> AsyncIterator[Member]:
    """What goes into the archive; each file is opened when its turn comes."""
    from stream_zip import ZIP_AUTO  # 3 MB, which wait for an archive

    taken = {MISSING}
    missing = []
    for file in files:
        found = await _open(storage, file)
        if found is None:
            missing.append(file.stem)
            continue
        stored, place = found
        name = _unique(taken, file.stem, _extension(file, place))
        yield name, now(), FILE_MODE, ZIP_AUTO(stored.size, level=LEVEL), stored.chunks
    if missing:
        text = "\n".join(["These were not in storage:", *missing, ""]).encode()
        yield MISSING, now(), FILE_MODE, ZIP_AUTO(len(text), level=LEVEL), _once(text)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def archive(storage: FileStorage, files: Iterable[ArchivedFile]) -> AsyncIterable[bytes]:
    """A ZIP archive of the files, piece by piece. What is not in storage is listed in `missing.txt`."""
    from stream_zip import async_stream_zip  # as above

    members = _members(storage, files)
    return async_stream_zip(members, chunk_size=CHUNK, get_compressobj=_packer)
