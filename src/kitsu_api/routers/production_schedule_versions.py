"""What a version of a schedule plans, and how it comes from and to the production."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.production_schedule_versions import VersionRepository
from kitsu_api.db.repositories.schedule import project_of_version
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.policies.projects import runs_project
from kitsu_api.permissions.policies.schedule import sees_versions
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import production_schedule_versions as s
from kitsu_api.schemas.base import OptionalId
from kitsu_api.schemas.schedule import ProductionScheduleVersionTaskLinkRead
from kitsu_api.services import production_schedule_versions as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Schedule"], responses=errors(BadRequest, Unauthorized, Forbidden, NotFound))
ACTIONS = "/actions/production-schedule-versions/{production_schedule_version_id}"


@dataclass(frozen=True)
class Version:
    """A version, and the production that it plans."""

    id: UUID
    project_id: UUID


async def _version(production_schedule_version_id: UUID, session: Session) -> Version:
    project_id = await project_of_version(session, production_schedule_version_id)
    if project_id is None:
        raise NotFound
    return Version(production_schedule_version_id, project_id)


def _seen(actor: Actor, version: Version) -> bool:
    return sees_versions(actor, version.project_id)


def _run(actor: Actor, version: Version) -> bool:
    return runs_project(actor, version.project_id)


SeenVersion = Annotated[Version, guard(_version, _seen)]
RunVersion = Annotated[Version, guard(_version, _run)]


@router.get(
    "/data/production-schedule-versions/{production_schedule_version_id}/task-links",
    response_model=list[ProductionScheduleVersionTaskLinkRead],
    operation_id="list_task_links_of_schedule_version",
    summary="List what a schedule version plans",
)
async def list_task_links(
    version: SeenVersion,
    session: Listing,
    task_type_id: Annotated[OptionalId, Query(description="Only tasks of this type.")] = None,
    relations: Annotated[bool, Query(description="Show assignees as well.")] = False,
) -> Response:
    """Dates and estimations of the tasks of a version."""
    versions = VersionRepository(session)
    return json_response(await versions.task_links_json(version.id, task_type_id, relations))


@router.post(
    ACTIONS + "/set-task-links-from-production",
    response_model=s.CopiedTasks,
    operation_id="copy_production_to_schedule_version",
    summary="Set a schedule version from the production",
)
async def copy_production(version: RunVersion, uow: Uow) -> s.CopiedTasks:
    """Replace what a version plans by the present state of the production's tasks."""
    return s.CopiedTasks(task_link_count=await service.copy_production(uow, version.id))


@router.post(
    ACTIONS + "/set-task-links-from-production-schedule-version",
    response_model=s.CopiedTasks,
    operation_id="copy_schedule_version",
    summary="Set a schedule version from another one",
)
async def copy_version(
    version: RunVersion, payload: s.VersionSource, actor: CurrentActor, uow: Uow
) -> s.CopiedTasks:
    """Replace what a version plans by what another one of the same production plans."""
    source_id = payload.production_schedule_version_id
    return s.CopiedTasks(task_link_count=await service.copy_version(uow, actor, version.id, source_id))


@router.post(
    ACTIONS + "/apply-to-production",
    response_model=s.AppliedTasks,
    operation_id="apply_schedule_version",
    summary="Apply a schedule version to the production",
)
async def apply_version(version: RunVersion, uow: Uow) -> s.AppliedTasks:
    """Give the production's tasks the dates, estimations and assignees of a version, and lock this."""
    return s.AppliedTasks(task_count=await service.apply(uow, version.id))
