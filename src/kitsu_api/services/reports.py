"""Reports that people keep: making, changing, and having them mailed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kitsu_api.db.base import now
from kitsu_api.db.models import Project, Report, ReportSubscription
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.reports import Reports
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.policies.quotas import oversees_project
from kitsu_api.schemas.base import reject_null
from kitsu_api.schemas.reports import Every, ReportCreate, ReportUpdate
from kitsu_api.unit_of_work import UnitOfWork

REPORTS_AT_MOST = 500
"""How many reports one person may keep."""

HOUR = 6
"""The hour at which reports are mailed, UTC."""


async def keep(uow: UnitOfWork, actor: Actor, wish: ReportCreate) -> Report:
    """Keep a report.

    Raises:
        BadRequest: there is no such production, or the caller keeps too many already.
        Forbidden: the caller does not oversee it.
    """
    if not oversees_project(actor, wish.project_id):
        raise Forbidden
    if not await Records(uow.session, Project).exists(Project.id == wish.project_id):
        raise BadRequest("project_id: there is no such production.")
    if await Reports(uow.session).owned(actor.id) >= REPORTS_AT_MOST:
        raise BadRequest(f"You keep {REPORTS_AT_MOST} reports already. Delete some first.")
    return await Records(uow.session, Report).add(
        {**wish.model_dump(mode="json"), "project_id": wish.project_id, "owner_id": actor.id}
    )


async def change(uow: UnitOfWork, report: Report, wish: ReportUpdate) -> Report:
    """Change a report.

    Raises:
        BadRequest: something is null that may not be.
    """
    reject_null(wish, "name", "kind", "shared", "filters")
    values: dict[str, Any] = wish.model_dump(mode="json", exclude_unset=True)
    if wish.filters is not None:
        values["filters"] = wish.filters.model_dump(mode="json")
    return await Records(uow.session, Report).change(report, values)


def next_time(every: Every | str, moment: dt.datetime) -> dt.datetime:
    """When a report is mailed next after a moment: at six, each day or on Mondays."""
    day = moment.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if every == "week":
        day -= dt.timedelta(days=day.weekday())
    while day <= moment:
        day += dt.timedelta(days=7 if every == "week" else 1)
    return day


async def subscribe(uow: UnitOfWork, actor: Actor, report: Report, every: Every) -> ReportSubscription:
    """Mail a report to the caller from now on.

    Raises:
        BadRequest: the caller has no address.
    """
    if not actor.email:
        raise BadRequest("You have no e-mail address that the report could be sent to.")
    return await Reports(uow.session).subscribe(report.id, actor.id, every, next_time(every, now()))
