"""What the signed-in person is told, and what they follow."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Notification, Subscription
from kitsu_api.db.projections import NOTIFICATION, SUBSCRIPTION
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.user_notifications import NotificationFilter, UserNotifications
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.places import OpenProject, OpenSequence
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import user_work as s
from kitsu_api.schemas.base import Moment
from kitsu_api.schemas.news import NotificationRead, SubscriptionRead
from kitsu_api.services import subscriptions
from kitsu_api.services import user_notifications as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Notifications"], responses=errors(Unauthorized, Forbidden))
Caller = Annotated[Actor, allow(anyone)]


async def _own(session: Session, actor: Caller) -> UserNotifications:
    return UserNotifications(session, actor.id, actor.confined_to)


Own = Annotated[UserNotifications, Depends(_own, scope="function")]


async def _own_notification(notification_id: UUID, own: Own) -> Notification:
    found = await own.find(notification_id)
    if found is None:
        raise NotFound
    return found


OwnNotification = Annotated[Notification, Depends(_own_notification, scope="function")]


@router.get(
    "/data/user/notifications",
    response_model=list[s.UserNotification],
    responses=errors(BadRequest),
    operation_id="list_notifications_of_user",
    summary="List notifications of the user",
)
async def list_notifications(
    own: Own,
    after: Annotated[Moment | None, Query(description="Only later ones, UTC.")] = None,
    before: Annotated[Moment | None, Query(description="Only earlier ones, UTC.")] = None,
    task_type_id: UUID | None = None,
    task_status_id: UUID | None = None,
    type: Annotated[s.NotificationKind | None, Query(description="Why it was sent.")] = None,
    read: bool | None = None,
    watching: Annotated[bool | None, Query(description="Whether the caller follows the task.")] = None,
) -> Response:
    """The newest hundred notifications of the caller; go on with `before`."""
    wanted = NotificationFilter(
        before=before,
        after=after,
        task_type_id=task_type_id,
        task_status_id=task_status_id,
        kind=type,
        read=read,
        watching=watching,
    )
    return json_response(await own.list_json(wanted))


@router.get(
    "/data/user/notifications/{notification_id}",
    response_model=s.UserNotification,
    responses=errors(NotFound),
    operation_id="get_notification_of_user",
    summary="Get a notification of the user",
)
async def get_notification(notification_id: UUID, own: Own) -> Response:
    """A notification of the caller, with what it is about."""
    row = await own.one_json(notification_id)
    if row is None:
        raise NotFound
    return json_response(row)


@router.put(
    "/data/user/notifications/{notification_id}",
    response_model=NotificationRead,
    responses=errors(BadRequest, NotFound),
    operation_id="update_notification_of_user",
    summary="Mark a notification as read",
)
async def update_notification(
    notification: OwnNotification, payload: s.ReadMark, uow: Uow, actor: Caller
) -> Response:
    """Mark a notification of the caller as read, or as unread again."""
    await service.mark(uow, actor, notification, read=payload.read)
    row = await Records(uow.session, Notification).one_json(NOTIFICATION, notification.id)
    assert row is not None
    return json_response(row)


@router.post(
    "/actions/user/notifications/mark-all-as-read",
    response_model=s.Done,
    operation_id="mark_all_notifications_as_read",
    summary="Mark all notifications as read",
)
async def mark_all_as_read(uow: Uow, actor: Caller) -> s.Done:
    """Nothing of the caller's is unread any more."""
    await service.mark_all(uow, actor)
    return s.Done(success=True)


# --- subscriptions ------------------------------------------------------------------------------------


async def _subscription(uow: Uow, id: UUID) -> bytes:
    row = await Records(uow.session, Subscription).one_json(SUBSCRIPTION, id)
    assert row is not None
    return row


@router.get(
    "/data/user/tasks/{task_id}/subscribed",
    response_model=s.Subscribed,
    operation_id="is_subscribed_to_task",
    summary="Whether the user follows a task",
)
async def is_subscribed_to_task(task_id: UUID, own: Own) -> bool:
    """Whether the caller is told of what happens to a task."""
    return await own.is_subscribed(task_id=task_id)


