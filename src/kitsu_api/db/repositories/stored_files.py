"""The register of files in storage."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

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
