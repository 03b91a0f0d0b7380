"""What is here of files that another instance has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import Record
from kitsu_api.db.models import StoredFile
from kitsu_api.db.repositories.row_copies import ids_array


async def known_rows(session: AsyncSession, model: type[Record], ids: Collection[UUID]) -> set[UUID]:
    """Those of these ids that a table has rows of."""
    return set(await session.scalars(select(model.id).where(model.id == func.any(ids_array(ids)))))


async def registered_sizes(
    session: AsyncSession, keys: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], int | None]:
    """The sizes in bytes of files that are in storage and are to stay, by bucket and key; None is one that
    nobody has noted. What the register does not know is absent."""
    if not keys:
        return {}
    query = select(StoredFile.bucket, StoredFile.key, StoredFile.size).where(
        tuple_(StoredFile.bucket, StoredFile.key).in_(list(keys)), StoredFile.deleted_at.is_(None)
    )
    return {(row[0], row[1]): row[2] for row in await session.execute(query)}
