"""What people asked to be told of."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kitsu_api.db.models import Subscription, TaskType
from kitsu_api.db.repositories.locks import lock
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.user_notifications import UserNotifications
from kitsu_api.errors import Forbidden, NotFound
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.unit_of_work import UnitOfWork


async def check_tasks(uow: UnitOfWork, actor: Actor, task_ids: Sequence[UUID]) -> None:
    """The tasks exist, and the caller sees them.

    Raises:
        NotFound: one does not exist.
        Forbidden: one lies in a production that is not the caller's, or is not a vendor's own.
    """
    own = UserNotifications(uow.session, actor.id)
    projects = await own.projects_of(task_ids)
    if set(task_ids) - set(projects):
        raise NotFound
    if not all(actor.sees(project_id) for project_id in projects.values()):
        raise Forbidden
    narrow = [id for id, project_id in projects.items() if actor.role_on(project_id) is Role.VENDOR]
    if narrow and set(narrow) - await own.assigned(narrow):
        raise Forbidden


async def subscribe(uow: UnitOfWork, actor: Actor, task_ids: Sequence[UUID]) -> list[UUID]:
    """Tell the caller of what happens to these tasks; the ids of the subscriptions, in the tasks' order.

    Raises:
        NotFound: one of the tasks does not exist.
        Forbidden: the caller does not see one of them.
    """
    await check_tasks(uow, actor, task_ids)
    await lock(uow.session, "subscriptions", actor.id)
    known = await UserNotifications(uow.session, actor.id).subscriptions(task_ids)
    records = Records(uow.session, Subscription)
    for task_id in task_ids:
        if task_id not in known:
            row = await records.add({"person_id": actor.id, "task_id": task_id})
            known[task_id] = row.id
    return [known[task_id] for task_id in task_ids]


async def unsubscribe(uow: UnitOfWork, actor: Actor, task_ids: Sequence[UUID]) -> None:
    """Tell the caller of these tasks no more.

    Raises:
        NotFound: one of the tasks does not exist.
        Forbidden: the caller does not see one of them.
    """
    await check_tasks(uow, actor, task_ids)
    await UserNotifications(uow.session, actor.id).unsubscribe(task_ids)


async def subscribe_to_place(uow: UnitOfWork, actor: Actor, entity_id: UUID, task_type_id: UUID) -> UUID:
    """Tell the caller of the tasks of a type in a sequence; the id of the subscription.

    Raises:
        NotFound: there is no such task type.
    """
    if not await Records(uow.session, TaskType).exists(TaskType.id == task_type_id):
        raise NotFound
    await lock(uow.session, "subscriptions", actor.id)
    own = UserNotifications(uow.session, actor.id)
    known = await own.place_subscription(entity_id, task_type_id)
    if known is not None:
        return known
    values = {"person_id": actor.id, "entity_id": entity_id, "task_type_id": task_type_id}
    return (await Records(uow.session, Subscription).add(values)).id
