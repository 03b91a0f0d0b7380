"""How far the episodes of a production are."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.episode_stats import shown_to_clients, tallies
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_scopes import seen_tasks
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import existing_project
from kitsu_api.permissions.policies.episode_stats import MeasuredProject, sees_stats
from kitsu_api.schemas.episode_stats import EpisodeStats, RetakeStats
from kitsu_api.services.episode_stats import retake_stats_of, stats_of

router = APIRouter(
    prefix="/data/projects/{project_id}/episodes",
    tags=["Entities"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
)


async def _measured_project(project_id: UUID, session: Session) -> MeasuredProject:
    await existing_project(project_id, session)
    return MeasuredProject(project_id, await shown_to_clients(session, project_id))


Measured = Annotated[MeasuredProject, guard(_measured_project, sees_stats)]


@router.get(
    "/stats",
    response_model=EpisodeStats,
    operation_id="get_episode_stats_of_project",
    summary="Get statistics of episodes",
)
async def get_episode_stats(project: Measured, actor: CurrentActor, session: Listing) -> EpisodeStats:
    """Tasks on shots by episode, task type and status; vendors see their own counted."""
    return stats_of(await tallies(session, project.id, seen_tasks(actor, project.id)))


@router.get(
    "/retake-stats",
    response_model=RetakeStats,
    operation_id="get_retake_stats_of_project",
    summary="Get retake statistics of episodes",
)
async def get_retake_stats(project: Measured, actor: CurrentActor, session: Listing) -> RetakeStats:
    """Tasks on shots by episode and task type that are done, to be taken again or neither."""
    return retake_stats_of(await tallies(session, project.id, seen_tasks(actor, project.id)))
