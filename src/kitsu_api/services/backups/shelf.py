"""Where backups lie: a folder, or a bucket of an object store.

`backups/<id>/` holds a dump of the database and the manifest, which is written last: a backup without one was
not finished. `objects/` holds files under their SHA-256, which all backups share.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from kitsu_api.services.backups.manifest import BackupError, Manifest, Part
from kitsu_api.settings import Settings

CHUNK = 1024 * 1024
PART = 8 * 1024 * 1024
DELETED_AT_ONCE = 500


def dump_path(id: str) -> str:
    """Where the dump of a backup's database lies."""
    return f"backups/{id}/database.dump"


def object_path(sha256: str) -> str:
    """Where the file with this checksum lies."""
    return f"objects/{sha256[:2]}/{sha256}"


def digest(path: Path) -> Part:
    """Size and checksum of a file of the local disk. Blocks: call it in a thread."""
    with path.open("rb") as file:
        return Part(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def _object_store(place: str, settings: Settings) -> ObjectStore:
    secret = settings.fs_s3_secret_key
    options: dict[str, Any] = {
        "region": settings.fs_s3_region,
        "endpoint": settings.fs_s3_endpoint,
        "access_key_id": settings.fs_s3_access_key,
        "secret_access_key": secret.get_secret_value() if secret else None,
    }
    given = {name: value for name, value in options.items() if value} if place.startswith("s3://") else {}
    if str(given.get("endpoint", "")).startswith("http://"):
        given["client_options"] = {"allow_http": True}
    return from_url(place, **given)


class Shelf:
    """A place with backups."""

    def __init__(self, place: str, settings: Settings) -> None:
        """`place` is a folder, or a URL such as `s3://bucket/folder`, with the keys of the file storage.

        Raises:
            BackupError: it can't be used.
        """
        try:
            if "://" in place:
                self._store = _object_store(place, settings)
            else:
                folder = Path(place).absolute()
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._store = LocalStore(folder)
        except (BaseError, OSError, ValueError) as error:
            raise BackupError(f"The place of the backups can't be used: {place}") from error

    async def put(self, path: str, content: Path | bytes) -> None:
        """Store bytes, or a file; nobody sees it before it is whole."""
        await obstore.put_async(self._store, path, content, chunk_size=PART, max_concurrency=2)

    async def has(self, path: str, size: int) -> bool:
        """Whether something of this size lies there."""
        try:
            return bool((await obstore.head_async(self._store, path))["size"] == size)
        except FileNotFoundError:
            return False

    async def chunks(self, path: str) -> AsyncIterator[bytes]:
        """What lies there, piece by piece.

        Raises:
            BackupError: nothing does.
        """
        try:
            found = await obstore.get_async(self._store, path)
        except FileNotFoundError as error:
            raise BackupError(f"{path} is missing.") from error
        async for chunk in found.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)

    async def check(self, path: str, part: Part, target: Path | None = None) -> None:
        """Compare what lies there with its checksum, and write it to a file of the local disk.

        Raises:
            BackupError: it is missing or damaged.
        """
        sha, size = hashlib.sha256(), 0
        file = None if target is None else await asyncio.to_thread(target.open, "wb")
        try:
            async for chunk in self.chunks(path):
                await asyncio.to_thread(sha.update, chunk)
                size += len(chunk)
                if file is not None:
                    await asyncio.to_thread(file.write, chunk)
        finally:
            if file is not None:
                file.close()
        if (sha.hexdigest(), size) != (part.sha256, part.size):
            raise BackupError(f"{path} is damaged: it is not what was stored.")

    async def paths(self, prefix: str) -> AsyncIterator[str]:
        """Everything that lies below."""
        async for batch in obstore.list(self._store, prefix):
            for found in batch:
                yield found["path"]

    async def delete(self, paths: Sequence[str]) -> None:
        """Delete what lies at these places."""
        for start in range(0, len(paths), DELETED_AT_ONCE):
            await obstore.delete_async(self._store, paths[start : start + DELETED_AT_ONCE])

    async def ids(self) -> list[str]:
        """The finished backups, oldest first."""
        found = [path async for path in self.paths("backups")]
        return sorted(path.split("/")[1] for path in found if path.endswith("/manifest.sha256"))

    async def write_manifest(self, manifest: Manifest) -> None:
        """Finish a backup."""
        content = manifest.encode()
        await self.put(f"backups/{manifest.id}/manifest.json", content)
        sha = hashlib.sha256(content).hexdigest().encode()
        await self.put(f"backups/{manifest.id}/manifest.sha256", sha)

    async def manifest(self, id: str | None = None) -> Manifest:
        """The manifest of a backup, by default of the newest.

        Raises:
            BackupError: there is none, or it is damaged.
        """
        ids = await self.ids()
        if not ids or (id is not None and id not in ids):
            raise BackupError("There is no finished backup." if id is None else f"There is no backup {id}.")
        base = f"backups/{id or ids[-1]}"
        content = b"".join([chunk async for chunk in self.chunks(f"{base}/manifest.json")])
        sha = b"".join([chunk async for chunk in self.chunks(f"{base}/manifest.sha256")])
        return Manifest.decode(content, sha.decode(errors="replace"))
