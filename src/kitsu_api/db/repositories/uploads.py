"""Queries on uploads that are sent in several requests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Upload, UploadPart
from kitsu_api.db.repositories.jobs import PRESENT


class Uploads:
    """Rows of `kitsu_api_upload` and of its parts."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, id: UUID) -> Upload | None:
        """An upload as it is now, unless it has expired."""
        query = select(Upload).where(Upload.id == id, Upload.expires_at > PRESENT)
        return (await self.session.scalars(query.execution_options(populate_existing=True))).one_or_none()

    async def add(self, upload: Upload) -> Upload:
        """Begin an upload."""
        self.session.add(upload)
        await self.session.flush()
        return upload

    async def open_of(self, owner_id: UUID) -> tuple[int, int]:
        """How many uploads somebody has open, and how many bytes they will have together."""
        query = select(func.count(), func.coalesce(func.sum(Upload.size), 0)).where(
            Upload.owner_id == owner_id, Upload.expires_at > PRESENT
        )
        count, size = (await self.session.execute(query)).one()
        return int(count), int(size)

    # --- one writer at a time -----------------------------------------------------------------------

    async def lock(self, id: UUID, offset: int, writer: UUID, seconds: float, *, again: bool = False) -> bool:
        """Become the one who writes from an offset, or still be (`again`); False: it is another offset, or
        somebody else writes."""
        free = or_(Upload.writer.is_(None), Upload.writer_until < PRESENT)
        free = Upload.writer == writer if again else free
        here = Upload.offset == offset
        return await self._written(
            Upload.id == id, here, free, writer=writer, writer_until=PRESENT + timedelta(seconds=seconds)
        )

    async def keep_lock(self, id: UUID, writer: UUID, seconds: float) -> bool:
        """Go on being the one who writes; False: somebody else does by now."""
        until = PRESENT + timedelta(seconds=seconds)
        return await self._written(Upload.id == id, Upload.writer == writer, writer_until=until)

    async def unlock(self, id: UUID, writer: UUID) -> None:
        """Let others write."""
        await self._written(Upload.id == id, Upload.writer == writer, writer=None, writer_until=None)

    async def reserve(self, id: UUID, part_id: UUID) -> None:
        """Note a part that is about to be stored, so that its object is found whatever happens."""
        self.session.add(UploadPart(id=part_id, upload_id=id))
        await self.session.flush()

    async def grow(
        self,
        id: UUID,
        writer: UUID,
        start: int,
        parts: Sequence[tuple[UUID, int]],
        seconds: float,
        expires_at: datetime,
    ) -> bool:
        """Have stored parts (id and size) count, one behind the other from `start`; False: somebody else
        writes by now."""
        size = sum(size for _, size in parts)
        until = PRESENT + timedelta(seconds=seconds)
        conditions = (Upload.id == id, Upload.writer == writer, Upload.offset == start)
        values = {"offset": start + size, "writer_until": until, "expires_at": expires_at}
        if not await self._written(*conditions, **values):
            return False
        starts: dict[UUID, int] = {}
        sizes = dict(parts)
        for part_id, length in parts:
            starts[part_id] = start
            start += length
        placed = (
            update(UploadPart)
            .where(UploadPart.id.in_(sizes))
            .values(start=case(starts, value=UploadPart.id), size=case(sizes, value=UploadPart.id))
        )
        await self.session.execute(placed.execution_options(synchronize_session=False))
        return True

    async def _written(self, *conditions: ColumnElement[bool], **values: object) -> bool:
        statement = update(Upload).where(*conditions).values(**values).returning(Upload.id)
        found = await self.session.scalar(statement.execution_options(synchronize_session=False))
        return found is not None

    # --- the whole and its end ------------------------------------------------------------------------

    async def parts(self, id: UUID) -> Sequence[UUID]:
        """The parts that count, in their order."""
        query = (
            select(UploadPart.id)
            .where(UploadPart.upload_id == id, UploadPart.start.is_not(None))
            .order_by(UploadPart.start)
        )
        return (await self.session.scalars(query)).all()

    async def expired(self, limit: int) -> Sequence[UUID]:
        """Uploads that nobody may go on with, locked so that one process removes them."""
        query = (
            select(Upload.id)
            .where(Upload.expires_at <= PRESENT)
            .order_by(Upload.expires_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return (await self.session.scalars(query)).all()

    async def delete(self, ids: Collection[UUID]) -> Sequence[UUID]:
        """Forget uploads; the ids of all objects that their parts have left in storage."""
        # whoever is about to add a part waits, and then finds no upload
        await self.session.execute(select(Upload.id).where(Upload.id.in_(ids)).with_for_update())
        gone = delete(UploadPart).where(UploadPart.upload_id.in_(ids)).returning(UploadPart.id)
        parts = (await self.session.scalars(gone)).all()
        ended = delete(Upload).where(Upload.id.in_(ids))
        await self.session.execute(ended.execution_options(synchronize_session=False))
        return parts

    async def drop_parts(self, ids: Collection[UUID]) -> None:
        """Forget parts that never counted."""
        await self.session.execute(delete(UploadPart).where(UploadPart.id.in_(ids)))
