"""Budgets of productions."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Json, Record


class Budget(Record):
    """Rows of `budget`."""

    __tablename__ = "budget"

    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(255))
    currency: Mapped[str | None] = mapped_column(String(3))


class BudgetEntry(Record):
    """Rows of `budget_entry`."""

    __tablename__ = "budget_entry"

    budget_id: Mapped[UUID] = mapped_column(ForeignKey("budget.id"), index=True)
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    start_date: Mapped[dt.date]
    months_duration: Mapped[int]
    daily_salary: Mapped[float]
    position: Mapped[str | None] = mapped_column(String(255), default="artist")
    seniority: Mapped[str | None] = mapped_column(String(255), default="mid")
    exceptions: Mapped[Json] = mapped_column(nullable=True)
