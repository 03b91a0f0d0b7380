"""What a report says: its periods, and its figures period by period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import accumulate
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Report
from kitsu_api.db.repositories.report_figures import Figure, Question, ReportFigures
from kitsu_api.schemas.reports import (
    DAYS_AT_MOST,
    WEEKS_AT_MOST,
    Measure,
    ReportData,
    ReportFilters,
    ReportSeries,
    Unit,
)
from kitsu_api.services.csv_cells import Cell, sheet
from kitsu_api.services.report_texts import ReportWords

LENGTHS = {"day": 1, "week": 7}
"""Days of a period."""

UNITS: dict[Measure, Unit] = {
    "open": "tasks",
    "ideal": "tasks",
    "open_minutes": "minutes",
    "finished": "tasks",
    "finished_minutes": "minutes",
    "retakes": "changes",
    "judged": "changes",
    "planned_minutes": "minutes",
    "spent_minutes": "minutes",
}

MEASURES: dict[str, tuple[Measure, Measure]] = {
    "velocity": ("finished", "finished_minutes"),
    "retakes": ("retakes", "judged"),
    "workload": ("planned_minutes", "spent_minutes"),
}
"""What the two numbers of a figure are, for kinds that are counted by department."""

DIGITS = 2
"""Decimal places of values."""


def periods_of(filters: ReportFilters, today: dt.date) -> tuple[dt.date, ...]:
    """The first days of the periods of a report, in order; weeks begin on Monday."""
    length = LENGTHS[filters.step]
    most = DAYS_AT_MOST if filters.step == "day" else WEEKS_AT_MOST
    if filters.first is None:
        last, count = _begin(today, length), filters.periods
    else:
        last = _begin(filters.last or max(today, filters.first), length)
        count = min((last - _begin(filters.first, length)).days // length + 1, most)
    return tuple(last - dt.timedelta(days=length * back) for back in reversed(range(count)))


def _begin(day: dt.date, length: int) -> dt.date:
    return day if length == 1 else day - dt.timedelta(days=day.weekday())


def question_of(report: Report, today: dt.date) -> Question:
    """What a report asks on a day."""
    filters = ReportFilters.model_validate(report.filters)
    periods = periods_of(filters, today)
    return Question(
        report.project_id,
        filters.step,
        periods,
        periods[-1] + dt.timedelta(days=LENGTHS[filters.step]),
        filters.department_ids,
        filters.task_type_ids,
    )


async def ask(session: AsyncSession, report: Report, project: str, today: dt.date) -> ReportData:
    """What a report says, in one statement; `project` is the name of its production."""
    question = question_of(report, today)
    figures = ReportFigures(session, question)
    if report.kind == "burndown":
        series = _burndown(await figures.burndown(), question.periods)
    else:
        counted = {
            "velocity": figures.velocity,
            "retakes": figures.retakes,
            "workload": figures.workload,
        }[report.kind]
        series = _by_department(await counted(), question.periods, MEASURES[report.kind])
    return ReportData.model_validate(
        {
            "kind": report.kind,
            "name": report.name,
            "project_id": report.project_id,
            "project": project,
            "step": question.step,
            "periods": question.periods,
            "series": series,
        }
    )


def _series(
    measure: Measure,
    values: Sequence[float],
    department_id: UUID | None = None,
    department: str | None = None,
) -> ReportSeries:
    return ReportSeries(
        measure=measure,
        unit=UNITS[measure],
        department_id=department_id,
        department=department,
        values=[round(value, DIGITS) for value in values],
    )


def _burndown(figures: Sequence[Figure], periods: Sequence[dt.date]) -> list[ReportSeries]:
    """What is left at the end of each period, and how it would be left if work went on evenly to the last."""
    by_period = {figure.period: figure for figure in figures}
    changes = [by_period.get(period) for period in periods]
    left = list(accumulate(change.number if change else 0 for change in changes))
    minutes = list(accumulate(change.other if change else 0 for change in changes))
    steps = max(len(periods) - 1, 1)
    ideal = [left[0] * (steps - place) / steps for place in range(len(periods))]
    return [_series("open", left), _series("ideal", ideal), _series("open_minutes", minutes)]


def _by_department(
    figures: Sequence[Figure], periods: Sequence[dt.date], measures: tuple[Measure, Measure]
) -> list[ReportSeries]:
    """Two series of each department, by its name; what belongs to none comes last."""
    places = {period: place for place, period in enumerate(periods)}
    first: dict[tuple[str | None, UUID | None], list[float]] = {}
    second: dict[tuple[str | None, UUID | None], list[float]] = {}
    for figure in figures:
        group = (figure.department, figure.department_id)
        place = places[figure.period]
        first.setdefault(group, [0.0] * len(periods))[place] = figure.number
        second.setdefault(group, [0.0] * len(periods))[place] = figure.other
    ordered = sorted(first, key=lambda group: (group[0] is None, (group[0] or "").lower(), str(group[1])))
    return [
        _series(measure, values[group], group[1], group[0])
        for measure, values in zip(measures, (first, second), strict=True)
        for group in ordered
    ]


def totals(data: ReportData) -> dict[Measure, list[float]]:
    """Each measure over all departments, period by period."""
    found: dict[Measure, list[float]] = {}
    for series in data.series:
        known = found.setdefault(series.measure, [0.0] * len(data.periods))
        found[series.measure] = [one + other for one, other in zip(known, series.values, strict=True)]
    return found


def as_sheet(data: ReportData, words: ReportWords) -> bytes:
    """A report as CSV: a row for each period, a column for each series, with these words over them."""

    def plain(value: float) -> Cell:
        return int(value) if value == int(value) else value

    head: list[Cell] = [words.period]
    for series in data.series:
        measure = words.sheet[series.measure]
        of = series.department or words.no_department_in_column
        head.append(measure if data.kind == "burndown" else f"{measure}: {of}")
    rows: list[list[Cell]] = [
        [period, *(plain(series.values[place]) for series in data.series)]
        for place, period in enumerate(data.periods)
    ]
    return sheet([head, *rows])
