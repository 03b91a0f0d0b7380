"""Queries on the studio's library: salary scales, schedule items, register of stored files."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import Department, SalaryScale, StoredFile
from kitsu_api.db.repositories.stored_files import forget_forms

POSITIONS = ("supervisor", "lead", "artist")
SENIORITIES = ("senior", "mid", "junior")

SCALES_LOCK = 0x6B697453
"""Key of the advisory lock under which missing salary scales are made."""


class SalaryScaleRepository:
    """What a day of work costs, by department, position and seniority."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def _missing(self) -> Sequence[tuple[UUID, str, str]]:
        scales = select(SalaryScale.department_id, SalaryScale.position, SalaryScale.seniority)
        present = {tuple(row) for row in (await self.session.execute(scales)).all()}
        departments = (
            await self.session.scalars(select(Department.id).order_by(Department.created_at))
        ).all()
        wanted = product(departments, POSITIONS, SENIORITIES)
        return [scale for scale in wanted if scale not in present]

    async def complete(self) -> bool:
        """Add the scales that departments lack, with a salary of 0; False when none was missing."""
        if not await self._missing():
            return False
        await self.session.execute(select(func.pg_advisory_xact_lock(SCALES_LOCK)))
        self.session.add_all(
            SalaryScale(department_id=department, position=position, seniority=seniority, salary=0)
            for department, position, seniority in await self._missing()
        )
        await self.session.flush()
        return True


async def mark_deleted(session: AsyncSession, bucket: str, prefixes: Sequence[str], file_id: UUID) -> None:
    """Note in the register that files are to be removed from storage; the purge takes it from there."""
    moment = now()
    rows = [
        {
            "bucket": bucket,
            "prefix": prefix,
            "file_id": str(file_id),
            "key": f"{prefix}-{file_id}",
            "deleted_at": moment,
        }
        for prefix in prefixes
    ]
    statement = insert(StoredFile).values(rows)
    await session.execute(
        statement.on_conflict_do_update(
            constraint="stored_file_uc", set_={"deleted_at": moment, "updated_at": moment}
        )
    )
    if bucket == "pictures":
        await forget_forms(session, file_id)
