"""Milestones of a production, days off of its team, and the time spent on it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kitsu_api.db.repositories.project_records import ProjectRecords
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import ManagedProject, OpenProject, existing_project
from kitsu_api.permissions.policies.project_records import supervises_project
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.project_records import DaysOffByPerson, ProjectMilestoneRead, TimeSpentsByPerson
from kitsu_api.schemas.time_spents import TimeSpentRead

router = APIRouter(
    prefix="/data/projects/{project_id}",
    tags=["Projects"],
    responses=errors(Unauthorized, Forbidden, NotFound),
)
SupervisedProject = Annotated[UUID, guard(existing_project, supervises_project)]
First = Annotated[dt.date | None, Query(alias="start_date", description="The first day that counts.")]
Last = Annotated[dt.date | None, Query(alias="end_date", description="The last day that counts.")]


@router.get(
    "/milestones",
    response_model=list[ProjectMilestoneRead],
    operation_id="list_milestones_of_project",
    summary="List milestones of a project",
)
async def list_milestones(project_id: OpenProject, session: Listing) -> Response:
    """The milestones of the production, by day."""
    return json_response(await ProjectRecords(session, project_id).milestones_json())


@router.get(
    "/day-offs",
    response_model=DaysOffByPerson,
    responses=errors(BadRequest),
    operation_id="list_days_off_of_project",
    summary="List days off of the team of a project",
)
async def list_days_off(
    project_id: SupervisedProject, session: Listing, start: First = None, end: Last = None
) -> Response:
    """The days off of the team that touch the span of days, by person. For those who plan the work."""
    return json_response(await ProjectRecords(session, project_id).days_off_json(start, end))


@router.get(
    "/time-spents",
    response_model=list[TimeSpentRead],
    operation_id="list_time_spents_of_project",
    summary="List time spent on a project",
)
async def list_time_spents(project_id: ManagedProject, session: Listing) -> Response:
    """All time (minutes) spent on tasks of the production. For those who run it."""
    return json_response(await ProjectRecords(session, project_id).time_spents_json())


@router.get(
    "/task-types/{task_type_id}/time-spents",
    response_model=TimeSpentsByPerson,
    responses=errors(BadRequest),
    operation_id="list_time_spents_of_task_type_of_project",
    summary="List time spent on a task type of a project",
)
async def list_time_spents_of_task_type(
    project_id: SupervisedProject, task_type_id: UUID, session: Listing, start: First = None, end: Last = None
) -> Response:
    """The time (minutes) spent on tasks of one type, by person. For those who plan the work."""
    records = ProjectRecords(session, project_id)
    return json_response(await records.time_spents_by_person_json(task_type_id, start, end))
