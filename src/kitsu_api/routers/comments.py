"""Comments of tasks: made, read, answered, acknowledged, moved and deleted."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Comment
from kitsu_api.db.projections import COMMENT
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.status_changes import StatusChanges
from kitsu_api.db.repositories.task_comments import TaskComments
from kitsu_api.errors import BadRequest, Forbidden, NotFound, TooLarge, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.comment_places import (
    CommentableTask,
    OwnComment,
    ReadComment,
    RunComment,
    SeenComment,
)
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.scopes import seen_comments
from kitsu_api.routers.comment_bodies import body_of, read_body, uploads, validated
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.named_answers import NAMED, small_list
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.tasks import existing_task, is_seen
from kitsu_api.schemas import task_comments as s
from kitsu_api.schemas.comments import CommentRead
from kitsu_api.services import task_comments as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Comments"], responses=errors(Unauthorized, Forbidden, NotFound))
SeenTask = Annotated[tuple[UUID, bool], guard(existing_task, is_seen)]


@router.post(
    "/actions/tasks/{task_id}/comment",
    status_code=201,
    response_model=s.MadeComment,
    responses=errors(BadRequest, TooLarge),
    openapi_extra=body_of(s.NewComment, s.NewCommentForm),
    operation_id="comment_task",
    summary="Comment on a task",
)
async def comment_task(
    place: CommentableTask,
    request: Request,
    uow: Uow,
    actor: CurrentActor,
    storage: Storage,
) -> Response:
    """Say something about a task, and give it a status; files may come with it in a form."""
    values, files = await read_body(request)
    wish = validated(s.NewComment, values)
    id = await service.post(uow, storage, actor, place.task, wish, uploads(files))
    rows = await TaskComments(uow.session).made_json([id])
    return json_response(rows[1:-1], 201)


@router.get(
    "/data/tasks/{task_id}/comments",
    response_model=list[s.TaskComment],
    responses=NAMED,
    operation_id="list_comments_of_task",
    summary="List comments of a task",
)
async def list_comments(task: SeenTask, request: Request, actor: CurrentActor, session: Listing) -> Response:
    """The comments that the caller may read: pinned ones first, then the newest."""
    comments, seen = TaskComments(session), seen_comments(actor)
    return await small_list(request, session, actor, lambda: comments.list_json(task[0], seen))


@router.get(
    "/data/tasks/{task_id}/comments/{comment_id}",
    response_model=s.PlainComment,
    operation_id="get_comment_of_task",
    summary="Get a comment of a task",
)
async def get_comment(place: ReadComment, session: Session) -> Response:
    """One comment of a task."""
    row = await TaskComments(session).one_json(place.comment.id)
    assert row is not None
    return json_response(row)


@router.delete(
    "/data/tasks/{task_id}/comments/{comment_id}",
    status_code=204,
    operation_id="delete_comment_of_task",
    summary="Delete a comment of a task",
)
async def delete_comment(place: OwnComment, uow: Uow, actor: CurrentActor) -> Response:
    """Delete a comment; the task falls back to what its other comments say."""
    await service.remove(uow, actor, place.task, place.comment)
    return Response(status_code=204)


@router.post(
    "/data/tasks/{task_id}/comments/{comment_id}/ack",
    response_model=CommentRead,
    operation_id="acknowledge_comment",
    summary="Acknowledge a comment",
)
async def acknowledge_comment(place: SeenComment, uow: Uow, actor: CurrentActor) -> Response:
    """Acknowledge a comment; the same call takes it back."""
    await service.acknowledge(uow, actor, place.task, place.comment)
    row = await Records(uow.session, Comment).one_json(COMMENT, place.comment.id, relations=True)
    assert row is not None
    return json_response(row)


@router.post(
    "/data/tasks/{task_id}/comments/{comment_id}/reply",
    response_model=s.Reply,
    responses=errors(BadRequest, TooLarge),
    openapi_extra=body_of(s.NewReply, s.NewReplyForm),
    operation_id="reply_to_comment",
    summary="Reply to a comment",
)
async def reply_to_comment(
    place: SeenComment,
    request: Request,
    uow: Uow,
    actor: CurrentActor,
    storage: Storage,
) -> dict[str, Any]:
    """Answer a comment; files may come with it in a form."""
    values, files = await read_body(request)
    wish = validated(s.NewReply, values)
    kept = await service.reply(uow, storage, actor, place.task, place.comment, wish.text, uploads(files))
    return {**kept, "person": await TaskComments(uow.session).card(actor.id)}


@router.delete(
    "/data/tasks/{task_id}/comments/{comment_id}/reply/{reply_id}",
    response_model=s.PlainComment,
    operation_id="delete_reply",
    summary="Delete a reply",
)
async def delete_reply(place: SeenComment, reply_id: UUID, uow: Uow, actor: CurrentActor) -> Response:
    """Delete a reply: one's own, or any for those who run the production."""
    await service.remove_reply(uow, actor, place.task, place.comment, reply_id)
    row = await TaskComments(uow.session).one_json(place.comment.id)
    assert row is not None
    return json_response(row)


@router.post(
    "/actions/tasks/{task_id}/comments/{comment_id}/move",
    response_model=CommentRead,
    responses=errors(BadRequest),
    operation_id="move_comment",
    summary="Move a comment to another task",
)
async def move_comment(place: RunComment, payload: s.MoveTarget, uow: Uow) -> Response:
    """Put a comment on another task of the same entity; both tasks follow what is said on them."""
    target = await StatusChanges(uow.session).lock_task(payload.target_task_id)
    if target is None:
        raise BadRequest("target_task_id: there is no such task.")
    await service.move(uow, place.task, place.comment, target)
    row = await Records(uow.session, Comment).one_json(COMMENT, place.comment.id, relations=True)
    assert row is not None
    return json_response(row)
