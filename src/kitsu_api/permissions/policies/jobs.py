"""Who sees which jobs, and who ends them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kitsu_api.db.models import TrackedJob
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.scopes import managed_by


def _started(actor: Actor, job: TrackedJob) -> bool:
    return job.created_by == actor.id and actor.within(job.project_id)


def sees_job(actor: Actor, job: TrackedJob) -> bool:
    """Who started the job, who runs its production, and admins."""
    return _started(actor, job) or actor.manages(job.project_id)


def restarts_job(actor: Actor, job: TrackedJob) -> bool:
    """Who started the job, and admins."""
    return _started(actor, job) or actor.is_admin


def productions_of_jobs(actor: Actor) -> Collection[UUID] | None:
    """The productions whose jobs the caller sees beside own ones; None for all jobs."""
    return managed_by(actor)
