"""Budgets of a production: money is for those who run it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Budget, BudgetEntry
from kitsu_api.db.projections import BUDGET, BUDGET_ENTRY
from kitsu_api.db.repositories.budgets import BudgetRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import ManagedProject
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import budgets as s
from kitsu_api.services import budgets as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/data/projects/{project_id}/budgets",
    tags=["Budgets"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
)


async def _budget(project_id: ManagedProject, budget_id: UUID, session: Session) -> Budget:
    budget = await BudgetRepository(session).find(project_id, budget_id)
    if budget is None:
        raise NotFound
    return budget


BudgetOfProject = Annotated[Budget, Depends(_budget, scope="function")]


async def _entry(budget: BudgetOfProject, entry_id: UUID, session: Session) -> BudgetEntry:
    entry = await BudgetRepository(session).find_entry(budget.id, entry_id)
    if entry is None:
        raise NotFound
    return entry


EntryOfBudget = Annotated[BudgetEntry, Depends(_entry, scope="function")]


async def _one_budget(session: Session, id: UUID) -> Response:
    row = await Records(session, Budget).one_json(BUDGET, id)
    assert row is not None
    return json_response(row)


async def _one_entry(session: Session, id: UUID) -> Response:
    row = await Records(session, BudgetEntry).one_json(BUDGET_ENTRY, id)
    assert row is not None
    return json_response(row)


@router.get(
    "",
    response_model=list[s.BudgetRead],
    operation_id="list_budgets_of_project",
    summary="List budgets of a project",
)
async def list_budgets(project_id: ManagedProject, session: Listing) -> Response:
    """The budgets of a production, by revision."""
    return json_response(await BudgetRepository(session).list_json(project_id))


@router.post(
    "",
    response_model=s.BudgetRead,
    operation_id="create_budget_of_project",
    summary="Create a budget of a project",
)
async def create_budget(project_id: ManagedProject, payload: s.BudgetWish, uow: Uow) -> Response:
    """Add a budget; it is the next revision of those of the production."""
    return await _one_budget(uow.session, await service.create(uow, project_id, payload))


@router.get(
    "/time-spents",
    response_model=s.BudgetTimeSpents,
    operation_id="get_budget_time_spents_of_project",
    summary="Get time spent to compare budgets with",
)
async def get_time_spents(project_id: ManagedProject, session: Session) -> s.BudgetTimeSpents:
    """The minutes noted in a production, by department, person and month."""
    return service.time_table(await BudgetRepository(session).time_spents(project_id))


@router.get(
    "/{budget_id}",
    response_model=s.BudgetRead,
    operation_id="get_budget_of_project",
    summary="Get a budget of a project",
)
async def get_budget(budget: BudgetOfProject, session: Session) -> Response:
    """One budget."""
    return await _one_budget(session, budget.id)


@router.put(
    "/{budget_id}",
    response_model=s.BudgetRead,
    operation_id="update_budget_of_project",
    summary="Update a budget of a project",
)
async def update_budget(budget: BudgetOfProject, payload: s.BudgetChange, uow: Uow) -> Response:
    """Change name or currency of a budget."""
    await service.change(uow, budget, payload.model_dump(exclude_unset=True))
    return await _one_budget(uow.session, budget.id)


@router.delete(
    "/{budget_id}",
    status_code=204,
    operation_id="delete_budget_of_project",
    summary="Delete a budget of a project",
)
async def delete_budget(budget: BudgetOfProject, uow: Uow) -> Response:
    """Delete a budget with its entries."""
    await service.remove(uow, budget)
    return Response(status_code=204)


@router.get(
    "/{budget_id}/entries",
    response_model=list[s.BudgetEntryRow],
    operation_id="list_entries_of_budget",
    summary="List entries of a budget",
)
async def list_entries(budget: BudgetOfProject, session: Listing) -> Response:
    """The entries of a budget, in the order in which they were made."""
    return json_response(await BudgetRepository(session).entries_json(budget.id))


@router.post(
    "/{budget_id}/entries",
    response_model=s.BudgetEntryRead,
    operation_id="create_entry_of_budget",
    summary="Create an entry of a budget",
)
async def create_entry(budget: BudgetOfProject, payload: s.BudgetEntryWish, uow: Uow) -> Response:
    """Add somebody, or a position to fill, to a budget."""
    return await _one_entry(uow.session, await service.add_entry(uow, budget, payload.model_dump()))


@router.get(
    "/{budget_id}/entries/{entry_id}",
    response_model=s.BudgetEntryRead,
    operation_id="get_entry_of_budget",
    summary="Get an entry of a budget",
)
async def get_entry(entry: EntryOfBudget, session: Session) -> Response:
    """One entry."""
    return await _one_entry(session, entry.id)


@router.put(
    "/{budget_id}/entries/{entry_id}",
    response_model=s.BudgetEntryRead,
    operation_id="update_entry_of_budget",
    summary="Update an entry of a budget",
)
async def update_entry(
    budget: BudgetOfProject, entry: EntryOfBudget, payload: s.BudgetEntryChange, uow: Uow
) -> Response:
    """Change an entry; position and seniority are cleared when they are not sent."""
    await service.change_entry(uow, budget, entry, s.changes_of(payload))
    return await _one_entry(uow.session, entry.id)


@router.delete(
    "/{budget_id}/entries/{entry_id}",
    status_code=204,
    operation_id="delete_entry_of_budget",
    summary="Delete an entry of a budget",
)
async def delete_entry(budget: BudgetOfProject, entry: EntryOfBudget, uow: Uow) -> Response:
    """Take an entry out of a budget."""
    await service.remove_entry(uow, budget, entry)
    return Response(status_code=204)
