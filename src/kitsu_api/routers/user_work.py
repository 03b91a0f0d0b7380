"""What the signed-in person has to do, has done and has noted."""

from __future__ import annotations

import math
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import ColumnElement

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Task
from kitsu_api.db.repositories.person_tasks import ORDERS, PersonTasks, Wanted, to_check
from kitsu_api.db.repositories.user_context import open_projects_json
from kitsu_api.db.repositories.user_work import UserWork
from kitsu_api.db.scopes import in_projects
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings
from kitsu_api.permissions.entity_scopes import shown_metadata
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import OpenProject
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.task_scopes import reviewed_projects
from kitsu_api.permissions.viewers import viewer_of
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.dates import read_day, read_days
from kitsu_api.routers.id_lists import read_ids
from kitsu_api.routers.named_answers import NAMED, small_list
from kitsu_api.schemas import user_work as s
from kitsu_api.schemas.assets import AssetTypeRead
from kitsu_api.schemas.base import Moment
from kitsu_api.schemas.entities import EntityRead
from kitsu_api.schemas.projects import ProjectRead
from kitsu_api.schemas.tasks import TaskRead, TaskTypeRead
from kitsu_api.schemas.time_spents import TimeSpentRead
from kitsu_api.services import standing_rows
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["User"], responses=errors(Unauthorized, Forbidden))
Caller = Annotated[Actor, allow(anyone)]
Ids = Annotated[list[str] | None, Query(description="Only these: repeated, or separated by commas.")]


async def _mine(session: Session, actor: Caller) -> UserWork:
    return UserWork(session, actor.id, shown_metadata(actor), actor.confined_to)


def _within(actor: Actor) -> list[ColumnElement[bool]]:
    """What an API key for some productions leaves of one's tasks."""
    return [] if actor.confined_to is None else [in_projects(Task.project_id, actor.confined_to)]


Mine = Annotated[UserWork, Depends(_mine, scope="function")]


@router.get(
    "/data/user/projects/open",
    response_model=list[ProjectRead],
    operation_id="list_open_projects_of_user",
    summary="List open projects of the user",
)
async def list_open_projects(actor: Caller, session: Listing, name: str | None = None) -> Response:
    """The running productions of the caller, with their settings."""
    return json_response(await open_projects_json(session, viewer_of(actor), name))


@router.get(
    "/data/user/tasks",
    response_model=list[s.TaskOfPerson],
    responses=NAMED,
    operation_id="list_tasks_of_user",
    summary="List tasks of the user",
)
async def list_tasks(request: Request, actor: Caller, session: Listing) -> Response:
    """What the caller has to do in running productions, by due date."""
    tasks = PersonTasks(session, shown_metadata(actor))
    return await small_list(request, session, actor, lambda: tasks.todo_json(actor.id, _within(actor)))


@router.get(
    "/data/user/done-tasks",
    response_model=list[s.TaskOfPerson],
    operation_id="list_done_tasks_of_user",
    summary="List done tasks of the user",
)
async def list_done_tasks(actor: Caller, session: Listing) -> Response:
    """What the caller has done in running productions."""
    return json_response(
        await PersonTasks(session, shown_metadata(actor)).done_json(actor.id, _within(actor))
    )


