"""Saved searches of one person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import SearchFilter, SearchFilterGroup
from kitsu_api.db.projection import Projection
from kitsu_api.db.repositories.user_context import Viewer, filters_by_list


async def filters_json(session: AsyncSession, projection: Projection, viewer: Viewer) -> bytes:
    """Searches by list and production: the viewer's own, and those shared with them."""
    text = await session.scalar(select(cast(filters_by_list(projection, viewer), Text)))
    return str(text or "{}").encode()


class UserFilters:
    """Searches, and groups of searches, that one person saved; without `of_person`, those of everybody."""

    def __init__(self, session: AsyncSession, of_person: UUID | None) -> None:
        self.session = session
        self.of_person = of_person

    async def _find(self, model: Any, id: UUID) -> Any:
        query = select(model).where(model.id == id)
        if self.of_person is not None:
            query = query.where(model.person_id == self.of_person)
        return (await self.session.scalars(query.with_for_update())).one_or_none()

    async def find_filter(self, id: UUID) -> SearchFilter | None:
        """A search of this person; None when there is no such."""
        found: SearchFilter | None = await self._find(SearchFilter, id)
        return found

    async def find_group(self, id: UUID) -> SearchFilterGroup | None:
        """A group of searches of this person; None when there is no such."""
        found: SearchFilterGroup | None = await self._find(SearchFilterGroup, id)
        return found

    async def clear_group(self, group_id: UUID) -> None:
        """Delete the searches of a group."""
        await self.session.execute(
            delete(SearchFilter).where(SearchFilter.search_filter_group_id == group_id)
        )

    async def share_group(self, group_id: UUID, project_id: UUID | None, *, shared: bool) -> None:
        """Share the searches of a group that are of its production, or share none of the group any more."""
        held = update(SearchFilter).where(
            SearchFilter.search_filter_group_id == group_id, SearchFilter.is_shared.is_(not shared)
        )
        if shared:
            held = held.where(SearchFilter.project_id == project_id)
        await self.session.execute(held.values(is_shared=shared, updated_at=now()))
