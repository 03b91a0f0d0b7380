"""Queries on budgets, their entries, and the time that they are compared with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Budget, BudgetEntry, Project, Task, TaskType, TimeSpent
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import BUDGET, BUDGET_ENTRY

LEFT_OUT_OF_LISTS = frozenset({"created_at", "updated_at", "type"})
"""Columns that lists of entries do without."""


class BudgetRepository:
    """Budgets of productions."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def list_json(self, project_id: UUID) -> bytes:
        """The budgets of a production, by revision."""
        query = select(*BUDGET.columns().values()).where(Budget.project_id == project_id)
        return await json_array(self.session, query.order_by(Budget.revision, Budget.created_at, Budget.id))

    async def entries_json(self, budget_id: UUID) -> bytes:
        """The entries of a budget, in the order in which they were made."""
        columns = [column for name, column in BUDGET_ENTRY.columns().items() if name not in LEFT_OUT_OF_LISTS]
        query = select(*columns).where(BudgetEntry.budget_id == budget_id)
        return await json_array(self.session, query.order_by(BudgetEntry.created_at, BudgetEntry.id))

    async def find(self, project_id: UUID, budget_id: UUID) -> Budget | None:
        """A budget of a production; None when it is of another, or not there."""
        budget = await self.session.get(Budget, budget_id)
        return budget if budget is not None and budget.project_id == project_id else None

    async def find_entry(self, budget_id: UUID, entry_id: UUID) -> BudgetEntry | None:
        """An entry of a budget; None when it is of another, or not there."""
        entry = await self.session.get(BudgetEntry, entry_id)
        return entry if entry is not None and entry.budget_id == budget_id else None

    async def next_revision(self, project_id: UUID) -> int:
        """The number of the next budget, from 1; two that ask at a time get two numbers."""
        await self.session.execute(
            select(Project.id).where(Project.id == project_id).with_for_update(key_share=True)
        )
        last = await self.session.scalar(
            select(func.max(Budget.revision)).where(Budget.project_id == project_id)
        )
        return (last or 0) + 1

    async def project_of(self, budget_id: UUID) -> UUID | None:
        """The production of a budget."""
        project_id: UUID | None = await self.session.scalar(
            select(Budget.project_id).where(Budget.id == budget_id)
        )
        return project_id

    async def delete_entries(self, budget_id: UUID) -> None:
        """Delete the entries of a budget."""
        await self.session.execute(delete(BudgetEntry).where(BudgetEntry.budget_id == budget_id))

    async def time_spents(self, project_id: UUID) -> list[tuple[UUID | None, UUID, str, float]]:
        """Department, person, month (`2026-03`) and minutes noted for tasks of a production."""
        month = func.to_char(TimeSpent.date, "YYYY-MM")
        columns: list[Any] = [TaskType.department_id, TimeSpent.person_id, month]
        query = (
            select(*columns, func.sum(TimeSpent.duration))
            .join(Task, Task.id == TimeSpent.task_id)
            .outerjoin(TaskType, TaskType.id == Task.task_type_id)
            .where(Task.project_id == project_id, TimeSpent.person_id.is_not(None))
            .group_by(*columns)
            .order_by(*columns)
        )
        return [(row[0], row[1], row[2], row[3]) for row in (await self.session.execute(query)).all()]
