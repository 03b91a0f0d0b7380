"""Queries on reports that people keep, their charts, and who gets them by mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import scopes
from kitsu_api.db.base import now
from kitsu_api.db.models import Person, Project, Report, ReportChart, ReportSubscription
from kitsu_api.db.repositories.stored_files import forget_older


@dataclass(frozen=True)
class DueReport:
    """A mail with a report that is to be sent."""

    subscription_id: UUID
    report_id: UUID
    person_id: UUID
    due: dt.datetime


def seen_reports(person_id: UUID, projects: scopes.Projects) -> ColumnElement[bool]:
    """The reports of productions that somebody oversees (None: all): shared ones and their own."""
    return scopes.in_projects(Report.project_id, projects) & or_(Report.shared, Report.owner_id == person_id)


class Reports:
    """Rows of `kitsu_api_report` and of what hangs on them."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def seen(self, scope: ColumnElement[bool], project_id: UUID | None) -> Sequence[Report]:
        """The reports of a scope, by name."""
        query = select(Report).where(scope).order_by(func.lower(Report.name), Report.id)
        if project_id is not None:
            query = query.where(Report.project_id == project_id)
        return (await self.session.scalars(query)).all()

    async def owned(self, person_id: UUID) -> int:
        """How many reports somebody keeps."""
        query = select(func.count()).select_from(Report).where(Report.owner_id == person_id)
        return int(await self.session.scalar(query) or 0)

    async def locale_of(self, person_id: UUID) -> str | None:
        """The locale of who reads: `fr_FR`; None where there is none."""
        found = await self.session.scalar(select(Person.locale).where(Person.id == person_id))
        return None if found is None else str(found)

    async def locked(self, id: UUID) -> Report | None:
        """A report, locked for a change."""
        return await self.session.get(Report, id, with_for_update=True)

    async def with_productions(self, ids: Collection[UUID]) -> dict[UUID, tuple[Report, str]]:
        """Reports, each with the name of its production, by id."""
        query = select(Report, Project.name).join(Project, Project.id == Report.project_id)
        rows = (await self.session.execute(query.where(Report.id.in_(list(ids))))).all()
        return {report.id: (report, name) for report, name in rows}

    # --- charts ---------------------------------------------------------------------------------------

    async def chart(self, report_id: UUID, chart_id: UUID) -> ReportChart | None:
        """A chart of a report."""
        query = select(ReportChart).where(ReportChart.id == chart_id, ReportChart.report_id == report_id)
        return (await self.session.scalars(query)).first()

    async def note_drawn(self, chart_id: UUID, size: int) -> bool:
        """Note that a chart is there; whether its report still is."""
        done = await self.session.execute(
            update(ReportChart)
            .where(ReportChart.id == chart_id)
            .values(size=size, updated_at=now())
            .returning(ReportChart.id)
        )
        return done.first() is not None

    async def forget_charts(self, bucket: str, prefix: str, before: dt.datetime) -> int:
        """Forget charts from before a moment, and have their files removed, also those whose reports are
        gone; how many files there were."""
        await self.session.execute(delete(ReportChart).where(ReportChart.created_at < before))
        return await forget_older(self.session, bucket, prefix, before)

    # --- mails ----------------------------------------------------------------------------------------

    async def subscription(self, report_id: UUID, person_id: UUID) -> ReportSubscription | None:
        """Somebody's subscription to a report."""
        query = select(ReportSubscription).where(
            ReportSubscription.report_id == report_id, ReportSubscription.person_id == person_id
        )
        return (await self.session.scalars(query)).first()

    async def subscribe(
        self, report_id: UUID, person_id: UUID, every: str, next_at: dt.datetime
    ) -> ReportSubscription:
        """Mail a report to somebody from now on, or at other times than until now."""
        statement = insert(ReportSubscription).values(
            report_id=report_id, person_id=person_id, every=every, next_at=next_at
        )
        statement = statement.on_conflict_do_update(
            constraint="kitsu_api_report_subscription_once",
            set_={"every": every, "next_at": next_at, "updated_at": now()},
        )
        found = await self.session.scalars(
            statement.returning(ReportSubscription), execution_options={"populate_existing": True}
        )
        return found.one()

    async def unsubscribe(self, *where: ColumnElement[bool]) -> bool:
        """Mail a report no more; whether it was."""
        done = await self.session.execute(
            delete(ReportSubscription).where(*where).returning(ReportSubscription.id)
        )
        return done.first() is not None

    async def claim_due(
        self, moment: dt.datetime, every: str, next_at: dt.datetime, limit: int
    ) -> list[DueReport]:
        """The mails that are due, a few at a time; each subscription's next one is due at `next_at`.

        Rows that another process has at hand are left to it.
        """
        due = (
            select(ReportSubscription.id, ReportSubscription.next_at)
            .where(ReportSubscription.every == every, ReportSubscription.next_at <= moment)
            .order_by(ReportSubscription.next_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        change = (
            update(ReportSubscription)
            .where(ReportSubscription.id == due.c.id)
            .values(next_at=next_at, updated_at=now())
            .returning(
                ReportSubscription.id,
                ReportSubscription.report_id,
                ReportSubscription.person_id,
                due.c.next_at,
            )
            .execution_options(synchronize_session=False)
        )
        return [DueReport(*row) for row in (await self.session.execute(change)).all()]

    async def subscriptions(self, ids: Collection[UUID]) -> set[UUID]:
        """Those of the subscriptions that are still there."""
        query = select(ReportSubscription.id).where(ReportSubscription.id.in_(list(ids)))
        return set((await self.session.scalars(query)).all())
