"""Saved searches of one person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import SearchFilter, SearchFilterGroup
from kitsu_api.db.projection import Projection
from kitsu_api.db.repositories.user_context import Viewer, filters_by_list


async def filters_json(session: AsyncSession, projection: Projection, viewer: Viewer) -> bytes:
    """Searches by list and production: the viewer's own, and those shared with them."""
    text = await session.scalar(select(cast(filters_by_list(projection, viewer), Text)))
    return str(text or "{}").encode()


class UserFilters:
    """Searches, and groups of searches, that one person saved."""

    def __init__(self, session: AsyncSession, person_id: UUID | None) -> None:
        self.session = session
        self.person_id = person_id

    async def _find(self, model: Any, id: UUID) -> Any:
        query = select(model).where(model.id == id, model.person_id == self.person_id)
        return (await self.session.scalars(query.with_for_update())).one_or_none()

    async def find_filter(self, id: UUID) -> SearchFilter | None:
        """A search of this person; None when there is no such."""
        found: SearchFilter | None = await self._find(SearchFilter, id)
        return found

    async def find_group(self, id: UUID) -> SearchFilterGroup | None:
        """A group of searches of this person; None when there is no such."""
        found: SearchFilterGroup | None = await self._find(SearchFilterGroup, id)
        return found

    async def empty_group(self, group_id: UUID) -> None:
        """Take all searches out of a group."""
        await self.session.execute(
            update(SearchFilter)
            .where(SearchFilter.search_filter_group_id == group_id)
            .values(search_filter_group_id=None)
        )