@router.get(
    "/data/user/tasks-to-check",
    response_model=list[s.TaskOfPerson] | s.TaskOfPersonPage,
    responses=errors(BadRequest),
    operation_id="list_tasks_to_check",
    summary="List tasks to check",
)
async def list_tasks_to_check(
    settings: AppSettings,
    actor: Caller,
    session: Listing,
    project_id: Ids = None,
    task_type_id: Ids = None,
    task_status_id: Ids = None,
    person_id: Ids = None,
    episode_id: Ids = None,
    due_date_since: Annotated[Moment | None, Query(description="Due then or later.")] = None,
    due_date_until: Annotated[Moment | None, Query(description="Due then or earlier.")] = None,
    order_by: Annotated[
        str | None, Query(description="`due_date` (default), `priority`, `entity_name` or `estimation`.")
    ] = None,
    page: Annotated[int | None, Query(ge=1, description="Number of the page; absent: all.")] = None,
    limit: Annotated[int, Query(ge=1, description="Tasks of a page.")] = 100,
) -> Response:
    """The tasks that wait for feedback in the productions that the caller reviews.

    Supervisors see those of their departments.
    """
    if order_by is not None and order_by not in ORDERS:
        raise BadRequest(f"order_by must be one of: {', '.join(ORDERS)}.")
    wanted = Wanted(
        project_ids=read_ids("project_id", project_id),
        task_type_ids=read_ids("task_type_id", task_type_id),
        task_status_ids=read_ids("task_status_id", task_status_id),
        person_ids=read_ids("person_id", person_id),
        episode_ids=read_ids("episode_id", episode_id),
        due_since=due_date_since,
        due_until=due_date_until,
    )
    where = [*to_check(reviewed_projects(actor)), *wanted.conditions()]
    tasks = PersonTasks(session, shown_metadata(actor))
    if page is None:
        return json_response(await tasks.list_json(where, order=order_by))
    limit = min(limit, settings.max_records_per_page)
    offset = (min(page, 2**31) - 1) * limit
    rows = await tasks.list_json(where, order=order_by, limit=limit, offset=offset)
    total = await tasks.count(where)
    end = {
        "total": total,
        "nb_pages": math.ceil(total / limit),
        "limit": limit,
        "offset": offset,
        "page": page,
    }
    return json_response(b'{"data":' + rows + b"," + orjson.dumps(end)[1:])


@router.get(
    "/data/user/tasks-to-check/filter-values",
    response_model=s.FilterValues,
    operation_id="get_filter_values_of_tasks_to_check",
    summary="Get filter values of tasks to check",
)
async def get_filter_values(session: Session, actor: Caller) -> Response:
    """The productions, types, statuses, episodes and people among the tasks to check."""
    return json_response(await PersonTasks(session).filter_values_json(to_check(reviewed_projects(actor))))


# --- hours and days off -------------------------------------------------------------------------------


@router.get(
    "/data/user/time-spents",
    response_model=list[s.TimeSpentOfTask],
    responses=errors(BadRequest),
    operation_id="list_time_spents_of_user",
    summary="List time spent by the user",
)
async def list_time_spents(
    mine: Mine,
    start_date: Annotated[str | None, Query(description="First day, `2026-03-02`.")] = None,
    end_date: Annotated[str | None, Query(description="Last day.")] = None,
) -> Response:
    """The hours that the caller has noted, of all days or of a range of them."""
    return json_response(await mine.time_spents_json(*read_days(start_date, end_date)))


@router.get(
    "/data/user/time-spents/{date}",
    response_model=list[TimeSpentRead],
    responses=errors(BadRequest),
    operation_id="list_time_spents_of_user_on_day",
    summary="List time spent by the user on a day",
)
async def list_time_spents_of_day(date: str, mine: Mine) -> Response:
    """The hours that the caller has noted for a day."""
    return json_response(await mine.time_spents_of_day_json(read_day(date)))


@router.get(
    "/data/user/tasks/{task_id}/time-spents/{date}",
    response_model=s.TimeSpentOrNone,
    responses=errors(BadRequest),
    operation_id="get_time_spent_of_user_on_task",
    summary="Get time spent by the user on a task",
)
async def get_time_spent(task_id: UUID, date: str, mine: Mine) -> Response:
    """The time that the caller has noted for a task and a day; an empty object when there is none."""
    return json_response(await mine.time_spent_json(task_id, read_day(date)) or b"{}")


@router.get(
    "/data/user/day-offs/{date}",
    response_model=s.DayOffOrNone,
    responses=errors(BadRequest),
    operation_id="get_day_off_of_user",
    summary="Get a day off of the user",
)
async def get_day_off(date: str, mine: Mine) -> Response:
    """The caller's day off that this day lies in; an empty object when they work."""
    return json_response(await mine.day_off_json(read_day(date)) or b"{}")


# --- where the caller works ---------------------------------------------------------------------------


@router.get(
    "/data/user/projects/{project_id}/asset-types",
    response_model=list[AssetTypeRead],
    responses=errors(NotFound),
    operation_id="list_asset_types_of_user",
    summary="List asset types that the user works on",
)
async def list_asset_types(project_id: OpenProject, mine: Mine, uow: Uow) -> Response:
    """The types of the assets that the caller has tasks on."""
    await standing_rows.entity_types(uow.session)
    return json_response(await mine.asset_types_json(project_id))


