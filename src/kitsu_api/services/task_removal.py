"""Tasks that are deleted with all that hangs on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from kitsu_api.db.repositories.task_removal import DoomedTask, TaskRemoval
from kitsu_api.db.repositories.trash import Bin
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.unit_of_work import UnitOfWork


async def remove_tasks(
    uow: UnitOfWork, actor: Actor, task_ids: Collection[UUID], bin: Bin | None = None
) -> list[UUID]:
    """Delete tasks with their comments, previews, news, notifications, time spents and subscriptions.

    Ids of tasks that are gone already are skipped. Working files stay, without a task. The number of
    statements does not depend on the number of tasks. Gives the ids of what was deleted.
    What goes is kept in the bin, if there is one.
    """
    if not task_ids:
        return []
    return await _remove(uow, await TaskRemoval(uow.session).named(task_ids), bin)


async def remove_tasks_of_project(
    uow: UnitOfWork, actor: Actor, project_id: UUID, task_ids: Collection[UUID]
) -> list[UUID]:
    """Delete those of the tasks that are of the production; tasks of other productions stay."""
    if not task_ids:
        return []
    return await _remove(uow, await TaskRemoval(uow.session).named(task_ids, project_id))


async def remove_tasks_of_type(
    uow: UnitOfWork, actor: Actor, project_id: UUID, task_type_id: UUID
) -> list[UUID]:
    """Delete all tasks of one type in a production."""
    return await _remove(uow, await TaskRemoval(uow.session).of_type(project_id, task_type_id))


async def remove_content(uow: UnitOfWork, task_ids: Collection[UUID], bin: Bin | None = None) -> None:
    """Delete all that hangs on tasks, and leave the tasks, which the caller has locked."""
    removal = TaskRemoval(uow.session, bin)
    for preview_id, project_id in await removal.previews_of(task_ids):
        uow.emit(record_event("preview-file", "delete", preview_id, project_id))
    await removal.delete_content(task_ids)


async def _remove(uow: UnitOfWork, tasks: Sequence[DoomedTask], bin: Bin | None = None) -> list[UUID]:
    if not tasks:
        return []
    ids = [task.id for task in tasks]
    await remove_content(uow, ids, bin)
    await TaskRemoval(uow.session, bin).delete_tasks(ids)
    for task in tasks:
        more = {"entity_id": task.entity_id, "task_type_id": task.task_type_id}
        uow.emit(record_event("task", "delete", task.id, task.project_id, **more))
    return ids
