"""Time that people spend on a task."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Response

from kitsu_api.db.models import TimeSpent
from kitsu_api.db.projections import TIME_SPENT
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.task_time_spents import TaskTimeSpents
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import JSON, json_response
from kitsu_api.routers.tasks import SeenTask
from kitsu_api.schemas.records import TimeSpentRead
from kitsu_api.schemas.task_time_spents import TimeNote, TimeSpentsOfTask
from kitsu_api.services import time_spents as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Tasks"], responses=errors(BadRequest, Unauthorized, Forbidden, NotFound))
Caller = Annotated[Actor, allow(anyone)]


def _day(text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise BadRequest("Invalid date format.", data=None) from error


def _grouped(rows: bytes) -> Response:
    """Time spents by person, with their sum."""
    spents = orjson.loads(rows)
    answer: dict[str, Any] = {"total": float(sum(spent["duration"] for spent in spents))}
    for spent in spents:
        answer.setdefault(str(spent["person_id"]), []).append(spent)
    return json_response(orjson.dumps(answer))


async def _one(uow: Uow, id: UUID) -> bytes:
    row = await Records(uow.session, TimeSpent).one_json(TIME_SPENT, id)
    assert row is not None
    return row


@router.get(
    "/actions/tasks/{task_id}/time-spents",
    response_model=TimeSpentsOfTask,
    operation_id="list_time_spents_of_task",
    summary="List time spents of a task",
)
async def list_time_spents_of_task(task: SeenTask, session: Listing) -> Response:
    """What everybody spent on a task, by person."""
    return _grouped(await TaskTimeSpents(session).of_task_json(task[0]))


@router.get(
    "/actions/tasks/{task_id}/time-spents/{date}",
    response_model=TimeSpentsOfTask,
    operation_id="list_time_spents_of_task_and_day",
    summary="List time spents of a task on a day",
)
async def list_time_spents_of_task_and_day(task: SeenTask, date: str, session: Listing) -> Response:
    """What everybody spent on a task on one day, by person."""
    return _grouped(await TaskTimeSpents(session).of_task_json(task[0], _day(date)))


@router.post(
    "/actions/tasks/{task_id}/time-spents/{date}/persons/{person_id}",
    status_code=201,
    response_model=TimeSpentRead,
    operation_id="set_time_spent",
    summary="Set a time spent",
)
async def set_time_spent(
    task_id: UUID, date: str, person_id: UUID, payload: TimeNote, uow: Uow, actor: Caller
) -> Response:
    """Set the minutes that somebody spent on a task on a day; the task keeps the sum."""
    id = await service.note(uow, actor, task_id, person_id, _day(date), payload.duration, add=False)
    return json_response(await _one(uow, id), 201)


@router.post(
    "/actions/tasks/{task_id}/time-spents/{date}/persons/{person_id}/add",
    status_code=201,
    response_model=TimeSpentRead,
    operation_id="add_time_spent",
    summary="Add to a time spent",
)
async def add_time_spent(
    task_id: UUID, date: str, person_id: UUID, payload: TimeNote, uow: Uow, actor: Caller
) -> Response:
    """Add minutes to what somebody spent on a task on a day; the task keeps the sum."""
    id = await service.note(uow, actor, task_id, person_id, _day(date), payload.duration, add=True)
    return json_response(await _one(uow, id), 201)


@router.delete(
    "/actions/tasks/{task_id}/time-spents/{date}/persons/{person_id}",
    status_code=201,
    response_model=TimeSpentRead,
    operation_id="remove_time_spent",
    summary="Delete a time spent",
)
async def remove_time_spent(task_id: UUID, date: str, person_id: UUID, uow: Uow, actor: Caller) -> Response:
    """Delete what somebody spent on a task on a day; it is shown once more, with no minutes."""
    day = _day(date)
    spent = await service.forget(uow, actor, task_id, person_id, day)
    row = {
        "duration": 0,
        "date": day.isoformat(),
        "task_id": str(task_id),
        "person_id": str(person_id),
        "id": str(spent.id),
        "created_at": spent.created_at,
        "updated_at": spent.updated_at,
        "type": "TimeSpent",
    }
    content = orjson.dumps(row, option=orjson.OPT_OMIT_MICROSECONDS)
    return Response(content, 201, media_type=JSON)
