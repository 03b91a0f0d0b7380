"""Budgets of productions."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, RootModel

from kitsu_api.schemas.base import (
    INTEGER_LIMIT,
    Day,
    Integer,
    JsonDocument,
    JsonObject,
    Number,
    OptionalId,
    Payload,
    RecordRead,
    Schema,
    Text,
)

Position = Literal["supervisor", "lead", "artist"]
Seniority = Literal["senior", "mid", "junior"]
Months = Annotated[int, Field(ge=0, le=INTEGER_LIMIT)]
Salary = Annotated[float, Field(ge=0, allow_inf_nan=False, description="What a day of work costs.")]


class BudgetEntryRead(RecordRead):
    """A budget entry."""

    budget_id: UUID
    department_id: UUID
    person_id: UUID | None = None
    start_date: Day
    months_duration: int
    daily_salary: float
    position: Literal["supervisor", "lead", "artist"] | None = None
    seniority: Literal["senior", "mid", "junior"] | None = None
    exceptions: JsonDocument = None


class BudgetEntryCreate(Payload):
    """A budget entry to make."""

    budget_id: UUID
    department_id: UUID
    person_id: OptionalId = None
    start_date: Day
    months_duration: Integer
    daily_salary: Number
    position: Literal["supervisor", "lead", "artist"] | None = None
    seniority: Literal["senior", "mid", "junior"] | None = None
    exceptions: JsonDocument = None


class BudgetEntryUpdate(Payload):
    """What may change of a budget entry; what is absent stays."""

    budget_id: OptionalId = None
    department_id: OptionalId = None
    person_id: OptionalId = None
    start_date: Day | None = None
    months_duration: Integer | None = None
    daily_salary: Number | None = None
    position: Literal["supervisor", "lead", "artist"] | None = None
    seniority: Literal["senior", "mid", "junior"] | None = None
    exceptions: JsonDocument = None


class BudgetRead(RecordRead):
    """A budget."""

    project_id: UUID | None = None
    revision: int
    name: str
    currency: str | None = None


class BudgetCreate(Payload):
    """A budget to make."""

    project_id: OptionalId = None
    revision: Integer | None = None
    name: Annotated[Text, Field(max_length=255)]
    currency: Annotated[Text, Field(max_length=3)] | None = None


class BudgetUpdate(Payload):
    """What may change of a budget; what is absent stays."""

    project_id: OptionalId = None
    revision: Integer | None = None
    name: Annotated[Text, Field(max_length=255)] | None = None
    currency: Annotated[Text, Field(max_length=3)] | None = None


class BudgetWish(Payload):
    """A budget to make in a production."""

    name: Annotated[Text, Field(min_length=1, max_length=255)]
    currency: Annotated[Text, Field(max_length=3, description="Code of ISO 4217.")] | None = "USD"


class BudgetChange(Payload):
    """What may change of a budget; what is absent or null stays."""

    name: Annotated[Text, Field(min_length=1, max_length=255)] | None = None
    currency: Annotated[Text, Field(max_length=3, description="Code of ISO 4217.")] | None = None


class BudgetEntryWish(Payload):
    """An entry to add to a budget: somebody of a department, or nobody in particular yet.

    Null stands for what is usual.
    """

    department_id: UUID
    person_id: OptionalId = None
    start_date: Day
    months_duration: Months
    daily_salary: Salary
    position: Position | None = "artist"
    seniority: Seniority | None = "mid"
    exceptions: JsonObject | None = Field(
        default=None, description="Months that cost something else, by their name."
    )


class BudgetEntryChange(Payload):
    """An entry as it shall be: position and seniority are cleared when absent, all else stays."""

    department_id: OptionalId = None
    person_id: OptionalId = None
    start_date: Day | None = None
    months_duration: Months | None = None
    daily_salary: Salary | None = None
    position: Position | None = None
    seniority: Seniority | None = None
    exceptions: JsonObject | None = None


class BudgetEntryRow(Schema):
    """An entry in a list."""

    id: UUID
    budget_id: UUID
    department_id: UUID
    person_id: UUID | None = None
    start_date: Day
    months_duration: int
    daily_salary: float
    position: Position | None = None
    seniority: Seniority | None = None
    exceptions: JsonDocument = None


class BudgetTimeSpents(RootModel[dict[str, dict[str, dict[str, float]]]]):
    """Minutes by department of the task type (`none` for those without), person and month (`2026-03`)."""


def changes_of(payload: BudgetEntryChange) -> dict[str, object]:
    """The columns to set; null clears what may be empty and leaves the rest as it is."""
    values = payload.model_dump(exclude_unset=True)
    clearable = ("person_id", "position", "seniority")
    kept = {name: value for name, value in values.items() if value is not None or name in clearable}
    return {**kept, "position": payload.position, "seniority": payload.seniority}
