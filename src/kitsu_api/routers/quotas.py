"""How much people finish in a production."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Person, TaskType
from kitsu_api.db.repositories.quotas import CountMode, Range, shares
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import existing_project
from kitsu_api.permissions.policies.quotas import PersonInProject, oversees_project, sees_quotas_of
from kitsu_api.schemas.base import OptionalId
from kitsu_api.schemas.quotas import QuotaTable
from kitsu_api.services.quotas import read_count_mode, table_of

router = APIRouter(
    prefix="/data/projects/{project_id}/quotas",
    tags=["Schedule"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
)


async def _person_in_project(project_id: UUID, person_id: UUID, session: Session) -> PersonInProject:
    await existing_project(project_id, session)
    if not await Records(session, Person).exists(Person.id == person_id):
        raise NotFound
    return PersonInProject(project_id, person_id)


async def _count_mode(
    count_mode: Annotated[
        str | None, Query(description="`weighted` (default), `weighteddone`, `feedback` or `done`.")
    ] = None,
) -> CountMode:
    return read_count_mode(count_mode)


OverseenProject = Annotated[UUID, guard(existing_project, oversees_project)]
QuotaPerson = Annotated[PersonInProject, guard(_person_in_project, sees_quotas_of)]
Mode = Annotated[CountMode, Depends(_count_mode)]
Studio = Annotated[OptionalId, Query(description="Only people of this studio.")]


@router.get(
    "/persons/{person_id}",
    response_model=QuotaTable,
    operation_id="get_quotas_of_person",
    summary="Get quotas of a person",
)
async def get_quotas_of_person(
    place: QuotaPerson, mode: Mode, session: Listing, studio_id: Studio = None
) -> QuotaTable:
    """The shots that a person finished in a production, by task type and period."""
    wanted = Range(projects=[place.project_id], person_id=place.person_id, studio_id=studio_id)
    return table_of(await shares(session, mode, wanted), lambda share: share.task_type_id)


@router.get(
    "/{task_type_id}",
    response_model=QuotaTable,
    operation_id="get_quotas_of_task_type",
    summary="Get quotas for a task type",
)
async def get_quotas_of_task_type(
    project_id: OverseenProject, task_type_id: UUID, mode: Mode, session: Listing, studio_id: Studio = None
) -> QuotaTable:
    """The shots that were finished in a production for a task type, by person and period."""
    if not await Records(session, TaskType).exists(TaskType.id == task_type_id):
        raise NotFound
    wanted = Range(projects=[project_id], task_type_id=task_type_id, studio_id=studio_id)
    return table_of(await shares(session, mode, wanted), lambda share: share.person_id)
