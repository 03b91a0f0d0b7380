"""Schedule items: there is one for each task type and thing of a production, made when first looked at."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.models import ScheduleItem
from kitsu_api.db.repositories.schedule import Scheduled, ScheduleRepository
from kitsu_api.errors import BadRequest
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.services import standing_rows
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]

FIRST_LENGTH = dt.timedelta(days=1)
"""From start to end of an item that nobody has planned yet."""


async def updating_item(uow: UnitOfWork, actor: Actor, item: ScheduleItem, values: Values) -> Values:
    """A production has one schedule item for a task type and a thing.

    Raises:
        BadRequest: there is another one already.
    """
    if item.project_id is None or not {"task_type_id", "object_id"} & set(values):
        return values
    items = ScheduleRepository(uow.session, item.project_id)
    await items.lock()
    task_type_id = values.get("task_type_id", item.task_type_id)
    if await items.taken(item.id, task_type_id, values.get("object_id", item.object_id)):
        raise BadRequest("A similar schedule item already exists")
    return values


async def _complete(
    uow: UnitOfWork, items: ScheduleRepository, pairs: list[tuple[UUID, UUID | None]]
) -> None:
    today = now().date()
    for id in await items.add_missing(pairs, today, today + FIRST_LENGTH):
        uow.emit(record_event("schedule-item", "new", id, items.project_id))


async def task_type_items(uow: UnitOfWork, project_id: UUID) -> bytes:
    """The items of a production's task types, as JSON; those that lack begin today."""
    items = ScheduleRepository(uow.session, project_id)
    task_types = await items.task_types()
    await _complete(uow, items, [(id, None) for id in task_types])
    return await items.of_task_types_json(task_types)


async def object_items(
    uow: UnitOfWork, project_id: UUID, task_type_id: UUID, kind: Scheduled, episode_id: UUID | None
) -> bytes:
    """The items of a task type for asset types or entities of a production, of one episode or of all,
    as JSON; those that lack begin today."""
    await standing_rows.entity_types(uow.session)
    items = ScheduleRepository(uow.session, project_id)
    objects = await items.objects(kind, episode_id)
    await _complete(uow, items, [(task_type_id, id) for id in objects])
    return await items.of_objects_json(task_type_id, kind, objects)
