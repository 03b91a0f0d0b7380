"""The shots that one person finished in a day, week, month or year."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.person_quotas import weighted_shots_json
from kitsu_api.db.repositories.person_time_spents import Period
from kitsu_api.db.repositories.quotas import CountMode, Range, shares
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.in_loop import in_loop
from kitsu_api.permissions.places import existing_project
from kitsu_api.permissions.policies.person_quotas import (
    QuotaRequest,
    quota_projects,
    sees_finished_shots,
)
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.person_day_offs import existing_person
from kitsu_api.routers.person_periods import InMonth, InWeek, InYear, OnDay
from kitsu_api.schemas.base import OptionalId
from kitsu_api.schemas.person_quotas import QuotaShot
from kitsu_api.services.quotas import read_count_mode, weights_of

router = APIRouter(
    prefix="/data/persons/{person_id}/quota-shots",
    tags=["Persons"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
)


async def _request(
    person_id: UUID,
    session: Session,
    project_id: Annotated[OptionalId, Query(description="Only shots of this production.")] = None,
) -> QuotaRequest:
    await existing_person(person_id, session)
    if project_id is not None:
        await existing_project(project_id, session)
    return QuotaRequest(person_id, project_id)


class _FinishedShots:
    """The finished shots that the caller asks for, but for the span of days."""

    def __init__(
        self,
        session: Session,
        actor: CurrentActor,
        request: Annotated[QuotaRequest, guard(_request, sees_finished_shots)],
        task_type_id: Annotated[OptionalId, Query(description="Only work of this type.")] = None,
        count_mode: Annotated[
            str | None, Query(description="`weighted` (default), `weighteddone`, `feedback` or `done`.")
        ] = None,
    ) -> None:
        self.session = session
        self.mode: CountMode = read_count_mode(count_mode)
        self.wanted = Range(
            projects=quota_projects(actor, request), person_id=request.person_id, task_type_id=task_type_id
        )

    async def json(self, period: Period) -> Response:
        """Those of a span of days."""
        wanted = Range(
            projects=self.wanted.projects,
            task_type_id=self.wanted.task_type_id,
            person_id=self.wanted.person_id,
            first=period.first,
            last=period.last,
        )
        weights = weights_of(await shares(self.session, self.mode, wanted))
        return json_response(await weighted_shots_json(self.session, weights))


FinishedShots = Annotated[_FinishedShots, Depends(in_loop(_FinishedShots), scope="function")]


@router.get(
    "/day/{year}/{month}/{day}",
    response_model=list[QuotaShot],
    operation_id="list_day_quota_shots_of_person",
    summary="List shots that a person finished on a day",
)
async def list_day(shots: FinishedShots, period: OnDay) -> Response:
    """The shots that a person finished on a day, each with the part that is theirs."""
    return await shots.json(period)


@router.get(
    "/week/{year}/{week}",
    response_model=list[QuotaShot],
    operation_id="list_week_quota_shots_of_person",
    summary="List shots that a person finished in a week",
)
async def list_week(shots: FinishedShots, period: InWeek) -> Response:
    """The shots that a person finished in a week, each with the part that is theirs."""
    return await shots.json(period)


@router.get(
    "/month/{year}/{month}",
    response_model=list[QuotaShot],
    operation_id="list_month_quota_shots_of_person",
    summary="List shots that a person finished in a month",
)
async def list_month(shots: FinishedShots, period: InMonth) -> Response:
    """The shots that a person finished in a month, each with the part that is theirs."""
    return await shots.json(period)


@router.get(
    "/year/{year}",
    response_model=list[QuotaShot],
    operation_id="list_year_quota_shots_of_person",
    summary="List shots that a person finished in a year",
)
async def list_year(shots: FinishedShots, period: InYear) -> Response:
    """The shots that a person finished in a year, each with the part that is theirs."""
    return await shots.json(period)
