"""Tasks of one type, made on many entities at once."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kitsu_api.db.models import TaskType
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.task_creation import TaskCreation
from kitsu_api.errors import NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.services.comments import default_status
from kitsu_api.unit_of_work import UnitOfWork

KINDS = {kind.lower(): kind for kind in ("Asset", "Shot", "Sequence", "Episode", "Scene", "Edit", "Concept")}
"""Kinds of entities that tasks are made for, as paths name them."""


async def create_tasks(
    uow: UnitOfWork,
    actor: Actor,
    project_id: UUID,
    task_type_id: UUID,
    kind: str,
    entity_ids: Collection[UUID] | None,
) -> list[UUID]:
    """Give entities of a kind a task of a type, all of the production or those named; the new ids.

    Entities that have one already, and those of other kinds or productions, are left out. Two requests
    at once make one task an entity.

    Raises:
        NotFound: there is no such kind or task type.
    """
    if kind not in KINDS or not await Records(uow.session, TaskType).exists(TaskType.id == task_type_id):
        raise NotFound
    creation = TaskCreation(uow.session)
    await creation.reserve(project_id, task_type_id)
    entities = await creation.entities_without(project_id, task_type_id, KINDS[kind], entity_ids)
    status = await default_status(uow, for_concept=kind == "concept")
    ids = await creation.add(project_id, task_type_id, status.id, actor.id, entities)
    for id in ids:
        uow.emit(record_event("task", "new", id, project_id))
    return ids