@router.get(
    "/data/user/projects/{project_id}/asset-types/{asset_type_id}/assets",
    response_model=list[EntityRead],
    responses=errors(NotFound),
    operation_id="list_assets_of_user",
    summary="List assets that the user works on",
)
async def list_assets(project_id: OpenProject, asset_type_id: UUID, mine: Mine, uow: Uow) -> Response:
    """The assets of a type that the caller has tasks on."""
    await standing_rows.entity_types(uow.session)
    return json_response(await mine.assets_json(project_id, asset_type_id))


@router.get(
    "/data/user/projects/{project_id}/sequences",
    response_model=list[EntityRead],
    responses=errors(NotFound),
    operation_id="list_sequences_of_user",
    summary="List sequences that the user works on",
)
async def list_sequences(project_id: OpenProject, mine: Mine) -> Response:
    """The sequences that the caller has tasks on, or on something in them."""
    return json_response(await mine.sequences_json(project_id))


@router.get(
    "/data/user/projects/{project_id}/episodes",
    response_model=list[EntityRead],
    responses=errors(NotFound),
    operation_id="list_episodes_of_user",
    summary="List episodes that the user works on",
)
async def list_episodes(project_id: OpenProject, mine: Mine) -> Response:
    """The episodes that the caller has tasks on, or on something in them."""
    return json_response(await mine.episodes_json(project_id))


@router.get(
    "/data/user/sequences/{sequence_id}/shots",
    response_model=list[EntityRead],
    operation_id="list_shots_of_user",
    summary="List shots that the user works on",
)
async def list_shots(sequence_id: UUID, mine: Mine) -> Response:
    """The shots of a sequence that the caller has tasks on."""
    return json_response(await mine.held_json("Shot", sequence_id))


@router.get(
    "/data/user/sequences/{sequence_id}/scenes",
    response_model=list[EntityRead],
    operation_id="list_scenes_of_user",
    summary="List scenes that the user works on",
)
async def list_scenes(sequence_id: UUID, mine: Mine) -> Response:
    """The scenes of a sequence that the caller has tasks on."""
    return json_response(await mine.held_json("Scene", sequence_id))


@router.get(
    "/data/user/assets/{entity_id}/tasks",
    response_model=list[TaskRead],
    operation_id="list_tasks_of_user_on_asset",
    summary="List tasks of the user on an asset",
)
@router.get(
    "/data/user/shots/{entity_id}/tasks",
    response_model=list[TaskRead],
    operation_id="list_tasks_of_user_on_shot",
    summary="List tasks of the user on a shot",
)
@router.get(
    "/data/user/scenes/{entity_id}/tasks",
    response_model=list[TaskRead],
    operation_id="list_tasks_of_user_on_scene",
    summary="List tasks of the user on a scene",
)
@router.get(
    "/data/user/sequences/{entity_id}/tasks",
    response_model=list[TaskRead],
    operation_id="list_tasks_of_user_on_sequence",
    summary="List tasks of the user on a sequence",
)
async def list_tasks_on_entity(entity_id: UUID, mine: Mine) -> Response:
    """The caller's tasks on this entity."""
    return json_response(await mine.tasks_json(entity_id))


@router.get(
    "/data/user/assets/{entity_id}/task-types",
    response_model=list[TaskTypeRead],
    operation_id="list_task_types_of_user_on_asset",
    summary="List task types of the user on an asset",
)
@router.get(
    "/data/user/shots/{entity_id}/task-types",
    response_model=list[TaskTypeRead],
    operation_id="list_task_types_of_user_on_shot",
    summary="List task types of the user on a shot",
)
@router.get(
    "/data/user/scenes/{entity_id}/task-types",
    response_model=list[TaskTypeRead],
    operation_id="list_task_types_of_user_on_scene",
    summary="List task types of the user on a scene",
)
@router.get(
    "/data/user/sequences/{entity_id}/task-types",
    response_model=list[TaskTypeRead],
    operation_id="list_task_types_of_user_on_sequence",
    summary="List task types of the user on a sequence",
)
async def list_task_types_on_entity(entity_id: UUID, mine: Mine) -> Response:
    """The types of the caller's tasks on this entity."""
    return json_response(await mine.task_types_json(entity_id))
