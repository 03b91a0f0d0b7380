"""Episodes: how they are added to a production."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.models import Entity
from kitsu_api.db.repositories.records import Records
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.episodes import NewEpisode
from kitsu_api.services import standing_rows
from kitsu_api.services.assets import refuse_double
from kitsu_api.unit_of_work import UnitOfWork


async def create(uow: UnitOfWork, actor: Actor, project_id: UUID, wish: NewEpisode) -> UUID:
    """Add an episode to a production; its id.

    Raises:
        BadRequest: the name is taken.
    """
    kind = await standing_rows.entity_type(uow.session, "Episode")
    values = {
        "name": wish.name,
        "description": wish.description or "",
        "status": wish.status or "running",
        "data": wish.data or {},
        "project_id": project_id,
        "entity_type_id": kind.id,
        "created_by": actor.id,
    }
    await refuse_double(uow, values)
    episode = await Records(uow.session, Entity).add(values)
    uow.emit(record_event("episode", "new", episode.id, project_id))
    return episode.id
