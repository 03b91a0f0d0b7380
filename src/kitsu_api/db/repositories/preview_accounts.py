"""Queries on the accounts with which productions are seen as their clients see them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import ApiEvent, Person, Project


class PreviewAccounts:
    """Preview accounts, at most one a production."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_project(self, project_id: UUID) -> Person | None:
        """The account of a production; None when it has none."""
        query = select(Person).where(Person.preview_project_id == project_id)
        return (await self.session.scalars(query.order_by(Person.created_at).limit(1))).first()

    async def lock_project(self, project_id: UUID) -> str:
        """The name of a production, which stays locked: two calls at once make one account."""
        query = select(Project.name).where(Project.id == project_id).with_for_update()
        return str(await self.session.scalar(query))

    async def forget(self, person_id: UUID) -> None:
        """The log keeps what an account did, without its name."""
        await self.session.execute(update(ApiEvent).where(ApiEvent.user_id == person_id).values(user_id=None))
