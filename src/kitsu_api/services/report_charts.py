"""Charts of reports: asked for, drawn by a job, kept for some days."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.models import Report, ReportChart
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.reports import Reports
from kitsu_api.db.repositories.stored_files import forget, register
from kitsu_api.media.charts import Chart, Shape, draw
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.reports import ChartFormat, Measure, ReportData
from kitsu_api.services import jobs
from kitsu_api.services.report_data import ask, totals
from kitsu_api.services.report_texts import ReportWords, words_for
from kitsu_api.storage.files import Bucket
from kitsu_api.unit_of_work import UnitOfWork

KIND: Final = "draw_report"
BUCKET: Final[Bucket] = "files"
PREFIX: Final = "charts"
TYPES: Final[dict[str, str]] = {"svg": "image/svg+xml", "png": "image/png"}

MINUTES = 60


async def order(uow: UnitOfWork, actor: Actor, report: Report, format: ChartFormat) -> tuple[UUID, UUID]:
    """Have a chart of a report drawn as it is now; the ids of the chart and of its job."""
    chart = await Records(uow.session, ReportChart).add({"report_id": report.id, "format": format})
    arguments = {"chart_id": str(chart.id), "locale": await Reports(uow.session).locale_of(actor.id)}
    job_id = await jobs.start(uow, actor.id, KIND, arguments, project_id=report.project_id)
    return chart.id, job_id


async def wanted(uow: UnitOfWork, chart_id: UUID) -> tuple[ReportChart, ReportData] | None:
    """A chart that is to be drawn, and what it shows; None when its report is gone."""
    chart = await Records(uow.session, ReportChart).find(chart_id)
    if chart is None:
        return None
    found = (await Reports(uow.session).with_productions([chart.report_id])).get(chart.report_id)
    if found is None:
        return None
    return chart, await ask(uow.session, *found, now().date())


async def store(uow: UnitOfWork, chart_id: UUID, size: int) -> None:
    """Note that the file of a chart is in storage; where its report is gone it is to go too."""
    await register(uow.session, BUCKET, PREFIX, chart_id, size)
    if not await Reports(uow.session).note_drawn(chart_id, size):
        await forget(uow.session, BUCKET, PREFIX, [chart_id], at_once=True)


async def write(data: ReportData, target: Path, format: ChartFormat, locale: str | None) -> None:
    """Draw what a report says, for a reader of this locale."""
    await asyncio.to_thread(draw, chart_of(data, words_for(locale)), target, format)


def chart_of(data: ReportData, words: ReportWords) -> Chart:
    """How a report is drawn."""
    title, labels = f"{data.project}: {data.name}", words.chart
    if data.kind == "burndown":
        lines = [
            Shape(labels[series.measure], series.values, dashed=series.measure == "ideal")
            for series in data.series
            if series.measure in labels
        ]
        return Chart(title, labels["open"], data.periods, lines=lines, others=words.others)
    shown: Measure = data.series[0].measure if data.series else "finished"
    scale = MINUTES if shown == "planned_minutes" else 1
    bars = [
        Shape(series.department or words.no_department, [value / scale for value in series.values])
        for series in data.series
        if series.measure == shown
    ]
    lines = []
    if data.kind == "workload" and data.series:
        spent = [value / MINUTES for value in totals(data)["spent_minutes"]]
        lines.append(Shape(labels["spent_minutes"], spent))
    return Chart(title, labels[shown], data.periods, bars, lines, words.others)
