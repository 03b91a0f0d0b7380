"""Sequences and shots: how they are added to a production."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kitsu_api.db.models import Entity
from kitsu_api.db.repositories.entity_lists import EntityLists
from kitsu_api.db.repositories.quotas import frame_rate
from kitsu_api.db.repositories.records import EVERYTHING, Records
from kitsu_api.db.repositories.shot_frames import ShotFrames
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.base import reject_null
from kitsu_api.schemas.shots import NewSequence, NewShot, ShotUpdate
from kitsu_api.services import standing_rows
from kitsu_api.services.assets import check_parent, name_taken, refuse_double
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


def _values(actor: Actor, project_id: UUID, kind_id: UUID, wish: NewShot) -> dict[str, Any]:
    return {
        "name": wish.name,
        "description": wish.description,
        "data": wish.data or {},
        "nb_frames": wish.nb_frames,
        "project_id": project_id,
        "entity_type_id": kind_id,
        "parent_id": wish.sequence_id,
        "created_by": actor.id,
    }


async def _episode_of(uow: UnitOfWork, project_id: UUID, sequence_id: UUID | None) -> UUID | None:
    """The episode of a sequence, which has to lie in the production."""
    await check_parent(uow, project_id, sequence_id, "Sequence", "sequence_id")
    sequence = await Records(uow.session, Entity).find(sequence_id) if sequence_id else None
    return sequence.parent_id if sequence else None


async def create_shot(uow: UnitOfWork, actor: Actor, project_id: UUID, wish: NewShot) -> UUID:
    """Add a shot to a production; its id.

    Raises:
        BadRequest: the sequence lies elsewhere, or the name is taken.
    """
    episode_id = await _episode_of(uow, project_id, wish.sequence_id)
    kind = await standing_rows.entity_type(uow.session, "Shot")
    values = _values(actor, project_id, kind.id, wish)
    await refuse_double(uow, values)
    shot = await Records(uow.session, Entity).add(values)
    uow.emit(record_event("shot", "new", shot.id, project_id, episode_id=episode_id))
    return shot.id


async def create_shots(
    uow: UnitOfWork, actor: Actor, project_id: UUID, wishes: Sequence[NewShot]
) -> list[UUID]:
    """Add shots to a production, in this order; their ids. Statements grow with their sequences alone.

    Raises:
        BadRequest: a sequence lies elsewhere, or a name is taken.
    """
    sequences = dict.fromkeys(wish.sequence_id for wish in wishes)
    episodes = {id: await _episode_of(uow, project_id, id) for id in sequences}
    kind = await standing_rows.entity_type(uow.session, "Shot")
    entities, lists = Records(uow.session, Entity), EntityLists(uow.session)
    await lists.reserve_all_names(project_id)
    taken = await lists.taken_names(project_id, kind.id, {wish.name for wish in wishes})
    ids = []
    for wish in wishes:
        place = wish.name, wish.sequence_id
        if place in taken:
            raise BadRequest(name_taken(wish.name, canceled=taken[place]))
        taken[place] = False
        shot = entities.add_later(_values(actor, project_id, kind.id, wish))
        uow.emit(record_event("shot", "new", shot.id, project_id, episode_id=episodes[wish.sequence_id]))
        ids.append(shot.id)
    await uow.session.flush()
    return ids


async def update_shot(uow: UnitOfWork, shot_id: UUID, project_id: UUID, wish: ShotUpdate) -> None:
    """Change a shot; metadata is replaced as a whole.

    Raises:
        NotFound: it is gone.
        BadRequest: it is to have no name, or that of another shot of its sequence.
    """
    reject_null(wish, "name")
    entities = Records(uow.session, Entity)
    found = await entities.find_in_scope(shot_id, EVERYTHING)
    if found is None:
        raise NotFound
    shot, values = found[0], wish.model_dump(exclude_unset=True)
    if values.get("name", shot.name) != shot.name:
        place = ("project_id", "entity_type_id", "parent_id", "source_id")
        await refuse_double(uow, {"name": values["name"], **{key: getattr(shot, key) for key in place}})
    await entities.change(shot, values)
    uow.emit(record_event("shot", "update", shot_id, project_id))


async def set_frames_from_previews(
    uow: UnitOfWork, project_id: UUID, task_type_id: UUID, episode_id: UUID | None
) -> bytes:
    """Set how many frames shots have to what the last movie on their task of a type shows, at the frame
    rate of the production; the shots that have one, with their frames, as JSON."""
    frames = ShotFrames(uow.session)
    rate = frame_rate(None, await frames.rate(project_id))
    return await frames.set_from_previews(project_id, task_type_id, episode_id, rate)
