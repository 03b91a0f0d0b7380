"""Uploads that are sent in several requests, by the tus protocol (https://tus.io/protocols/resumable-upload).

What arrives is stored in parts, each an object of its own in storage, so that any API process may go on
where another was ended. A part counts from the moment at which it is written to the disk and its place
is committed.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import io
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

from kitsu_api.db.base import now
from kitsu_api.db.models import Upload
from kitsu_api.db.repositories.locks import lock
from kitsu_api.db.repositories.stored_files import SCRAPS, forget
from kitsu_api.db.repositories.uploads import Uploads
from kitsu_api.errors import BadRequest, ChecksumMismatch, Conflict, Locked, NotFound, TooLarge, Unavailable
from kitsu_api.permissions.actor import Actor
from kitsu_api.services.attachments import safe_name
from kitsu_api.services.storage_quota import take_room
from kitsu_api.settings import Settings
from kitsu_api.storage.files import Bucket, FileStorage, MissingFile, StoreFailure
from kitsu_api.storage.temporary import temporary_folder
from kitsu_api.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)

Transactions = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
"""Opens a transaction: a request that lasts for hours has many short ones."""

BUCKET: Bucket = "files"
PART = 4 * 1024 * 1024
"""Bytes of a part: what a server that is killed may lose of each upload, and what one holds in memory."""

MEGABYTE = 1024 * 1024

SILENCE = 5.0
"""Seconds without a byte after which another request may write."""

KEEP_EVERY = 2.0
"""Seconds between two words of a request that still writes."""

TAKING = 900.0
"""Seconds for which nobody else touches an upload that is being made a preview."""

ALGORITHMS = ("sha1", "sha256", "sha512", "md5")
"""Checksums that are understood: against accidents, not against attackers, so that MD5 will do."""

LONGEST_METADATA = 8_192


@dataclass(frozen=True)
class Checksum:
    """What the bytes of one request must add up to."""

    algorithm: str
    digest: bytes


class TakenUpload(NamedTuple):
    """A finished upload on the local disk. The name is safe to show and to store; `size` is in bytes."""

    path: Path
    filename: str
    size: int


def read_checksum(header: str | None) -> Checksum | None:
    """The `Upload-Checksum` of a request.

    Raises:
        BadRequest: it is no checksum, or of an algorithm that is not offered.
    """
    if header is None:
        return None
    algorithm, _, text = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise BadRequest(f"Upload-Checksum takes these algorithms: {', '.join(ALGORITHMS)}.")
    digest = _decoded("Upload-Checksum", text)
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise BadRequest(f"Upload-Checksum is no {algorithm} checksum.")
    return Checksum(algorithm, digest)


def _decoded(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadRequest(f"{name} is not encoded in Base64.") from error


def read_metadata(header: str) -> dict[str, str]:
    """The `Upload-Metadata` of a new upload: texts by name.

    Raises:
        BadRequest: it is not written as tus asks for, or too long.
    """
    if len(header) > LONGEST_METADATA:
        raise BadRequest(f"Upload-Metadata takes {LONGEST_METADATA} characters at most.")
    found: dict[str, str] = {}
    for pair in filter(None, map(str.strip, header.split(","))):
        key, _, value = pair.partition(" ")
        if not key.isascii() or key in found:
            raise BadRequest("Upload-Metadata takes each key once, in ASCII.")
        try:
            found[key] = _decoded("Upload-Metadata", value.strip()).decode()
        except UnicodeDecodeError as error:
            raise BadRequest(f"The value of {key} in Upload-Metadata is not UTF-8.") from error
    return found


def expiry(settings: Settings) -> datetime:
    """When an upload is dropped that gets no byte from now on."""
    return now() + timedelta(hours=settings.upload_expiry_hours)


async def create(uow: UnitOfWork, actor: Actor, size: int, metadata: str) -> Upload:
    """Begin an upload of so many bytes, which is the caller's own.

    Raises:
        BadRequest: the metadata can't be read.
        TooLarge: the file is larger than one may be, or than the caller's open uploads leave room for.
        Conflict: the caller has as many uploads open as one may have.
        QuotaExceeded: with all that the caller has in storage, there is no room for it.
    """
    settings, uploads = uow.settings, Uploads(uow.session)
    told = read_metadata(metadata)
    if size > settings.max_upload_mb * MEGABYTE:
        raise TooLarge(f"Files may have up to {settings.max_upload_mb} MB.")
    await lock(uow.session, "uploads", actor.id)
    count, bytes_open = await uploads.open_of(actor.id)
    if count >= settings.max_open_uploads:
        raise Conflict(f"You have {count} uploads open. Finish or delete one of them first.")
    if bytes_open + size > settings.max_open_upload_mb * MEGABYTE:
        raise TooLarge(f"Your open uploads may have {settings.max_open_upload_mb} MB together.")
    await take_room(uow, actor.id, None, size)
    return await uploads.add(
        Upload(
            owner_id=actor.id,
            filename=safe_name(told.get("filename") or told.get("name") or ""),
            told=metadata,
            size=size,
            expires_at=expiry(settings),
        )
    )


class _Writer:
    """The request that writes an upload at the moment."""

    def __init__(
        self,
        transactions: Transactions,
        storage: FileStorage,
        upload: Upload,
        offset: int,
        checksum: Checksum | None,
    ) -> None:
        self.offset = self._received = offset
        self._transactions, self._storage, self._upload = transactions, storage, upload
        self._checksum = checksum
        self._digest = hashlib.new(checksum.algorithm if checksum else "sha1", usedforsecurity=False)
        self._token = uuid4()
        self._buffer = bytearray()
        self._stored: list[tuple[UUID, int]] = []
        """Parts that lie in storage and don't count yet."""
        self._kept = time.monotonic()

    async def lock(self) -> None:
        """Become the only one who writes.

        Raises:
            Conflict: the upload ends elsewhere by now.
            Locked: somebody else writes.
        """
        id, offset = self._upload.id, self.offset
        async with self._transactions() as uow:
            uploads = Uploads(uow.session)
            if await uploads.lock(id, offset, self._token, SILENCE):
                return
            present = await uploads.find(id)
        if present is None:
            raise NotFound
        if present.offset != offset:
            raise Conflict(f"The upload has {present.offset} bytes. Go on from there.")
        raise Locked

    async def unlock(self) -> None:
        """Let others write."""
        async with self._transactions() as uow:
            await Uploads(uow.session).unlock(self._upload.id, self._token)

    async def add(self, piece: bytes) -> None:
        """Take what has arrived.

        Raises:
            TooLarge: it is more than was told at the beginning.
            Locked: somebody else writes by now.
        """
        self._received += len(piece)
        if self._received > self._upload.size:
            raise TooLarge(f"The upload was begun as one of {self._upload.size} bytes.")
        if self._checksum is not None:
            self._digest.update(piece)
        self._buffer += piece
        if len(self._buffer) >= PART:
            await self._store()
            if self._checksum is None:
                await self._count()
        elif time.monotonic() - self._kept > KEEP_EVERY:
            async with self._transactions() as uow:
                await self._keep(uow)

    async def finish(self) -> None:
        """Have all that has arrived count.

        Raises:
            ChecksumMismatch: it is not what was sent; none of it counts.
            Locked: somebody else writes by now.
        """
        if self._checksum is not None and self._digest.digest() != self._checksum.digest:
            await self._drop()
            raise ChecksumMismatch
        await self._store()
        await self._count()

    async def break_off(self) -> None:
        """The request ended before its time: what has arrived counts, unless it came with a checksum."""
        if self._checksum is None:
            await self.finish()
        else:
            await self._drop()

    async def _keep(self, uow: UnitOfWork) -> None:
        if not await Uploads(uow.session).keep_lock(self._upload.id, self._token, SILENCE):
            raise Locked
        self._kept = time.monotonic()

    async def _store(self) -> None:
        data, self._buffer = self._buffer, bytearray()
        if not data:
            return
        part_id = uuid4()
        async with self._transactions() as uow:
            await self._keep(uow)
            await Uploads(uow.session).reserve(self._upload.id, part_id)
        try:
            await self._storage.put_durably(BUCKET, SCRAPS, part_id, io.BytesIO(data))
        except (OSError, StoreFailure) as error:
            logger.exception("A part of an upload could not be stored.")
            raise Unavailable("The server can't store the file at the moment. Go on later.") from error
        self._stored.append((part_id, len(data)))

    async def _count(self) -> None:
        parts, self._stored = self._stored, []
        if not parts:
            return
        async with self._transactions() as uow:
            uploads, expires = Uploads(uow.session), expiry(uow.settings)
            if not await uploads.grow(self._upload.id, self._token, self.offset, parts, SILENCE, expires):
                raise Locked
        self.offset += sum(size for _, size in parts)

    async def _drop(self) -> None:
        parts, self._stored = self._stored, []
        self._buffer.clear()
        if parts:
            async with self._transactions() as uow:
                await Uploads(uow.session).drop_parts([id for id, _ in parts])
                await _purge(uow, [id for id, _ in parts])


