"""Edits: how they are added to a production."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.models import Entity
from kitsu_api.db.repositories.records import Records
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.edits import NewEdit
from kitsu_api.services import standing_rows
from kitsu_api.services.assets import check_parent, refuse_double
from kitsu_api.unit_of_work import UnitOfWork


async def create(uow: UnitOfWork, actor: Actor, project_id: UUID, wish: NewEdit) -> UUID:
    """Add an edit to a production; its id.

    Raises:
        BadRequest: the episode lies elsewhere, or the name is taken.
    """
    await check_parent(uow, project_id, wish.episode_id, "Episode", "episode_id")
    kind = await standing_rows.entity_type(uow.session, "Edit")
    values = {
        "name": wish.name,
        "description": wish.description,
        "data": wish.data or {},
        "project_id": project_id,
        "entity_type_id": kind.id,
        "parent_id": wish.episode_id,
        "created_by": actor.id,
    }
    await refuse_double(uow, values)
    edit = await Records(uow.session, Entity).add(values)
    uow.emit(record_event("edit", "new", edit.id, project_id, parent_id=wish.episode_id))
    return edit.id
