"""One interface to files, wherever they lie: on the local disk or in an object store."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal
from uuid import UUID, uuid4

from kitsu_api.errors import FULL
from kitsu_api.later import Later
from kitsu_api.settings import Settings
from kitsu_api.storage.layout import key_of, key_of_path, local_path

if TYPE_CHECKING:
    import obstore
    from obstore.store import ObjectStore
else:
    obstore = Later("obstore")

Bucket = Literal["pictures", "movies", "files"]
BUCKETS = frozenset({"pictures", "movies", "files"})
KEY = re.compile(r"(?!.*\.\.)[^/\\\x00-\x1f\x7f]+")
"""What keys are made of: those of backups come from elsewhere, and must not lead out of the folder."""

CHUNK = 1024 * 1024
"""Bytes that are read at a time."""

PART = 6 * 1024 * 1024
PARTS_AT_ONCE = 2
"""Bytes of a part of a large file that is written, and parts on their way: no more is in memory."""


STORE_CONNECT_TIMEOUT = timedelta(seconds=5)
STORE_TIMEOUT = timedelta(minutes=5)
STORE_RETRIES: Any = {
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=15),
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=2),
        "base": 2,
    },
}
"""How long an object store is tried again that refuses or does not answer. The library's own habit is ten
times in three minutes, for which a request would hold its database connection."""


class MissingFile(Exception):
    """There is no such file in storage."""


class MissingBucket(Exception):
    """The object store has no such bucket, so that nothing can be stored."""


class StoreFailure(Exception):
    """The store refuses, or does not answer; the cause says why, in words that may name places."""


@contextmanager
def _asking() -> Iterator[None]:
    """Tell failures of a store from those of everything else.

    Raises:
        StoreFailure: it failed.
        FileNotFoundError: it has no such object or bucket.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except obstore.exceptions.BaseError as error:
        raise StoreFailure(str(error)) from error


@dataclass(frozen=True)
class FileState:
    """An object as it lies in storage. `size` is in bytes; the etag is quoted, as HTTP wants it."""

    size: int
    etag: str | None
    modified: datetime


@dataclass(frozen=True)
class StoredObject(FileState):
    """An object that is being read: `chunks` are those bytes of it that were asked for."""

    chunks: AsyncIterator[bytes]


def _state(meta: Any) -> tuple[int, str | None, datetime]:
    etag: str | None = meta["e_tag"]
    if etag and not etag.startswith(('"', "W/")):
        etag = f'"{etag}"'
    return meta["size"], etag, meta["last_modified"]


async def _chunks(found: Any) -> AsyncIterator[bytes]:
    with _asking():
        async for chunk in found.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)


