"""Reports that people keep: their figures, charts, and mails."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kitsu_api.db.base import now
from kitsu_api.db.engine import Session
from kitsu_api.db.models import Report, ReportSubscription
from kitsu_api.db.repositories.job_lists import JobLists
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.reports import Reports, seen_reports
from kitsu_api.errors import BadRequest, Conflict, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.report_places import OwnReport, ReportReader, SeenReport
from kitsu_api.permissions.scopes import supervised_by
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.storage import Storage
from kitsu_api.schemas import reports as s
from kitsu_api.schemas.jobs import JobRead
from kitsu_api.services import report_charts as charts
from kitsu_api.services import reports as service
from kitsu_api.services.report_data import as_sheet, ask
from kitsu_api.services.report_texts import words_for
from kitsu_api.storage.files import MissingFile
from kitsu_api.unit_of_work import Uow

CHART_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""What a browser lets a chart do that it shows by itself: nothing but be seen."""

router = APIRouter(
    prefix="/data/reports",
    tags=["Reports"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
)


class SheetAnswer(Response):
    """A report as CSV."""

    media_type = "text/csv"


class ChartAnswer(Response):
    """A chart of a report."""

    media_type = charts.TYPES["svg"]


async def _data(session: Session, report: Report) -> s.ReportData:
    """What a report says now.

    Raises:
        NotFound: it was deleted meanwhile.
    """
    found = (await Reports(session).with_productions([report.id])).get(report.id)
    if found is None:
        raise NotFound
    return await ask(session, *found, now().date())


@router.get("", operation_id="list_reports", summary="List reports")
async def list_reports(
    actor: ReportReader,
    session: Session,
    project_id: Annotated[UUID | None, Query(description="Only those of this production.")] = None,
) -> list[s.ReportRead]:
    """One's own, and shared ones of the productions that one oversees, by name."""
    scope = seen_reports(actor.id, supervised_by(actor))
    return [s.ReportRead.model_validate(report) for report in await Reports(session).seen(scope, project_id)]


@router.post("", status_code=201, operation_id="create_report", summary="Keep a report")
async def create_report(actor: ReportReader, wish: s.ReportCreate, uow: Uow) -> s.ReportRead:
    """Keep a report on a production; for its supervisors and managers, and admins."""
    return s.ReportRead.model_validate(await service.keep(uow, actor, wish))


@router.get("/{report_id}", operation_id="get_report", summary="Get a report")
async def get_report(report: SeenReport) -> s.ReportRead:
    """What a report asks."""
    return s.ReportRead.model_validate(report)


@router.put("/{report_id}", operation_id="update_report", summary="Change a report")
async def update_report(report: OwnReport, wish: s.ReportUpdate, uow: Uow) -> s.ReportRead:
    """Change one's own report, or a shared one of a production that one runs."""
    return s.ReportRead.model_validate(await service.change(uow, report, wish))


@router.delete("/{report_id}", status_code=204, operation_id="delete_report", summary="Delete a report")
async def delete_report(report: OwnReport, uow: Uow) -> Response:
    """Keep a report no more, with its charts and subscriptions."""
    await Records(uow.session, Report).delete(report)
    return Response(status_code=204)


@router.get("/{report_id}/data", operation_id="get_report_data", summary="Read a report")
async def get_report_data(report: SeenReport, session: Session) -> s.ReportData:
    """What a report says now. Periods without anything are zero; departments without anything are absent."""
    return await _data(session, report)


@router.get(
    "/{report_id}/data.csv",
    response_class=SheetAnswer,
    operation_id="get_report_sheet",
    summary="Read a report as CSV",
)
async def get_report_sheet(report: SeenReport, session: Session, actor: CurrentActor) -> Response:
    """A row for each period, a column for each series, with heads in the caller's language; cells are parted
    by semicolons."""
    headers = {"content-disposition": f"attachment; filename=report-{report.id}.csv"}
    words = words_for(await Reports(session).locale_of(actor.id))
    return SheetAnswer(as_sheet(await _data(session, report), words), headers=headers)


# --- charts -------------------------------------------------------------------------------------------


@router.post(
    "/{report_id}/charts",
    status_code=202,
    response_model=JobRead,
    operation_id="draw_report",
    summary="Draw a report",
)
async def draw_report(report: SeenReport, wish: s.ChartWish, actor: CurrentActor, uow: Uow) -> Response:
    """Have a job draw the report as it is now. `Location` is where the chart will be, for a week; the job
    tells when it is there."""
    chart_id, job_id = await charts.order(uow, actor, report, wish.format)
    answer = json_response(await JobLists(uow.session).one_json(job_id), 202)
    answer.headers["location"] = f"/data/reports/{report.id}/charts/{chart_id}"
    return answer


@router.get(
    "/{report_id}/charts/{chart_id}",
    response_class=ChartAnswer,
    responses={200: {"content": {charts.TYPES["png"]: {}}}, **errors(Conflict)},
    operation_id="get_report_chart",
    summary="Read a chart of a report",
)
async def get_report_chart(
    report: SeenReport, chart_id: UUID, session: Session, storage: Storage
) -> Response:
    """A chart that was drawn within the last week."""
    chart = await Reports(session).chart(report.id, chart_id)
    if chart is None:
        raise NotFound
    if chart.size is None:
        raise Conflict("The chart is not drawn yet. Ask again once its job has succeeded.")
    try:
        stored = await storage.open(charts.BUCKET, charts.PREFIX, chart.id)
    except MissingFile as error:
        raise NotFound("The chart is not in storage.") from error
    content = b"".join([chunk async for chunk in stored.chunks])
    headers = {
        "content-disposition": f"inline; filename=report-{report.id}.{chart.format}",
        "content-security-policy": CHART_POLICY,
        "cache-control": "private, max-age=86400",
    }
    return Response(content, media_type=charts.TYPES[chart.format], headers=headers)


# --- mails --------------------------------------------------------------------------------------------


@router.get(
    "/{report_id}/subscription", operation_id="get_report_subscription", summary="Get one's subscription"
)
async def get_subscription(
    report: SeenReport, actor: CurrentActor, session: Session
) -> s.ReportSubscriptionRead:
    """How often the report is mailed to the caller; 404 when it is not."""
    found = await Reports(session).subscription(report.id, actor.id)
    if found is None:
        raise NotFound("The report is not mailed to you.")
    return s.ReportSubscriptionRead.model_validate(found)


@router.put("/{report_id}/subscription", operation_id="subscribe_to_report", summary="Have a report mailed")
async def subscribe(
    report: SeenReport, wish: s.SubscriptionWish, actor: CurrentActor, uow: Uow
) -> s.ReportSubscriptionRead:
    """Mail the report to the caller each day or week, for as long as they may see it."""
    return s.ReportSubscriptionRead.model_validate(await service.subscribe(uow, actor, report, wish.every))


@router.delete(
    "/{report_id}/subscription",
    status_code=204,
    operation_id="unsubscribe_from_report",
    summary="Have a report mailed no more",
)
async def unsubscribe(report_id: UUID, actor: CurrentActor, uow: Uow) -> Response:
    """End one's own subscription, also to a report that one may see no more; none is no error."""
    own: Any = (ReportSubscription.report_id == report_id, ReportSubscription.person_id == actor.id)
    await Reports(uow.session).unsubscribe(*own)
    return Response(status_code=204)
