"""The register of files in storage."""

from __future__ import annotations

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
