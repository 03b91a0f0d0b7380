"""Tasks of one entity: made all at once, as its production and its workflow provide for."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kitsu_api.db.models import Entity
from kitsu_api.db.repositories.entity_tasks import EntityTasks
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.task_creation import TaskCreation
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.services.entities import THINGS
from kitsu_api.services.task_creation import create_tasks
from kitsu_api.unit_of_work import UnitOfWork


async def create_tasks_of_entity(
    uow: UnitOfWork, actor: Actor, entity_id: UUID, kind: str, wanted: Sequence[UUID] | None
) -> list[UUID]:
    """Give an entity a task of each of these types, or of all that its production and its workflow provide
    for; the ids of the new ones. Types that it has a task of already are skipped.

    Raises:
        NotFound: the entity is gone.
        BadRequest: a type is for other entities, or the production or the workflow goes without it.
    """
    entity = await Records(uow.session, Entity).find(entity_id)
    if entity is None:
        raise NotFound
    tasks = EntityTasks(uow.session)
    for_entity = kind if kind in THINGS else "Asset"
    workflow = await tasks.workflow(entity.entity_type_id) if for_entity == "Asset" else frozenset()
    if wanted is None:
        planned = await tasks.task_types(entity.project_id, for_entity=for_entity)
        chosen = [each.id for each in planned if each.in_project and (not workflow or each.id in workflow)]
    else:
        chosen = await _named(tasks, entity, wanted, for_entity, workflow)
    for id in sorted(chosen):  # in one order for all: requests that lock one type each wait for ever
        await TaskCreation(uow.session).reserve(entity.project_id, id)
    made: list[UUID] = []
    for id in chosen:
        made += await create_tasks(uow, actor, entity.project_id, id, for_entity.lower(), [entity_id])
    return made


async def _named(
    tasks: EntityTasks, entity: Entity, wanted: Sequence[UUID], for_entity: str, workflow: frozenset[UUID]
) -> list[UUID]:
    """The task types of these ids, in this order, once each.

    Raises:
        BadRequest: the entity can't have a task of one of them.
    """
    known = {each.id: each for each in await tasks.task_types(entity.project_id, ids=wanted)}
    chosen: list[UUID] = []
    for id in dict.fromkeys(wanted):
        found = known.get(id)
        if found is None:
            raise BadRequest(f"There is no task type {id}.")
        if found.for_entity != for_entity:
            raise BadRequest(f"Task type {id} is for {found.for_entity} entities, got {for_entity}.")
        if not found.in_project:
            raise BadRequest(f"Task type {id} is not enabled in project {entity.project_id}.")
        if workflow and id not in workflow:
            raise BadRequest(f"Task type {id} is not in the workflow of asset type {entity.entity_type_id}.")
        chosen.append(id)
    return chosen