@router.get(
    "/data/user/entities/{entity_id}/task-types/{task_type_id}/subscribed",
    response_model=s.Subscribed,
    operation_id="is_subscribed_to_entity",
    summary="Whether the user follows a task type of an entity",
)
@router.get(
    "/data/user/sequences/{entity_id}/task-types/{task_type_id}/subscribed",
    response_model=s.Subscribed,
    operation_id="is_subscribed_to_sequence",
    summary="Whether the user follows a task type of a sequence",
)
async def is_subscribed_to_place(entity_id: UUID, task_type_id: UUID, own: Own) -> bool:
    """Whether the caller is told of the tasks of a type in a sequence."""
    return await own.is_subscribed(entity_id=entity_id, task_type_id=task_type_id)


@router.get(
    "/data/user/projects/{project_id}/task-types/{task_type_id}/sequence-subscriptions",
    response_model=s.IdList,
    responses=errors(NotFound),
    operation_id="list_sequence_subscriptions_of_user",
    summary="List sequences that the user follows",
)
async def list_sequence_subscriptions(project_id: OpenProject, task_type_id: UUID, own: Own) -> list[UUID]:
    """The sequences of a production whose tasks of a type the caller is told of."""
    return await own.followed_sequences(project_id, task_type_id)


@router.post(
    "/actions/user/tasks/subscribe",
    status_code=201,
    response_model=list[SubscriptionRead],
    responses=errors(BadRequest, NotFound),
    operation_id="subscribe_to_tasks",
    summary="Follow tasks",
)
async def subscribe_to_tasks(payload: s.FollowedTasks, uow: Uow, actor: Caller) -> Response:
    """Tell the caller of what happens to these tasks."""
    ids = await subscriptions.subscribe(uow, actor, payload.task_ids)
    records = Records(uow.session, Subscription)
    rows = await records.list_json(SUBSCRIPTION, [Subscription.id.in_(ids)])
    return json_response(rows, 201)


@router.post(
    "/actions/user/tasks/unsubscribe",
    response_model=s.IdList,
    responses=errors(BadRequest, NotFound),
    operation_id="unsubscribe_from_tasks",
    summary="Follow tasks no more",
)
async def unsubscribe_from_tasks(payload: s.FollowedTasks, uow: Uow, actor: Caller) -> list[UUID]:
    """Tell the caller of these tasks no more; their ids."""
    await subscriptions.unsubscribe(uow, actor, payload.task_ids)
    return payload.task_ids


@router.post(
    "/actions/user/tasks/{task_id}/subscribe",
    status_code=201,
    response_model=SubscriptionRead,
    responses=errors(NotFound),
    operation_id="subscribe_to_task",
    summary="Follow a task",
)
async def subscribe_to_task(task_id: UUID, uow: Uow, actor: Caller) -> Response:
    """Tell the caller of what happens to a task."""
    [id] = await subscriptions.subscribe(uow, actor, [task_id])
    return json_response(await _subscription(uow, id), 201)


@router.delete(
    "/actions/user/tasks/{task_id}/unsubscribe",
    status_code=204,
    responses=errors(NotFound),
    operation_id="unsubscribe_from_task",
    summary="Follow a task no more",
)
async def unsubscribe_from_task(task_id: UUID, uow: Uow, actor: Caller) -> Response:
    """Tell the caller of a task no more."""
    await subscriptions.unsubscribe(uow, actor, [task_id])
    return Response(status_code=204)


@router.post(
    "/actions/user/sequences/{sequence_id}/task-types/{task_type_id}/subscribe",
    status_code=201,
    response_model=SubscriptionRead,
    responses=errors(NotFound),
    operation_id="subscribe_to_sequence",
    summary="Follow a task type of a sequence",
)
async def subscribe_to_sequence(place: OpenSequence, task_type_id: UUID, uow: Uow, actor: Caller) -> Response:
    """Tell the caller of the tasks of a type in a sequence."""
    id = await subscriptions.subscribe_to_place(uow, actor, place.id, task_type_id)
    return json_response(await _subscription(uow, id), 201)


@router.delete(
    "/actions/user/sequences/{sequence_id}/task-types/{task_type_id}/unsubscribe",
    status_code=204,
    responses=errors(NotFound),
    operation_id="unsubscribe_from_sequence",
    summary="Follow a task type of a sequence no more",
)
async def unsubscribe_from_sequence(
    place: OpenSequence, task_type_id: UUID, uow: Uow, actor: Caller
) -> Response:
    """Tell the caller of the tasks of a type in a sequence no more."""
    await UserNotifications(uow.session, actor.id).unsubscribe_place(place.id, task_type_id)
    return Response(status_code=204)
