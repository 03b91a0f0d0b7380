"""The order of task types and statuses: in the library, and in one production."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import TaskType
from kitsu_api.db.projection import Projection, json_array
from kitsu_api.db.projections import TASK_TYPE
from kitsu_api.db.repositories.project_settings import Setting


class Order:
    """Rows that have a `priority`, from 1."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_links(self, project_id: UUID, setting: Setting, ids: Sequence[UUID]) -> bytes:
        """Number what a production has of the library in this order; these links as JSON.

        Ids that the production has not are left out; what is not named keeps its place.
        """
        table = setting.table
        key = getattr(table, setting.column)
        projection = Projection(table, table.__name__)
        await self._number(table, key, ids, table.project_id == project_id)
        return await self._listed(projection, key, ids, table.project_id == project_id)

    async def of_task_types(self, ids: Sequence[UUID]) -> tuple[list[UUID], bytes]:
        """Number task types of the library in this order; those that exist, as ids and as JSON."""
        present = await self._number(TaskType, TaskType.id, ids)
        return present, await self._listed(TASK_TYPE, TaskType.id, ids)

    async def _number(
        self, table: Any, key: Any, ids: Sequence[UUID], *where: ColumnElement[bool]
    ) -> list[UUID]:
        if not ids:
            return []
        known = set((await self.session.scalars(select(key).where(key.in_(ids), *where))).all())
        present = [id for id in dict.fromkeys(ids) if id in known]
        if present:
            places = case({id: place for place, id in enumerate(present, 1)}, value=key)
            change = update(table).where(key.in_(present), *where)
            values = {"priority": places, "updated_at": now()}
            await self.session.execute(change.values(values).execution_options(synchronize_session=False))
        return present

    async def _listed(
        self, projection: Projection, key: Any, ids: Sequence[UUID], *where: ColumnElement[bool]
    ) -> bytes:
        model: Any = projection.model
        query = select(*projection.columns().values()).where(key.in_(ids), *where)
        return await json_array(self.session, query.order_by(model.priority, key))
