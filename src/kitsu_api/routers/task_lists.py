"""Tasks, and what hangs on them, of one place; and tasks deleted in bulk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import ColumnElement

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db import scopes
from kitsu_api.db.engine import Session
from kitsu_api.db.projection import Projection
from kitsu_api.db.replica import Opener
from kitsu_api.db.repositories.board_versions import task_rows
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings, CurrentActor
from kitsu_api.permissions.board_scopes import is_limited
from kitsu_api.permissions.entity_scopes import seen_tasks
from kitsu_api.permissions.listings import Listing, opener_of
from kitsu_api.permissions.places import ManagedProject, OpenEntity, OpenProject
from kitsu_api.permissions.scopes import seen_comments
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.list_queries import Listed, ListQuery, paged
from kitsu_api.routers.named_answers import NAMED, by_state, small_list
from kitsu_api.routers.tasks import SeenTask
from kitsu_api.schemas import records as s
from kitsu_api.schemas.assignations import TaskIdList
from kitsu_api.schemas.base import page_schema
from kitsu_api.services import task_removal
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Tasks"], responses=errors(BadRequest, Unauthorized, Forbidden, NotFound))


async def _list(
    request: Request,
    session: Session,
    actor: Actor,
    settings: AppSettings,
    projection: Projection,
    where: list[ColumnElement[bool]],
    query: ListQuery,
) -> Response:
    """Rows oldest first, or a page of them newest first."""
    return await small_list(
        request, session, actor, lambda: _rows(session, settings, projection, where, query)
    )


async def _rows(
    session: Session,
    settings: AppSettings,
    projection: Projection,
    where: list[ColumnElement[bool]],
    query: ListQuery,
) -> bytes:
    records: Records[m.Task] = Records(session, projection.model)  # type: ignore[arg-type]  # any table
    page = query.page(settings)
    rows = await records.list_json(projection, where, page, relations=query.relations, fields=query.fields)
    return rows if page is None else paged(rows, await records.count(where), page)


async def _parts(opened: Opener, where: list[ColumnElement[bool]]) -> AsyncIterator[bytes]:
    """Tasks with their assignees, piece by piece, on a session of its own."""
    async with opened() as session:
        async for part in Records(session, m.Task).parts_json(p.TASK, where, relations=True):
            yield part


@router.get(
    "/data/projects/{project_id}/tasks",
    response_model=list[s.TaskRead] | page_schema(s.TaskRead),
    responses=NAMED,
    operation_id="list_tasks_of_project",
    summary="List tasks of a project",
)
async def list_tasks_of_project(
    project_id: OpenProject,
    request: Request,
    settings: AppSettings,
    actor: CurrentActor,
    query: Listed,
    session: Listing,
) -> Response:
    """The tasks of a production that the caller sees, with their assignees."""
    where = [m.Task.project_id == project_id, seen_tasks(actor, project_id)]
    if query.filters or is_limited(actor, project_id):
        query.relations = True
        return await _list(request, session, actor, settings, p.TASK, where, query)
    opened = opener_of(request, session)
    state = {"tasks": str(project_id)}
    return await by_state(request, session, state, task_rows(project_id), lambda: _parts(opened, where))


@router.get(
    "/data/projects/{project_id}/comments",
    response_model=list[s.CommentRead] | page_schema(s.CommentRead),
    responses=NAMED,
    operation_id="list_comments_of_project",
    summary="List comments of a project",
)
async def list_comments_of_project(
    project_id: ManagedProject,
    request: Request,
    settings: AppSettings,
    actor: CurrentActor,
    query: Listed,
    session: Listing,
) -> Response:
    """The comments on all tasks of a production, for who runs it."""
    query.relations = True
    where = [scopes.by_task(m.Comment.object_id, [project_id]), seen_comments(actor)]
    return await _list(request, session, actor, settings, p.COMMENT, where, query)


@router.get(
    "/data/projects/{project_id}/notifications",
    response_model=list[s.NotificationRead] | page_schema(s.NotificationRead),
    responses=NAMED,
    operation_id="list_notifications_of_project",
    summary="List notifications of a project",
)
async def list_notifications_of_project(
    project_id: ManagedProject,
    request: Request,
    settings: AppSettings,
    actor: CurrentActor,
    query: Listed,
    session: Listing,
) -> Response:
    """The notifications about all tasks of a production, for who runs it."""
    where = [scopes.by_task(m.Notification.task_id, [project_id])]
    return await _list(request, session, actor, settings, p.NOTIFICATION, where, query)


@router.get(
    "/data/projects/{project_id}/preview-files",
    response_model=list[s.PreviewFileRead] | page_schema(s.PreviewFileRead),
    responses=NAMED,
    operation_id="list_preview_files_of_project",
    summary="List preview files of a project",
)
async def list_preview_files_of_project(
    project_id: ManagedProject,
    request: Request,
    settings: AppSettings,
    actor: CurrentActor,
    query: Listed,
    session: Listing,
) -> Response:
    """The previews of all tasks of a production, for who runs it."""
    where = [scopes.by_task(m.PreviewFile.task_id, [project_id])]
    return await _list(request, session, actor, settings, p.PREVIEW_FILE, where, query)


@router.get(
    "/data/projects/{project_id}/subscriptions",
    response_model=list[s.SubscriptionRead] | page_schema(s.SubscriptionRead),
    responses=NAMED,
    operation_id="list_subscriptions_of_project",
    summary="List subscriptions of a project",
)
async def list_subscriptions_of_project(
    project_id: ManagedProject,
    request: Request,
    settings: AppSettings,
    actor: CurrentActor,
    query: Listed,
    session: Listing,
) -> Response:
    """Who is told about which task of a production, for who runs it."""
    where = [scopes.by_task(m.Subscription.task_id, [project_id])]
    return await _list(request, session, actor, settings, p.SUBSCRIPTION, where, query)


@router.get(
    "/data/tasks/{task_id}/previews",
    response_model=list[s.PreviewFileRead],
    operation_id="list_previews_of_task",
    summary="List previews of a task",
)
async def list_previews_of_task(task: SeenTask, session: Listing) -> Response:
    """The previews of a task, oldest first."""
    rows = await Records(session, m.PreviewFile).list_json(p.PREVIEW_FILE, [m.PreviewFile.task_id == task[0]])
    return json_response(rows)


@router.get(
    "/data/entities/{entity_id}/task-types/{task_type_id}/tasks",
    response_model=list[s.TaskRead],
    operation_id="list_tasks_of_entity_and_type",
    summary="List tasks of an entity and a task type",
)
async def list_tasks_of_entity_and_type(
    place: OpenEntity, task_type_id: UUID, actor: CurrentActor, session: Listing
) -> Response:
    """The tasks of one type on an entity; vendors see those that they are assigned to."""
    if not await Records(session, m.TaskType).exists(m.TaskType.id == task_type_id):
        raise NotFound
    where = [
        m.Task.entity_id == place.id,
        m.Task.task_type_id == task_type_id,
        seen_tasks(actor, place.project_id),
    ]
    return json_response(await Records(session, m.Task).list_json(p.TASK, where))


@router.post(
    "/actions/projects/{project_id}/delete-tasks",
    response_model=TaskIdList,
    operation_id="delete_tasks",
    summary="Delete several tasks",
)
async def delete_tasks(
    project_id: ManagedProject, task_ids: TaskIdList, uow: Uow, actor: CurrentActor
) -> TaskIdList:
    """Delete tasks of a production with all that hangs on them; the ids of those that were deleted."""
    gone = set(await task_removal.remove_tasks_of_project(uow, actor, project_id, task_ids.root))
    return TaskIdList([id for id in dict.fromkeys(task_ids.root) if id in gone])


@router.delete(
    "/actions/projects/{project_id}/task-types/{task_type_id}/delete-tasks",
    status_code=204,
    operation_id="delete_tasks_of_type",
    summary="Delete all tasks of a type",
)
async def delete_tasks_of_type(
    project_id: ManagedProject, task_type_id: UUID, uow: Uow, actor: CurrentActor
) -> Response:
    """Delete the tasks of one type in a production with all that hangs on them."""
    if not await Records(uow.session, m.TaskType).exists(m.TaskType.id == task_type_id):
        raise NotFound
    await task_removal.remove_tasks_of_type(uow, actor, project_id, task_type_id)
    return Response(status_code=204)
