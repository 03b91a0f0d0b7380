"""Sequences and shots: how they are added to a production."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.models import Entity
from kitsu_api.db.repositories.records import Records
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.shots import NewSequence, NewShot
from kitsu_api.services import standing_rows
from kitsu_api.services.assets import check_parent, refuse_double
from kitsu_api.unit_of_work import UnitOfWork


async def create_sequence(uow: UnitOfWork, actor: Actor, project_id: UUID, wish: NewSequence) -> UUID:
    """Add a sequence to a production; its id.

    Raises:
        BadRequest: the episode lies elsewhere, or the name is taken.
    """
    await check_parent(uow, project_id, wish.episode_id, "Episode", "episode_id")
    kind = await standing_rows.entity_type(uow.session, "Sequence")
    values = {
        "name": wish.name,
        "description": wish.description or "",
        "data": wish.data or {},
        "project_id": project_id,
        "entity_type_id": kind.id,
        "parent_id": wish.episode_id,
        "created_by": actor.id,
    }
    await refuse_double(uow, values)
    sequence = await Records(uow.session, Entity).add(values)
    uow.emit(record_event("sequence", "new", sequence.id, project_id))
    return sequence.id


async def create_shot(uow: UnitOfWork, actor: Actor, project_id: UUID, wish: NewShot) -> UUID:
    """Add a shot to a production; its id.

    Raises:
        BadRequest: the sequence lies elsewhere, or the name is taken.
    """
    await check_parent(uow, project_id, wish.sequence_id, "Sequence", "sequence_id")
    kind = await standing_rows.entity_type(uow.session, "Shot")
    values = {
        "name": wish.name,
        "description": wish.description,
        "data": wish.data or {},
        "nb_frames": wish.nb_frames,
        "project_id": project_id,
        "entity_type_id": kind.id,
        "parent_id": wish.sequence_id,
        "created_by": actor.id,
    }
    await refuse_double(uow, values)
    entities = Records(uow.session, Entity)
    shot = await entities.add(values)
    sequence = await entities.find(wish.sequence_id) if wish.sequence_id else None
    episode_id = sequence.parent_id if sequence else None
    uow.emit(record_event("shot", "new", shot.id, project_id, episode_id=episode_id))
    return shot.id
