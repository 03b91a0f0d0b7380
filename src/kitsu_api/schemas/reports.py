"""Reports: what is asked, and what comes of it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, PlainSerializer, model_validator

from kitsu_api.schemas.base import Day, Payload, Schema, Text

ReportKind = Literal["burndown", "velocity", "retakes", "workload"]
Step = Literal["day", "week"]
ChartFormat = Literal["svg", "png"]
Every = Literal["day", "week"]

Measure = Literal[
    "open",
    "ideal",
    "open_minutes",
    "finished",
    "finished_minutes",
    "retakes",
    "judged",
    "planned_minutes",
    "spent_minutes",
]
Unit = Literal["tasks", "minutes", "changes"]

DAYS_AT_MOST = 366
WEEKS_AT_MOST = 520
NAMED_AT_MOST = 200

KINDS_ABOUT = (
    "`burndown`: what is left to do; `velocity`: what was finished; `retakes`: how often work was sent back;"
    " `workload`: work that is planned and time that was noted. The last three by department."
)
Seconds = Annotated[
    dt.datetime, PlainSerializer(lambda moment: moment.isoformat(timespec="seconds"), return_type=str)
]


class ReportFilters(Payload):
    """What a report counts. Periods are days or weeks (from Monday), by UTC."""

    step: Step = Field(default="week", description="How long a period is.")
    periods: int = Field(
        default=12, ge=1, le=WEEKS_AT_MOST, description="How many, up to today; unless `first` is there."
    )
    first: Day | None = Field(default=None, description="The first day; absent: it moves along with today.")
    last: Day | None = Field(default=None, description="The last day, with `first`; absent: today.")
    department_ids: Annotated[list[UUID], Field(max_length=NAMED_AT_MOST)] = Field(
        default=[], description="Only tasks of these departments, as task types have them; none: all."
    )
    task_type_ids: Annotated[list[UUID], Field(max_length=NAMED_AT_MOST)] = Field(
        default=[], description="Only tasks of these types; none: all."
    )

    @model_validator(mode="after")
    def _of_a_length(self) -> Self:
        """A report that can be drawn and read."""
        most = DAYS_AT_MOST if self.step == "day" else WEEKS_AT_MOST
        if self.periods > most:
            raise ValueError(f"a report has {most} {self.step}s at most")
        if self.last is not None and self.first is None:
            raise ValueError("last is only taken together with first")
        if self.first is not None and self.last is not None:
            if self.last < self.first:
                raise ValueError("last lies before first")
            if (self.last - self.first).days >= most * (1 if self.step == "day" else 7):
                raise ValueError(f"a report has {most} {self.step}s at most")
        if self.first is not None and not 1900 <= self.first.year <= 2900:
            raise ValueError("first lies too far away")
        return self


class ReportCreate(Payload):
    """A report to keep."""

    name: Annotated[Text, Field(min_length=1, max_length=80)]
    kind: ReportKind = Field(description=KINDS_ABOUT)
    project_id: UUID
    shared: bool = Field(default=False, description="For all who oversee the production, or for oneself.")
    filters: ReportFilters = ReportFilters()


class ReportUpdate(Payload):
    """What may change of a report; what is absent stays."""

    name: Annotated[Text, Field(min_length=1, max_length=80)] | None = None
    kind: ReportKind | None = Field(default=None, description=KINDS_ABOUT)
    shared: bool | None = None
    filters: ReportFilters | None = Field(default=None, description="All of them anew.")


class ReportRead(Schema):
    """A report that is kept."""

    id: UUID
    name: str
    kind: ReportKind = Field(description=KINDS_ABOUT)
    project_id: UUID
    owner_id: UUID
    shared: bool
    filters: ReportFilters
    created_at: Seconds
    updated_at: Seconds


class ReportSeries(Schema):
    """One measure of one group, period by period."""

    measure: Measure
    unit: Unit
    department_id: UUID | None = Field(
        default=None, description="Null: of all, or of task types that have none."
    )
    department: str | None = None
    values: list[float] = Field(description="One for each period.")


class ReportData(Schema):
    """What a report says now."""

    kind: ReportKind
    name: str
    project_id: UUID
    project: str
    step: Step
    periods: list[Day] = Field(description="The first day of each, in order.")
    series: list[ReportSeries]


class ChartWish(Payload):
    """A chart to draw."""

    format: ChartFormat = "svg"


class SubscriptionWish(Payload):
    """How often a report is mailed."""

    every: Every = Field(description="`day`: each morning; `week`: on Mondays; at six, UTC.")


class ReportSubscriptionRead(Schema):
    """A report that is mailed to the caller."""

    report_id: UUID
    every: Every
    next_at: Seconds = Field(description="When the next mail is due, UTC.")
