"""Budgets of productions."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Day, Integer, JsonDocument, Number, OptionalId, Payload, RecordRead, Text


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
