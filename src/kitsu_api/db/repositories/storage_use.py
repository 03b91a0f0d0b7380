"""How many bytes people and productions have in storage."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import KeptFile, StorageUse, StoredFile, Upload
from kitsu_api.db.repositories.jobs import PRESENT


async def bytes_of(session: AsyncSession, owner_ids: Collection[UUID]) -> dict[UUID, int]:
    """The bytes that persons or productions have in storage."""
    query = (
        select(StorageUse.owner_id, func.sum(StorageUse.bytes))
        .where(StorageUse.owner_id.in_(owner_ids))
        .group_by(StorageUse.owner_id)
    )
    return {owner_id: int(total) for owner_id, total in await session.execute(query)}


async def open_bytes_of(session: AsyncSession, person_id: UUID) -> int:
    """The bytes that a person's unfinished resumable uploads have or will have."""
    query = select(func.coalesce(func.sum(Upload.size), 0)).where(
        Upload.owner_id == person_id, Upload.expires_at > PRESENT
    )
    return int(await session.scalar(query) or 0)


async def owners_of(session: AsyncSession, file_ids: Collection[UUID]) -> tuple[set[UUID], set[UUID]]:
    """The people and the productions whose these things' files are, by the ids of the things."""
    query = (
        select(KeptFile.person_id, KeptFile.project_id)
        .join(StoredFile, StoredFile.id == KeptFile.id)
        .where(StoredFile.file_id.in_([str(id) for id in file_ids]))
        .distinct()
    )
    rows = (await session.execute(query)).all()
    return {row.person_id for row in rows if row.person_id}, {
        row.project_id for row in rows if row.project_id
    }


async def add_up(session: AsyncSession) -> int:
    """Put one row in the place of all changes of each owner that there are; how many rows went.

    Rows that are committed meanwhile by others are left for the next time.
    """
    gone = delete(StorageUse).returning(StorageUse.owner_id, StorageUse.bytes)
    several = (
        select(StorageUse.owner_id).group_by(StorageUse.owner_id).having(func.count() > 1).scalar_subquery()
    )
    rows = (await session.execute(gone.where(StorageUse.owner_id.in_(several)))).all()
    totals: dict[UUID, int] = {}
    for owner_id, size in rows:
        totals[owner_id] = totals.get(owner_id, 0) + size
    kept = [{"owner_id": owner_id, "bytes": size} for owner_id, size in totals.items() if size]
    if kept:
        await session.execute(insert(StorageUse), kept)
    return len(rows)
