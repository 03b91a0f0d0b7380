"""Scenes: how they are added to a production, and which shots are made in them."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.models import Entity
from kitsu_api.db.repositories.entity_lists import EntityLists
from kitsu_api.db.repositories.records import EVERYTHING, Records
from kitsu_api.errors import NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.scenes import NewScene
from kitsu_api.services import standing_rows
from kitsu_api.services.assets import check_parent, refuse_double
from kitsu_api.unit_of_work import UnitOfWork


async def create(uow: UnitOfWork, actor: Actor, project_id: UUID, wish: NewScene) -> UUID:
    """Add a scene to a production; its id.

    Raises:
        BadRequest: the sequence lies elsewhere, or the name is taken.
    """
    await check_parent(uow, project_id, wish.sequence_id, "Sequence", "sequence_id")
    kind = await standing_rows.entity_type(uow.session, "Scene")
    values = {
        "name": wish.name,
        "description": wish.description,
        "data": wish.data or {},
        "project_id": project_id,
        "entity_type_id": kind.id,
        "parent_id": wish.sequence_id,
        "created_by": actor.id,
    }
    await refuse_double(uow, values)
    scene = await Records(uow.session, Entity).add(values)
    uow.emit(record_event("scene", "new", scene.id, project_id))
    return scene.id


async def _shot(uow: UnitOfWork, project_id: UUID, shot_id: UUID) -> Entity:
    if await EntityLists(uow.session).place(shot_id) != (project_id, "Shot"):
        raise NotFound
    found = await Records(uow.session, Entity).find_in_scope(shot_id, EVERYTHING)
    if found is None:
        raise NotFound
    return found[0]


async def add_shot(uow: UnitOfWork, project_id: UUID, scene_id: UUID, shot_id: UUID) -> None:
    """Put a shot into a scene.

    Raises:
        NotFound: there is no such shot in the production of the scene.
    """
    shot = await _shot(uow, project_id, shot_id)
    await Records(uow.session, Entity).change(shot, {"source_id": scene_id})
    uow.emit(record_event("shot", "add-to-scene", shot_id, project_id, scene_id=scene_id))
    uow.emit(record_event("shot", "update", shot_id, project_id))


async def remove_shot(uow: UnitOfWork, project_id: UUID, scene_id: UUID, shot_id: UUID) -> None:
    """Take a shot out of a scene.

    Raises:
        NotFound: the shot is not in the scene.
    """
    shot = await _shot(uow, project_id, shot_id)
    if shot.source_id != scene_id:
        raise NotFound
    await Records(uow.session, Entity).change(shot, {"source_id": None})
    uow.emit(record_event("shot", "update", shot_id, project_id))
    uow.emit(record_event("shot", "remove-from-scene", shot_id, project_id, scene_id=scene_id))
