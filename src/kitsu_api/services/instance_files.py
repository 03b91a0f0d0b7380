"""Files of another instance, taken over as they are for rows that were taken over before.

Nothing is made of them: whoever sends a preview's movie sends its pictures too. Quotas don't count here, for
an operator moves what exists; the register counts the files as its owners' all the same.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from kitsu_api.db import models as m
from kitsu_api.db.base import Record
from kitsu_api.db.repositories.instance_files import known_rows, registered_sizes
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.db.repositories.stored_files import register
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.instance_files import FilePlace, HeldFile, SentFile
from kitsu_api.services import preview_storage as p
from kitsu_api.services.uploads import take
from kitsu_api.storage.files import FileStorage, MissingFile
from kitsu_api.storage.layout import key_of
from kitsu_api.unit_of_work import UnitOfWork

AVATARS = frozenset({p.THUMBNAIL})
PLACES: Mapping[str, frozenset[p.Place]] = {
    "preview_file": frozenset(
        {p.THUMBNAIL, p.SQUARE, p.PREVIEW, p.ORIGINAL, p.TILES, p.HIGH, p.LOW, p.SOURCE, p.FILE}
    ),
    "attachment_file": frozenset({("files", "attachments")}),
    "working_file": frozenset({("files", "working")}),
    "preview_background_file": frozenset({("pictures", "preview-backgrounds"), p.THUMBNAIL}),
    "person": AVATARS,
    "project": AVATARS,
    "organisation": AVATARS,
}
"""Where the files of a table's rows lie; nothing else is taken or told of."""

KINDS: Mapping[str, str] = {"pictures": "image/png", "movies": "video/mp4"}
"""Media types by buckets, for object stores that answer browsers themselves."""

MODELS: Mapping[str, type[Record]] = {
    "preview_file": m.PreviewFile,
    "attachment_file": m.AttachmentFile,
    "working_file": m.WorkingFile,
    "preview_background_file": m.PreviewBackgroundFile,
    "person": m.Person,
    "project": m.Project,
    "organisation": m.Organisation,
}


def _check_place(file: FilePlace) -> None:
    if (file.bucket, file.prefix) not in PLACES[file.table]:
        raise BadRequest(f"Files of {file.table} don't lie in {file.bucket} as {file.prefix}.")


async def look_at(
    uow: UnitOfWork, storage: FileStorage, files: Sequence[FilePlace], *, checksums: bool
) -> list[HeldFile]:
    """What is here of files, in their order, as the register has it; of those that are read for their
    checksums, as storage has it.

    Raises:
        BadRequest: one names a place where files of its table don't lie.
    """
    for file in files:
        _check_place(file)
    known: set[tuple[str, object]] = set()
    for table in sorted({file.table for file in files}):
        ids = [file.id for file in files if file.table == table]
        known |= {(table, id) for id in await known_rows(uow.session, MODELS[table], ids)}
    keys = [(file.bucket, key_of(file.prefix, file.id)) for file in files]
    sizes = await registered_sizes(uow.session, keys)
    digests: dict[tuple[str, str], tuple[int, str]] = {}
    if checksums:
        await uow.pause()  # reading may take minutes
        for file, key in zip(files, keys, strict=True):
            if key in sizes and (found := await _read(storage, file)):
                digests[key] = found
    return [
        HeldFile(
            known=(file.table, file.id) in known,
            size=digests[key][0] if key in digests else None if checksums else sizes.get(key),
            sha256=digests[key][1] if key in digests else None,
        )
        for file, key in zip(files, keys, strict=True)
    ]


async def _read(storage: FileStorage, file: FilePlace) -> tuple[int, str] | None:
    """The size and the checksum of a file; None when it isn't in storage."""
    digest, size = hashlib.sha256(), 0
    try:
        stored = await storage.open(file.bucket, file.prefix, file.id)
        async for chunk in stored.chunks:
            await asyncio.to_thread(digest.update, chunk)
            size += len(chunk)
    except MissingFile:
        return None
    return size, digest.hexdigest()


async def take_over(uow: UnitOfWork, storage: FileStorage, actor: Actor, file: SentFile) -> HeldFile:
    """Make a finished upload the file of a row; it takes the place of an earlier one.

    Raises:
        NotFound: there is no such row, or no such upload of the caller.
        BadRequest: files of that table don't lie there, or the upload has another checksum. It stays then.
        Conflict: the upload is not finished.
        Locked: another request works on it.
    """
    _check_place(file)
    if not await known_rows(uow.session, MODELS[file.table], [file.id]):
        raise NotFound(f"There is no such row of {file.table} here: send the rows first.")
    async with take(uow, actor, file.upload_id) as taken:
        digest = await asyncio.to_thread(_digest, taken.path)
        if digest != file.sha256:
            raise BadRequest("The upload has another checksum: it was damaged on its way. Send it again.")
        await storage.put(file.bucket, file.prefix, file.id, taken.path, KINDS.get(file.bucket))
    await register(uow.session, file.bucket, file.prefix, file.id, taken.size)
    if file.table == "preview_file":
        await PreviewMedia(uow.session).note_states(file.id, {(file.bucket, file.prefix): "ok"})
    return HeldFile(known=True, size=taken.size, sha256=digest)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
