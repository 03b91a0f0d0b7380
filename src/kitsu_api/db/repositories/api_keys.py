"""API keys, by owner, and when they were used."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import ApiKey, Person, Project


class ApiKeys:
    """Keys of people and bots."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of(self, person_id: UUID | None) -> list[ApiKey]:
        """The keys of somebody, by name; of everybody for None."""
        query = select(ApiKey).order_by(ApiKey.name, ApiKey.id)
        if person_id is not None:
            query = query.where(ApiKey.person_id == person_id)
        return list((await self.session.scalars(query)).all())

    async def locked(self, id: UUID) -> tuple[ApiKey, bool] | None:
        """A key, locked, and whether it is a bot's; None when there is none."""
        query = (
            select(ApiKey, Person.is_bot)
            .join(Person, Person.id == ApiKey.person_id)
            .where(ApiKey.id == id)
            .with_for_update(of=ApiKey)
        )
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else (row[0], bool(row[1]))

    async def is_bot(self, person_id: UUID) -> bool:
        """Whether there is such a bot."""
        query = select(Person.id).where(Person.id == person_id, Person.is_bot.is_(True))
        return await self.session.scalar(query) is not None

    async def count_of(self, person_id: UUID) -> int:
        """How many keys somebody has."""
        query = select(func.count()).select_from(ApiKey).where(ApiKey.person_id == person_id)
        return int(await self.session.scalar(query) or 0)

    async def known_projects(self, ids: Collection[UUID]) -> set[UUID]:
        """Those of the ids that are productions."""
        return set((await self.session.scalars(select(Project.id).where(Project.id.in_(list(ids))))).all())

    async def touch(self, id: UUID, every: timedelta) -> None:
        """Note that a key is used, unless that was noted less than this long ago."""
        moment = now()
        older = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= moment - every)
        await self.session.execute(
            update(ApiKey)
            .where(ApiKey.id == id, older)
            .values(last_used_at=moment, updated_at=ApiKey.updated_at)
            .execution_options(synchronize_session=False)
        )
