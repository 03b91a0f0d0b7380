"""Jobs as people see them: without what they were told, which may be nobody's business."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db.models import TrackedJob
from kitsu_api.db.projection import Projection, json_array, json_object
from kitsu_api.db.scopes import in_projects

JOB = Projection(
    TrackedJob,
    "Job",
    secret=frozenset({"arguments", "heartbeat_at", "run_after", "sent_at", "sends", "interruptions"}),
)


@dataclass(frozen=True)
class JobFilter:
    """Which jobs are asked for; None and nothing stand for all."""

    statuses: Sequence[str] = ()
    kinds: Sequence[str] = ()
    project_id: UUID | None = None
    older_than: UUID | None = None
    """The last job of the page before."""


class JobLists:
    """The jobs of a person and of productions; None stands for all jobs. `within` are the productions that
    the person's own jobs have to be of; None: any, or none."""

    def __init__(
        self,
        session: AsyncSession,
        person_id: UUID | None = None,
        projects: Collection[UUID] | None = None,
        within: Collection[UUID] | None = None,
    ) -> None:
        self.session = session
        self.person_id = person_id
        self.projects = projects
        self.within = within

    async def list_json(self, wanted: JobFilter, limit: int) -> bytes:
        """The newest jobs that meet a filter."""
        query: Select[Any] = select(*JOB.columns().values())
        if self.projects is not None:
            mine = and_(
                TrackedJob.created_by == self.person_id, in_projects(TrackedJob.project_id, self.within)
            )
            query = query.where(or_(mine, TrackedJob.project_id.in_(list(self.projects))))
        if wanted.statuses:
            query = query.where(TrackedJob.status.in_(wanted.statuses))
        if wanted.kinds:
            query = query.where(TrackedJob.kind.in_(wanted.kinds))
        if wanted.project_id is not None:
            query = query.where(TrackedJob.project_id == wanted.project_id)
        if wanted.older_than is not None:
            last = aliased(TrackedJob)
            place = select(last.created_at, last.id).where(last.id == wanted.older_than)
            query = query.where(tuple_(TrackedJob.created_at, TrackedJob.id) < place.scalar_subquery())
        query = query.order_by(TrackedJob.created_at.desc(), TrackedJob.id.desc()).limit(limit)
        return await json_array(self.session, query)

    async def one_json(self, id: UUID) -> bytes:
        """A job that there is."""
        query: Select[Any] = select(*JOB.columns().values()).where(TrackedJob.id == id)
        return await json_object(self.session, query) or b"null"
