"""What ShotGrid has no more goes here, too, unless other rows still need it."""

from __future__ import annotations

from typing import Any

from kitsu_api.db import models as m
from kitsu_api.db.repositories.entity_removal import EntityRemoval
from kitsu_api.db.repositories.preview_files import PreviewFiles
from kitsu_api.db.repositories.shotgrid import Shotgrid
from kitsu_api.events import Event, record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.shotgrid import ShotgridRemoval
from kitsu_api.services import persons, standing_rows
from kitsu_api.services.starting_data import NEEDED_ENTITY_TYPES
from kitsu_api.services.task_removal import remove_tasks
from kitsu_api.unit_of_work import UnitOfWork

MODELS: dict[str, Any] = {
    "note": m.Comment,
    "person": m.Person,
    "project": m.Project,
    "status": m.TaskStatus,
    "step": m.TaskType,
    "task": m.Task,
    "version": m.PreviewFile,
}
"""Tables by what ShotGrid's removals call their rows; entities aside."""

ENTITIES = {"episode": "Episode", "scene": "Scene", "sequence": "Sequence", "shot": "Shot"}


async def _find(store: Shotgrid, kind: str, number: int) -> Any:
    if kind in MODELS:
        return (await store.numbered(MODELS[kind], [number])).get(number)
    await standing_rows.entity_types(store.session)
    types = await store.type_ids(NEEDED_ENTITY_TYPES)
    if kind == "asset":
        return (await store.entities([number], list(types.values()), but=True)).get(number)
    wanted = [id for name, id in types.items() if name == ENTITIES[kind]]
    return (await store.entities([number], wanted)).get(number)


async def remove(uow: UnitOfWork, actor: Actor, kind: str, number: int) -> ShotgridRemoval:
    """Delete the row of this number; one that isn't here is gone already.

    Raises:
        Forbidden: it is the caller, or a protected account.
        BadRequest: nobody would be left to run the studio.
    """
    store = Shotgrid(uow.session)
    row = await _find(store, kind, number)
    if row is None:
        return ShotgridRemoval(success=True)
    if kind == "task":
        await remove_tasks(uow, actor, [row.id])
        return ShotgridRemoval(success=True, removed_instance_id=row.id)
    if kind == "person":
        await persons.refuse_removal(uow, actor, row)
    removed = ShotgridRemoval(success=True, removed_instance_id=row.id)
    told = record_event("asset", "delete", row.id, row.project_id) if kind == "asset" else None
    if isinstance(row, m.Entity) and await EntityRemoval(uow.session).tasks_of([row.id]):
        return removed.model_copy(update={"success": False})
    if not await store.delete(row):
        return removed.model_copy(update={"success": False})
    if kind == "version":
        await PreviewFiles(uow.session).note_files(row)
    if told is not None:
        uow.emit(told)
    return removed


async def remove_connection(uow: UnitOfWork, number: int) -> ShotgridRemoval:
    """Take a person out of a team; the answer doesn't name the place."""
    store = Shotgrid(uow.session)
    for link in await store.connections([number]):
        project_id = link.project_id
        await uow.session.delete(link)
        await uow.session.flush()
        await store.touch_project(project_id)
        uow.emit(Event("project:update", {"project_id": str(project_id)}, project_id))
    return ShotgridRemoval(success=True)
