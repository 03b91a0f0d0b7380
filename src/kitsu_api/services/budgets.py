"""Budgets of productions: what people are to cost, and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Budget, BudgetEntry, Department, Person, SalaryScale
from kitsu_api.db.repositories.budgets import BudgetRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest
from kitsu_api.events import Event, record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.budgets import BudgetTimeSpents, BudgetWish
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]

NO_DEPARTMENT = "none"
"""The key of time spent on tasks whose type has no department."""


def _budget_event(budget: Budget, action: str) -> Event:
    event = record_event("budget", action, budget.id, budget.project_id)
    return replace(event, for_managers=True)


def _entry_event(budget: Budget, entry_id: UUID, action: str) -> Event:
    event = record_event("budget-entry", action, entry_id, budget.project_id, budget_id=budget.id)
    return replace(event, for_managers=True)


async def announce(session: AsyncSession, budget: Budget, action: str) -> Event:
    """The event of a budget, for those who may see it."""
    return _budget_event(budget, action)


async def announce_entry(session: AsyncSession, entry: BudgetEntry, action: str) -> Event:
    """The event of an entry, for those who may see it; the log names no production."""
    audience = await BudgetRepository(session).project_of(entry.budget_id)
    return replace(record_event("budget-entry", action, entry.id), audience=audience, for_managers=True)


async def announce_salary_scale(session: AsyncSession, scale: SalaryScale, action: str) -> Event:
    """The event of a salary scale, for admins: nobody else reads them."""
    return replace(record_event("salary-scale", action, scale.id), for_managers=True)


async def deleting(uow: UnitOfWork, actor: Actor, budget: Budget) -> None:
    """The entries go with their budget."""
    await BudgetRepository(uow.session).delete_entries(budget.id)


async def create(uow: UnitOfWork, project_id: UUID, wish: BudgetWish) -> UUID:
    """Add a budget to a production, as its next revision; its id."""
    revision = await BudgetRepository(uow.session).next_revision(project_id)
    values = {"name": wish.name, "currency": wish.currency or "USD", "revision": revision}
    budget = await Records(uow.session, Budget).add({**values, "project_id": project_id})
    uow.emit(_budget_event(budget, "create"))
    return budget.id


async def change(uow: UnitOfWork, budget: Budget, values: Values) -> None:
    """Change name or currency; null leaves them as they are."""
    changes = {name: value for name, value in values.items() if value is not None}
    await Records(uow.session, Budget).change(budget, changes)
    uow.emit(_budget_event(budget, "update"))


async def remove(uow: UnitOfWork, budget: Budget) -> None:
    """Delete a budget with its entries."""
    await BudgetRepository(uow.session).delete_entries(budget.id)
    uow.emit(_budget_event(budget, "delete"))
    await Records(uow.session, Budget).delete(budget)


async def _check_references(uow: UnitOfWork, values: Values) -> None:
    for name, model in (("department_id", Department), ("person_id", Person)):
        id = values.get(name)
        if id is not None and not await Records(uow.session, model).exists(model.id == id):
            raise BadRequest(f"{name}: there is no such {name.removesuffix('_id')}.")


async def add_entry(uow: UnitOfWork, budget: Budget, values: Values) -> UUID:
    """Add an entry to a budget; its id.

    Raises:
        BadRequest: the department or the person does not exist.
    """
    await _check_references(uow, values)
    values = {**values, "exceptions": values.get("exceptions") or {}, "budget_id": budget.id}
    entry = await Records(uow.session, BudgetEntry).add(values)
    uow.emit(_entry_event(budget, entry.id, "create"))
    return entry.id


async def change_entry(uow: UnitOfWork, budget: Budget, entry: BudgetEntry, values: Values) -> None:
    """Change an entry.

    Raises:
        BadRequest: the department or the person does not exist.
    """
    await _check_references(uow, values)
    await Records(uow.session, BudgetEntry).change(entry, values)
    uow.emit(_entry_event(budget, entry.id, "update"))


async def remove_entry(uow: UnitOfWork, budget: Budget, entry: BudgetEntry) -> None:
    """Delete an entry."""
    uow.emit(_entry_event(budget, entry.id, "delete"))
    await Records(uow.session, BudgetEntry).delete(entry)


def time_table(rows: Iterable[tuple[UUID | None, UUID, str, float]]) -> BudgetTimeSpents:
    """Minutes by department, person and month."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for department_id, person_id, month, minutes in rows:
        people = table.setdefault(str(department_id or NO_DEPARTMENT), {})
        people.setdefault(str(person_id), {})[month] = minutes
    return BudgetTimeSpents(table)
