"""Jobs that draw, mail and forget reports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.repositories.reports import Reports
from kitsu_api.schemas.reports import ChartFormat
from kitsu_api.services import report_charts as charts
from kitsu_api.services import report_mails
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.tracking import JobFailed, begin

CHARTS_ARE_KEPT = timedelta(days=7)
MAILS = 500
"""Mails that one transaction notes."""


async def draw_report(ctx: dict[str, Any], *, job_id: str, chart_id: str, locale: str | None = None) -> None:
    """Draw a chart and store it. Drawn again, it takes the place of what was drawn before."""
    context: JobContext = ctx["job"]
    id = UUID(chart_id)
    async with begin(ctx, job_id) as job:
        async with job.unit_of_work() as uow:
            found = await charts.wanted(uow, id)
        if found is None:
            raise JobFailed("The report was deleted.")
        chart, data = found
        format: ChartFormat = "png" if chart.format == "png" else "svg"
        with context.temporary_folder() as folder:
            target = folder / f"chart.{format}"
            await charts.write(data, target, format, locale)
            job.check_cancelled()
            size = target.stat().st_size
            await context.storage.put(charts.BUCKET, charts.PREFIX, id, target, charts.TYPES[format])
        async with job.unit_of_work() as uow:
            await charts.store(uow, id, size)
        job.result = {"report_id": str(chart.report_id), "chart_id": chart_id}


async def mail_reports(ctx: dict[str, Any]) -> int:
    """Note the mails of reports that are due; how many there were."""
    context: JobContext = ctx["job"]
    total = 0
    for every in report_mails.RHYTHMS:
        while True:
            async with context.unit_of_work() as uow:
                noted = await report_mails.note_due(uow, every, now(), MAILS)
            total += noted
            if noted < MAILS:
                break
    return total


async def forget_charts(ctx: dict[str, Any]) -> int:
    """Have charts removed that were drawn a week ago; how many there were."""
    context: JobContext = ctx["job"]
    async with context.unit_of_work() as uow:
        return await Reports(uow.session).forget_charts(charts.BUCKET, charts.PREFIX, now() - CHARTS_ARE_KEPT)


JOBS: dict[str, Callable[..., Awaitable[Any]]] = {
    "mail_reports": mail_reports,
    "forget_charts": forget_charts,
}
MEDIA_JOBS: dict[str, Callable[..., Awaitable[Any]]] = {charts.KIND: draw_report}
