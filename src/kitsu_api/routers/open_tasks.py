"""Tasks of running productions: pages, sums and a burndown."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import ColumnElement

from kitsu_api.db import scopes
from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.open_tasks import OpenTaskFilter, OpenTasks, Slice
from kitsu_api.errors import BadRequest, Forbidden, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.scopes import visible
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.named_answers import NAMED, small_list
from kitsu_api.schemas import open_tasks as s
from kitsu_api.schemas.base import INTEGER_LIMIT, Integer

router = APIRouter(tags=["Tasks"], responses=errors(BadRequest, Unauthorized, Forbidden))
Caller = Annotated[Actor, allow(anyone)]
Number = Annotated[int, Query(ge=1, le=INTEGER_LIMIT, description="Number of the page, from 1.")]
Size = Annotated[int, Query(ge=1, description="Tasks of a page.")]


async def _filter(
    project_id: UUID | None = None,
    task_status_id: UUID | None = None,
    task_type_id: UUID | None = None,
    person_id: Annotated[UUID | None, Query(description="Who is assigned.")] = None,
    studio_id: Annotated[UUID | None, Query(description="Whose people are assigned.")] = None,
    department_id: Annotated[UUID | None, Query(description="Whose task types.")] = None,
    start_date: Annotated[dt.date | None, Query(description="Tasks that start then or later.")] = None,
    due_date: Annotated[dt.date | None, Query(description="Tasks that are due then or earlier.")] = None,
    priority: Integer | None = None,
) -> OpenTaskFilter:
    return OpenTaskFilter(
        project_id,
        task_status_id,
        task_type_id,
        person_id,
        studio_id,
        department_id,
        start_date,
        due_date,
        priority,
    )


Wanted = Annotated[OpenTaskFilter, Depends(_filter)]


@router.get(
    "/data/tasks/open-tasks",
    response_model=s.OpenTaskPage,
    responses=NAMED,
    operation_id="list_open_tasks",
    summary="List open tasks",
)
async def list_open_tasks(
    request: Request,
    wanted: Wanted,
    settings: AppSettings,
    actor: Caller,
    session: Listing,
    page: Number = 1,
    limit: Size = 100,
) -> Response:
    """A page of the tasks of running productions that the caller sees, with what all of them come to."""
    limit = min(limit, settings.max_records_per_page)
    where = [*wanted.conditions(), visible(scopes.tasks)(actor)]
    return await small_list(request, session, actor, lambda: _page(session, where, page, limit))


async def _page(session: Session, where: list[ColumnElement[bool]], page: int, limit: int) -> bytes:
    offset = (page - 1) * limit
    tasks = OpenTasks(session)
    sums = await tasks.sums(where)
    rows = await tasks.page_json(where, limit, Slice.of(sums.by_place, limit, offset))
    end = {
        "stats": {
            "total_duration": sums.total_duration,
            "total_estimation": sums.total_estimation,
            "total": max(sums.total - offset, 0),
            "status": [{"task_status_id": str(id), "amount": amount} for id, amount in sums.by_status],
        },
        "limit": limit,
        "is_more": sums.total > offset + limit,
        "page": page,
    }
    return b'{"data":' + rows + b"," + orjson.dumps(end)[1:]


@router.get(
    "/data/tasks/open-tasks/stats",
    response_model=s.OpenTaskStats,
    operation_id="get_open_task_stats",
    summary="Get statistics of open tasks",
)
async def get_open_task_stats(actor: Caller, session: Listing) -> Response:
    """What the tasks of running productions come to, by production, task type and status."""
    where = [*OpenTaskFilter().conditions(), visible(scopes.tasks)(actor)]
    return json_response(await OpenTasks(session).by_project_json(where))


@router.get(
    "/data/tasks/open-tasks/burndown",
    response_model=s.Burndown,
    operation_id="get_open_task_burndown",
    summary="Get the burndown of open tasks",
)
async def get_open_task_burndown(wanted: Wanted, session: Session, actor: Caller) -> Response:
    """How many of the tasks of running productions were done on which day."""
    where = [*wanted.conditions(), visible(scopes.tasks)(actor)]
    return json_response(await OpenTasks(session).burndown_json(where))
