"""Many comments at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from kitsu_api.db.models import Task
from kitsu_api.db.repositories.status_changes import StatusChanges
from kitsu_api.db.repositories.task_comments import TaskComments
from kitsu_api.errors import (
    BadRequest,
    Forbidden,
    InsufficientStorage,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
    errors,
)
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.comment_places import CommentableTask, task_places
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.places import ManagedProject, existing_project
from kitsu_api.permissions.policies.comments import may_comment
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.comment_bodies import (
    Numbered,
    body_of,
    numbered_uploads,
    read_body,
    renumbered_uploads,
    validated,
)
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.media_slots import media_turn
from kitsu_api.routers.storage import Storage
from kitsu_api.schemas import task_comments as s
from kitsu_api.services import comment_batches as batches
from kitsu_api.services import task_comments as service
from kitsu_api.services.comment_batches import Made, Wish
from kitsu_api.storage.files import FileStorage
from kitsu_api.storage.temporary import temporary_folder
from kitsu_api.unit_of_work import UnitOfWork, Uow

router = APIRouter(tags=["Comments"], responses=errors(BadRequest, Unauthorized, Forbidden, NotFound))
Caller = Annotated[Actor, allow(anyone)]


async def _locked(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Task]:
    """The tasks that exist, locked in one order, so that two batches don't wait for each other."""
    return await StatusChanges(uow.session).lock_tasks(set(ids))


async def _post_all(
    uow: UnitOfWork,
    storage: FileStorage,
    actor: Actor,
    wishes: Sequence[Wish],
    files: Numbered | None = None,
    made: Made | None = None,
) -> Response:
    """Comments of a batch that may come with files show their previews whole; the others their author's
    departments."""
    ids = await batches.post_all(uow, storage, actor, wishes, files or {}, made or {})
    batch = files is not None
    rows = await TaskComments(uow.session).made_json(ids, departments=not batch, preview_files=batch)
    return json_response(rows, 201)


async def _commentable(uow: UnitOfWork, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Task]:
    """The tasks, locked, if the caller may comment on all of them."""
    tasks = await _locked(uow, ids)
    if len(tasks) < len(set(ids)):
        raise NotFound
    if not all(may_comment(actor, place) for place in await task_places(uow, actor, tasks.values())):
        raise Forbidden
    return tasks


async def _post_batch(
    request: Request,
    uow: UnitOfWork,
    storage: FileStorage,
    actor: Actor,
    wishes: Sequence[tuple[UUID, s.NewComment]],
    files: list[tuple[str, UploadFile]],
) -> Response:
    """Make comments with the files that came with them. Previews are made before tasks are locked; that the
    caller may comment is made sure of before, since it is costly, and once more after."""
    attached, previews = numbered_uploads(files, len(wishes))
    ids = [task_id for task_id, _ in wishes]
    tasks = await _commentable(uow, actor, ids)
    if not previews:
        return await _post_all(uow, storage, actor, [(tasks[id], wish) for id, wish in wishes], attached)
    with temporary_folder(uow.settings) as folder:
        async with media_turn(request):
            made = await batches.make_previews(uow, ids, previews, folder)
        tasks = await _commentable(uow, actor, ids)
        return await _post_all(
            uow, storage, actor, [(tasks[id], wish) for id, wish in wishes], attached, made
        )


@router.post(
    "/actions/tasks/batch-comment",
    status_code=201,
    response_model=list[s.MadeComment],
    responses=errors(TooLarge, Unavailable, InsufficientStorage),
    openapi_extra=body_of(s.CommentBatchOnTasks, s.CommentBatchOnTasksForm),
    operation_id="comment_tasks",
    summary="Comment on several tasks",
)
async def comment_tasks(request: Request, uow: Uow, actor: Caller, storage: Storage) -> Response:
    """Comment on several tasks, all or none. Files to attach to the n-th comment are called
    `attachment_file-n`, its previews `preview_file-n`."""
    values, files = await read_body(request)
    wishes = validated(s.CommentBatchOnTasks, values).comments
    pairs = [(wish.task_id, wish) for wish in wishes]
    return await _post_batch(request, uow, storage, actor, pairs, files)


@router.post(
    "/actions/tasks/{task_id}/batch-comment",
    status_code=201,
    response_model=list[s.MadeComment],
    responses=errors(TooLarge, Unavailable, InsufficientStorage),
    openapi_extra=body_of(s.CommentBatch, s.CommentBatchForm),
    operation_id="comment_task_several_times",
    summary="Comment on a task several times",
)
async def comment_task_several_times(
    place: CommentableTask,
    request: Request,
    uow: Uow,
    actor: CurrentActor,
    storage: Storage,
) -> Response:
    """Make several comments on a task, all or none. Files to attach to the n-th comment are called
    `attachment_file-n`, its previews `preview_file-n`."""
    values, files = await read_body(request)
    wishes = validated(s.CommentBatch, values).comments
    pairs = [(place.task.id, wish) for wish in wishes]
    return await _post_batch(request, uow, storage, actor, pairs, files)


@router.post(
    "/actions/projects/{project_id}/tasks/comment-many",
    status_code=201,
    response_model=list[s.MadeComment],
    responses=errors(TooLarge, Unavailable, InsufficientStorage),
    openapi_extra=body_of(s.CommentsOfProject, s.CommentBatchOnTasksForm),
    operation_id="comment_tasks_of_project",
    summary="Comment on tasks of a project",
)
async def comment_tasks_of_project(
    project_id: UUID, request: Request, uow: Uow, actor: Caller, storage: Storage
) -> Response:
    """Comment on those of the tasks that the caller may comment on; the others are left out, with their
    files, which are called as those of `/actions/tasks/batch-comment`."""
    await existing_project(project_id, uow.session)
    values, files = await read_body(request)
    wishes = validated(
        s.CommentsOfProject, values.get("comments") if isinstance(values, dict) else values
    ).root
    numbered_uploads(files, len(wishes))
    tasks = await _locked(uow, [wish.task_id for wish in wishes])
    allowed = {
        place.task.id
        for place in await task_places(uow, actor, tasks.values())
        if place.task.project_id == project_id and may_comment(actor, place)
    }
    places = [place for place, wish in enumerate(wishes) if wish.task_id in allowed]
    pairs = [(wishes[place].task_id, wishes[place]) for place in places]
    if not files:
        return await _post_all(uow, storage, actor, [(tasks[id], wish) for id, wish in pairs])
    return await _post_batch(request, uow, storage, actor, pairs, renumbered_uploads(files, places))


@router.post(
    "/actions/projects/{project_id}/tasks/copy-client-comments",
    status_code=201,
    response_model=list[s.MadeComment],
    operation_id="copy_client_comments",
    summary="Copy client comments for the team",
)
async def copy_client_comments(
    project_id: ManagedProject, payload: s.ClientComments, uow: Uow, actor: CurrentActor, storage: Storage
) -> Response:
    """Say what clients last said on these tasks once more, for the team."""
    tasks = await _locked(uow, payload.task_ids)
    if any(task.project_id != project_id for task in tasks.values()):
        raise Forbidden
    wanted = [tasks[id] for id in dict.fromkeys(payload.task_ids) if id in tasks]
    ids = await service.copy_client_comments(uow, storage, actor, wanted, payload.prefix)
    return json_response(await TaskComments(uow.session).made_json(ids, departments=True), 201)