async def append(
    transactions: Transactions,
    storage: FileStorage,
    upload: Upload,
    offset: int,
    pieces: AsyncIterator[bytes],
    checksum: Checksum | None = None,
) -> int:
    """Add the bytes of one request to an upload, from an offset on; how many bytes it has then.

    When the request breaks off, what has arrived is kept, unless it came with a checksum.

    Raises:
        Conflict: the upload does not end at this offset.
        Locked: another request writes.
        TooLarge: these are more bytes than the upload was to have.
        ChecksumMismatch: they are other bytes than were sent.
        Unavailable: they can't be stored.
    """
    writer = _Writer(transactions, storage, upload, offset, checksum)
    await writer.lock()
    try:
        async for piece in pieces:
            await writer.add(piece)
    except (Locked, TooLarge, Unavailable):
        raise
    except BaseException:
        await asyncio.shield(writer.break_off())
        raise
    else:
        await writer.finish()
    finally:
        await asyncio.shield(writer.unlock())
    return writer.offset


async def remove(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """Forget uploads, and have their parts removed from storage."""
    await _purge(uow, await Uploads(uow.session).delete(ids))


async def _purge(uow: UnitOfWork, parts: Collection[UUID]) -> None:
    if parts:
        await forget(uow.session, BUCKET, SCRAPS, parts, at_once=True)
        uow.enqueue("purge_deleted_files", key="uploads")


@asynccontextmanager
async def take(uow: UnitOfWork, actor: Actor, upload_id: UUID) -> AsyncIterator[TakenUpload]:
    """Make a finished upload a file of the local disk, for as long as the block lasts:

        async with take(uow, actor, upload_id) as (path, filename, size):
            ...

    The transaction is paused before the block (see `UnitOfWork.pause`): call it before anything is written.
    The upload is gone once the transaction commits, so that it is taken once; when the block fails, it stays
    and may be taken again. Nobody has looked into the file before: it is as hostile as any.

    Raises:
        NotFound: there is no such upload of the caller, or it is gone meanwhile.
        Conflict: it is not finished.
        Locked: another request takes it, or writes.
    """
    uploads, token = Uploads(uow.session), uuid4()
    upload = await uploads.find(upload_id)
    if upload is None or upload.owner_id != actor.id:
        raise NotFound("There is no such upload.")
    if upload.offset < upload.size:
        raise Conflict(f"The upload is not finished: it has {upload.offset} of {upload.size} bytes.")
    if not await uploads.lock(upload.id, upload.size, token, TAKING):
        raise Locked
    parts = await uploads.parts(upload.id)
    await uow.pause()
    try:
        with temporary_folder(uow.settings) as folder:
            path = folder / "upload"
            await _join(FileStorage(uow.settings), parts, path)
            yield TakenUpload(path, upload.filename, upload.size)
        if not await uploads.lock(upload.id, upload.size, token, TAKING, again=True):
            raise NotFound("The upload is gone.")
        await remove(uow, [upload.id])
    except BaseException:
        await uow.session.rollback()
        await uploads.unlock(upload_id, token)
        await uow.pause()
        raise


async def _join(storage: FileStorage, parts: Sequence[UUID], path: Path) -> None:
    """Write the parts of an upload into one file.

    Raises:
        NotFound: the upload is gone meanwhile.
    """
    with await asyncio.to_thread(path.open, "wb") as file:
        for part in parts:
            try:
                stored = await storage.open(BUCKET, SCRAPS, part)
                async for chunk in stored.chunks:
                    await asyncio.to_thread(file.write, chunk)
            except MissingFile as error:
                raise NotFound("The upload is gone.") from error
