"""The schedule of a production: when which work is to be done."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import TaskType
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.schedule import Scheduled, ScheduleRepository
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import existing_project
from kitsu_api.permissions.policies.schedule import sees_schedule
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import schedule as s
from kitsu_api.schemas.base import OptionalId
from kitsu_api.services import schedule as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/data/projects/{project_id}/schedule-items",
    tags=["Schedule"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
)

PlannedProject = Annotated[UUID, guard(existing_project, sees_schedule)]


async def _planned_task_type(project_id: PlannedProject, task_type_id: UUID, session: Session) -> UUID:
    if not await Records(session, TaskType).exists(TaskType.id == task_type_id):
        raise NotFound
    return task_type_id


PlannedTaskType = Annotated[UUID, Depends(_planned_task_type, scope="function")]
OfEpisode = Annotated[OptionalId, Query(description="Only those of this episode.")]


@router.get(
    "",
    response_model=list[s.ScheduleItemRead],
    operation_id="list_schedule_items_of_project",
    summary="List schedule items of a project",
)
async def list_items(project_id: PlannedProject, session: Listing) -> Response:
    """All schedule items of a production that somebody has looked at or planned."""
    return json_response(await ScheduleRepository(session, project_id).list_json())


@router.get(
    "/task-types",
    response_model=list[s.TaskTypeItem],
    operation_id="list_schedule_items_of_task_types",
    summary="List schedule items of task types",
)
async def list_task_type_items(project_id: PlannedProject, uow: Uow) -> Response:
    """When each task type of a production is worked on; items that lack are made."""
    return json_response(await service.task_type_items(uow, project_id))


@router.get(
    "/{task_type_id}/asset-types",
    response_model=list[s.NamedItem],
    operation_id="list_schedule_items_of_asset_types",
    summary="List schedule items of asset types",
)
async def list_items_of_asset_types(
    project_id: PlannedProject, task_type_id: PlannedTaskType, uow: Uow, episode_id: OfEpisode = None
) -> Response:
    """When a task type is worked on for each of the asset types; items that lack are made."""
    kind = Scheduled.ASSET_TYPES
    return json_response(await service.object_items(uow, project_id, task_type_id, kind, episode_id))


@router.get(
    "/{task_type_id}/edits",
    response_model=list[s.NamedItem],
    operation_id="list_schedule_items_of_edits",
    summary="List schedule items of edits",
)
async def list_items_of_edits(
    project_id: PlannedProject, task_type_id: PlannedTaskType, uow: Uow, episode_id: OfEpisode = None
) -> Response:
    """When a task type is worked on for each of the edits; items that lack are made."""
    kind = Scheduled.EDITS
    return json_response(await service.object_items(uow, project_id, task_type_id, kind, episode_id))


@router.get(
    "/{task_type_id}/episodes",
    response_model=list[s.NamedItem],
    operation_id="list_schedule_items_of_episodes",
    summary="List schedule items of episodes",
)
async def list_items_of_episodes(
    project_id: PlannedProject, task_type_id: PlannedTaskType, uow: Uow, episode_id: OfEpisode = None
) -> Response:
    """When a task type is worked on for each of the episodes; items that lack are made."""
    kind = Scheduled.EPISODES
    return json_response(await service.object_items(uow, project_id, task_type_id, kind, episode_id))


@router.get(
    "/{task_type_id}/sequences",
    response_model=list[s.NamedItem],
    operation_id="list_schedule_items_of_sequences",
    summary="List schedule items of sequences",
)
async def list_items_of_sequences(
    project_id: PlannedProject, task_type_id: PlannedTaskType, uow: Uow, episode_id: OfEpisode = None
) -> Response:
    """When a task type is worked on for each of the sequences; items that lack are made."""
    kind = Scheduled.SEQUENCES
    return json_response(await service.object_items(uow, project_id, task_type_id, kind, episode_id))
