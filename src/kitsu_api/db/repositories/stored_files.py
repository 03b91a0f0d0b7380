"""The register of files in storage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import StoredFile


async def register(session: AsyncSession, bucket: str, prefix: str, file_id: UUID, size: int) -> None:
    """Note that a file is in storage; one that was to be removed stays."""
    key = f"{prefix}-{file_id}"
    values = {"bucket": bucket, "prefix": prefix, "file_id": str(file_id), "key": key, "size": size}
    kept = {"size": size, "deleted_at": None, "purged_at": None, "updated_at": now()}
    statement = insert(StoredFile).values(values)
    await session.execute(statement.on_conflict_do_update(constraint="stored_file_uc", set_=kept))


async def register_all(session: AsyncSession, file_id: UUID, sizes: Mapping[tuple[str, str], int]) -> None:
    """Note that files of one thing are in storage: their sizes in bytes by bucket and prefix."""
    if not sizes:
        return
    rows = [
        {
            "bucket": bucket,
            "prefix": prefix,
            "file_id": str(file_id),
            "key": f"{prefix}-{file_id}",
            "size": size,
        }
        for (bucket, prefix), size in sorted(sizes.items())
    ]
    statement = insert(StoredFile).values(rows)
    kept = {"size": statement.excluded.size, "deleted_at": None, "purged_at": None, "updated_at": now()}
    await session.execute(statement.on_conflict_do_update(constraint="stored_file_uc", set_=kept))


async def note_purged(session: AsyncSession, file_id: UUID, places: Collection[tuple[str, str]]) -> None:
    """Note that files of one thing were removed from storage at once, without waiting for the purge."""
    moment = now()
    gone = tuple_(StoredFile.bucket, StoredFile.prefix).in_(list(places))
    change = update(StoredFile).where(StoredFile.file_id == str(file_id), gone)
    await session.execute(
        change.values(deleted_at=moment, purged_at=moment, purge_forced=True, updated_at=moment)
    )


async def forget(session: AsyncSession, bucket: str, prefix: str, file_ids: Collection[UUID]) -> None:
    """Note that files are to be removed from storage; the purge takes it from there."""
    if not file_ids:
        return
    moment = now()
    rows = [
        {
            "bucket": bucket,
            "prefix": prefix,
            "file_id": str(id),
            "key": f"{prefix}-{id}",
            "deleted_at": moment,
        }
        for id in file_ids
    ]
    statement = insert(StoredFile).values(rows)
    marks = {"deleted_at": moment, "updated_at": moment}
    await session.execute(statement.on_conflict_do_update(constraint="stored_file_uc", set_=marks))


async def forget_known(session: AsyncSession, bucket: str, prefix: str, file_ids: Collection[UUID]) -> None:
    """Note that those of the files which the register knows are to be removed from storage."""
    if not file_ids:
        return
    moment, ids = now(), [str(id) for id in file_ids]
    known = (StoredFile.bucket == bucket, StoredFile.prefix == prefix, StoredFile.file_id.in_(ids))
    await session.execute(update(StoredFile).where(*known).values(deleted_at=moment, updated_at=moment))
