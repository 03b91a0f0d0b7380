"""Jobs: work that goes on after the answer, to be watched, ended and tried again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.job_lists import JobFilter, JobLists
from kitsu_api.errors import BadRequest, Conflict, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings, CurrentActor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.job_places import RestartableJob, SeenJob
from kitsu_api.permissions.policies.jobs import productions_of_jobs
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.jobs import JobRead, JobStatusName
from kitsu_api.services import jobs
from kitsu_api.unit_of_work import Uow

router = APIRouter(prefix="/data/jobs", tags=["Jobs"], responses=errors(Unauthorized, Forbidden))


@router.get(
    "",
    response_model=list[JobRead],
    responses=errors(BadRequest),
    operation_id="list_jobs",
    summary="List jobs",
)
async def list_jobs(
    session: Session,
    settings: AppSettings,
    actor: Annotated[Actor, allow(anyone)],
    status: Annotated[list[JobStatusName] | None, Query(description="Only those of this status.")] = None,
    kind: Annotated[list[str] | None, Query(description="Only those of this kind.")] = None,
    project_id: Annotated[UUID | None, Query(description="Only those of this production.")] = None,
    cursor_job_id: Annotated[UUID | None, Query(description="Only what is older than this job.")] = None,
    limit: Annotated[int, Query(ge=1, description="How many at most.")] = 100,
) -> Response:
    """The newest first; go on with the id of the last one as cursor.

    Admins see all, others their own ones and those of the productions that they run.
    """
    wanted = JobFilter(
        statuses=status or (), kinds=kind or (), project_id=project_id, older_than=cursor_job_id
    )
    rows = JobLists(session, actor.id, productions_of_jobs(actor), actor.confined_to)
    return json_response(await rows.list_json(wanted, min(limit, settings.max_records_per_page)))


@router.get(
    "/{job_id}",
    response_model=JobRead,
    responses=errors(NotFound),
    operation_id="get_job",
    summary="Get a job",
)
async def get_job(job: SeenJob, session: Session) -> Response:
    """How far a job is; for who started it, who runs its production, and admins."""
    return json_response(await JobLists(session).one_json(job.id))


@router.delete(
    "/{job_id}",
    response_model=JobRead,
    responses=errors(NotFound, Conflict),
    operation_id="cancel_job",
    summary="Cancel a job",
)
async def cancel_job(job: SeenJob, actor: CurrentActor, uow: Uow) -> Response:
    """End a queued job at once. A running one is asked to end: watch its status."""
    changed = await jobs.cancel(uow, actor, job)
    return json_response(await JobLists(uow.session).one_json(changed.id))


@router.post(
    "/{job_id}/retry",
    response_model=JobRead,
    responses=errors(NotFound, Conflict),
    operation_id="retry_job",
    summary="Try a failed job again",
)
async def retry_job(job: RestartableJob, actor: CurrentActor, uow: Uow) -> Response:
    """Queue a failed job anew; for who started it, and admins."""
    changed = await jobs.retry(uow, actor, job)
    return json_response(await JobLists(uow.session).one_json(changed.id))
