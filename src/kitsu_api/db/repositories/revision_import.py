"""The newest revision of a task with its files, to be taken over by another task."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import PreviewFile, StoredFile

Place = tuple[str, str]
"""A bucket and a prefix."""


async def newest_revision(session: AsyncSession, task_id: UUID) -> list[PreviewFile]:
    """The previews of the newest revision of a task, in their order, whether they are ready or not."""
    own = PreviewFile.task_id == task_id
    newest = select(func.max(PreviewFile.revision)).where(own).scalar_subquery()
    query = select(PreviewFile).where(own, PreviewFile.revision == newest)
    return list((await session.scalars(query.order_by(PreviewFile.position, PreviewFile.created_at))).all())


async def stored_places(
    session: AsyncSession, preview_ids: Collection[UUID], places: Collection[Place]
) -> dict[UUID, list[Place]]:
    """Which of these places hold a file of each preview, as the register has it."""
    query = select(StoredFile.file_id, StoredFile.bucket, StoredFile.prefix).where(
        StoredFile.file_id.in_([str(id) for id in preview_ids]),
        tuple_(StoredFile.bucket, StoredFile.prefix).in_(list(places)),
        StoredFile.deleted_at.is_(None),
    )
    found: dict[UUID, list[Place]] = {id: [] for id in preview_ids}
    for file_id, bucket, prefix in (await session.execute(query)).all():
        found[UUID(file_id)].append((bucket, prefix))
    return found