def _sync(path: Path) -> None:
    """Have the disk keep a file and its name."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _place(source: Path, target: Path) -> None:
    """Give a file of the local disk a second name, at once and without memory, or else make a copy of it."""
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{uuid4().hex}")
    try:
        try:
            os.link(source, part)
        except OSError:
            shutil.copyfile(source, part)
        part.replace(target)
    finally:
        # still there after a failure, and after a file took its own place
        part.unlink(missing_ok=True)


class FileStorage:
    """Files in buckets, by prefix and id."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._local = settings.fs_backend == "local"
        self._stores: dict[str, ObjectStore] = {}

    def _store(self, bucket: str) -> ObjectStore:
        name = "local" if self._local else bucket
        found = self._stores.get(name)
        if found is None:
            found = self._stores[name] = self._local_store() if self._local else self._object_store(bucket)
        return found

    def _local_store(self) -> ObjectStore:
        folder: Path = self.settings.previews
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        from obstore.store import LocalStore

        return LocalStore(folder)

    def _object_store(self, bucket: str) -> ObjectStore:
        from obstore.store import S3Store

        settings = self.settings
        options: dict[str, Any] = {
            "region": settings.fs_s3_region,
            "endpoint": settings.fs_s3_endpoint,
            "access_key_id": settings.fs_s3_access_key,
            "secret_access_key": (
                settings.fs_s3_secret_key.get_secret_value() if settings.fs_s3_secret_key else None
            ),
        }
        given = {name: value for name, value in options.items() if value}
        given["client_options"] = {"timeout": STORE_TIMEOUT, "connect_timeout": STORE_CONNECT_TIMEOUT}
        if settings.fs_s3_endpoint and settings.fs_s3_endpoint.startswith("http://"):
            given["client_options"]["allow_http"] = True
        return S3Store(f"{settings.fs_bucket_prefix}{bucket}", retry_config=STORE_RETRIES, **given)

    def _path(self, bucket: Bucket, prefix: str, id: UUID) -> str:
        key = key_of(prefix, id)
        return local_path(bucket, key) if self._local else key

    def _place_of(self, bucket: str, key: str) -> str:
        if bucket not in BUCKETS:
            raise ValueError("There is no such bucket.")
        if not KEY.fullmatch(key):
            raise ValueError("There is no such key.")
        return local_path(bucket, key) if self._local else key

    async def put(
        self, bucket: Bucket, prefix: str, id: UUID, file: BinaryIO | Path, kind: str | None = None
    ) -> None:
        """Store a file, in parts when it is large; nobody sees it before it is whole. One that is given by
        its path must not be changed later: on the local disk that is the stored file. Object stores are told
        its media type (`kind`).

        Raises:
            OSError: the disk is full.
            MissingBucket: the store has none of this name.
        """
        if self._local and isinstance(file, Path):
            self._store(bucket)  # makes the outer folder, which others can't enter
            target = self.settings.previews / self._path(bucket, prefix, id)
            await asyncio.to_thread(_place, file, target)
            return
        try:
            with _asking():
                await obstore.put_async(
                    self._store(bucket),
                    self._path(bucket, prefix, id),
                    file,
                    attributes=None if self._local or kind is None else {"Content-Type": kind},
                    chunk_size=PART,
                    max_concurrency=PARTS_AT_ONCE,
                )
        except FileNotFoundError as error:
            raise MissingBucket(bucket) from error
        except StoreFailure as error:
            # the library's errors have no number, only the system's text
            for number in FULL:
                if f"os error {number})" in str(error):
                    raise OSError(number, os.strerror(number)) from error
            raise

    async def put_key(self, bucket: str, key: str, path: Path) -> None:
        """Store a file under a key as the register has it; it is not changed later, as with `put`.

        Raises:
            ValueError: there is no such bucket, or it is no key.
            MissingBucket: the store has none of this name.
            OSError: the disk is full.
        """
        if self._local:
            place = self._place_of(bucket, key)
            self._store(bucket)  # makes the outer folder, which others can't enter
            await asyncio.to_thread(_place, path, self.settings.previews / place)
        else:
            await self.copy_key(bucket, key, path)

    async def fetch_key(self, bucket: str, key: str, target: Path) -> None:
        """Write the object of a key into a file of the local disk, piece by piece.

        Raises:
            MissingFile: there is none.
            ValueError: there is no such bucket.
        """
        try:
            with _asking():
                found = await obstore.get_async(self._store(bucket), self._place_of(bucket, key))
        except FileNotFoundError as error:
            raise MissingFile from error
        with await asyncio.to_thread(target.open, "wb") as file:
            async for chunk in _chunks(found):
                await asyncio.to_thread(file.write, chunk)

    async def signed_url(self, bucket: Bucket, prefix: str, id: UUID) -> str | None:
        """An address at which the object store itself gives an object to whoever knows it, for as long as the
        settings say; None where files lie on the local disk, or the settings want no such addresses."""
        seconds = self.settings.fs_s3_signed_seconds
        if self._local or not seconds:
            return None
        store: Any = self._store(bucket)
        with _asking():
            return await obstore.sign_async(
                store, "GET", self._path(bucket, prefix, id), timedelta(seconds=seconds)
            )

    async def put_durably(self, bucket: Bucket, prefix: str, id: UUID, file: BinaryIO) -> None:
        """Store a file that is still there when the machine's power fails the moment after."""
        await self.put(bucket, prefix, id, file)
        if self._local:
            path = self.settings.previews / self._path(bucket, prefix, id)
            await asyncio.to_thread(_sync, path)

    async def stat(self, bucket: Bucket, prefix: str, id: UUID) -> FileState:
        """What an object is, without its content.

        Raises:
            MissingFile: there is none.
        """
        return await self.stat_key(bucket, key_of(prefix, id))

    async def stat_key(self, bucket: str, key: str) -> FileState:
        """What the object of a key is, as the register has it.

        Raises:
            MissingFile: there is none.
            ValueError: there is no such bucket.
        """
        try:
            with _asking():
                meta = await obstore.head_async(self._store(bucket), self._place_of(bucket, key))
        except FileNotFoundError as error:
            raise MissingFile from error
        return FileState(*_state(meta))

    async def open(
        self, bucket: Bucket, prefix: str, id: UUID, part: tuple[int, int] | None = None
    ) -> StoredObject:
        """Read an object, piece by piece; of a part, the bytes from its start up to its end, without that.

        Raises:
            MissingFile: there is none.
        """
        options: Any = None if part is None else {"range": part}
        try:
            with _asking():
                found = await obstore.get_async(
                    self._store(bucket), self._path(bucket, prefix, id), options=options
                )
        except FileNotFoundError as error:
            raise MissingFile from error
        return StoredObject(*_state(found.meta), _chunks(found))

    async def fetch(self, bucket: Bucket, prefix: str, id: UUID, target: Path) -> int:
        """Write an object into a file of the local disk, piece by piece; its size in bytes.

        Raises:
            MissingFile: there is none.
        """
        stored = await self.open(bucket, prefix, id)
        with await asyncio.to_thread(target.open, "wb") as file:
            async for chunk in stored.chunks:
                await asyncio.to_thread(file.write, chunk)
        return stored.size

    async def borrow(self, bucket: Bucket, prefix: str, id: UUID, target: Path) -> Path:
        """An object as a file of the local disk, to be read and left as it is: the stored one itself where
        files lie there, else a copy at `target`.

        Raises:
            MissingFile: there is none.
        """
        if self._local:
            path = self.settings.previews / self._path(bucket, prefix, id)
            if not await asyncio.to_thread(path.is_file):
                raise MissingFile
            return path
        await self.fetch(bucket, prefix, id, target)
        return target

    async def keys(self, bucket: str) -> AsyncIterator[tuple[str, int]]:
        """All objects of a bucket: where each lies in the store, and its size in bytes."""
        prefix = bucket if self._local else None
        with _asking():
            async for found in obstore.list(self._store(bucket), prefix=prefix, chunk_size=500):
                for meta in found:
                    yield meta["path"], meta["size"]

    async def copy_to(self, target: FileStorage, bucket: str, path: str, scratch: Path) -> None:
        """Put an object into another storage, through a file of the local disk.

        Raises:
            MissingFile: it has gone meanwhile.
            MissingBucket: the other storage has none of this name.
            ValueError: what lies there is no object of ours.
        """
        key = key_of_path(bucket, path) if self._local else path
        await self.fetch_key(bucket, key, scratch)
        await target.copy_key(bucket, key, scratch)

    async def size_of_key(self, bucket: str, key: str) -> int | None:
        """The size in bytes of an object by its key; None when there is none."""
        try:
            return (await self.stat_key(bucket, key)).size
        except MissingFile:
            return None

    async def copy_key(self, bucket: str, key: str, file: Path) -> None:
        """Store a copy of a file under a key, such as a dump of the database, which may change afterwards.

        Raises:
            ValueError: there is no such bucket, or it is no key.
            MissingBucket: the store has none of this name.
        """
        path, store = self._place_of(bucket, key), self._store(bucket)
        try:
            with _asking():
                await obstore.put_async(store, path, file, chunk_size=PART, max_concurrency=PARTS_AT_ONCE)
        except FileNotFoundError as error:
            raise MissingBucket(bucket) from error

    async def delete(self, bucket: Bucket, prefix: str, id: UUID) -> None:
        """Delete an object; one that is not there is no error."""
        await self.delete_key(bucket, key_of(prefix, id))

    async def delete_key(self, bucket: str, key: str) -> None:
        """Delete the object of a key as the register has it; one that is not there is no error.

        Raises:
            ValueError: there is no such bucket.
        """
        path = self._place_of(bucket, key)
        try:
            await obstore.delete_async(self._store(bucket), path)
        except FileNotFoundError:
            return
