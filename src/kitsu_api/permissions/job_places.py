"""Jobs that a path names: who watches, ends and restarts them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.db.models import TrackedJob
from kitsu_api.db.repositories.jobs import Jobs
from kitsu_api.permissions.guard import guard, required
from kitsu_api.permissions.policies.jobs import restarts_job, sees_job


async def existing_job(job_id: UUID, session: Session) -> TrackedJob:
    """A job.

    Raises:
        NotFound: there is none, or it was forgotten since it ended.
    """
    return required(await Jobs(session).find(job_id))


SeenJob = Annotated[TrackedJob, guard(existing_job, sees_job)]
RestartableJob = Annotated[TrackedJob, guard(existing_job, restarts_job)]
