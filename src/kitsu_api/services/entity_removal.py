"""Entities that go: canceled while there is work on them, or deleted with all that hangs on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from kitsu_api.db.models import Entity
from kitsu_api.db.repositories.entity_removal import CONTAINERS, Doomed, EntityRemoval
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.services.entities import THINGS
from kitsu_api.services.task_removal import remove_tasks
from kitsu_api.services.trash import open_bin
from kitsu_api.unit_of_work import UnitOfWork


def thing_of(kind: str) -> str:
    """What events call an entity, by the name of its type."""
    return THINGS.get(kind, "asset")


async def remove_entity(uow: UnitOfWork, actor: Actor, entity_id: UUID, kind: str, *, force: bool) -> None:
    """Cancel an entity that has tasks; delete one that has none, that is canceled already, or by `force`.

    Sequences and episodes go when they are empty, or by `force` with the sequences and shots in them.
    `kind` is `Asset`, or the name of the entity's type.

    Raises:
        NotFound: there is no such entity of this kind.
        BadRequest: a sequence or an episode is not empty.
    """
    removal = EntityRemoval(uow.session)
    found = [entity for entity in await removal.find([entity_id]) if _is(kind, entity)]
    if not found:
        raise NotFound
    await remove(uow, actor, found, force=force)


def _is(kind: str, entity: Doomed) -> bool:
    return entity.kind not in THINGS if kind == "Asset" else entity.kind == kind


async def remove(uow: UnitOfWork, actor: Actor, entities: Sequence[Doomed], *, force: bool) -> None:
    """Cancel or delete entities, each as `remove_entity` says, in a constant number of statements.

    Raises:
        BadRequest: a sequence or an episode is not empty.
    """
    removal = EntityRemoval(uow.session)
    containers = [entity for entity in entities if entity.kind in CONTAINERS]
    if not force and containers:
        await _refuse_filled(removal, containers)
    canceled = [entity for entity in entities if entity.has_tasks and not entity.canceled and not force]
    if canceled:
        await removal.cancel([entity.id for entity in canceled])
    for entity in canceled:
        uow.emit(record_event(thing_of(entity.kind), "update", entity.id, entity.project_id))
    staying = {entity.id for entity in canceled}
    await _delete(uow, actor, [entity for entity in entities if entity.id not in staying])


async def delete_many(
    uow: UnitOfWork, actor: Actor, project_id: UUID, ids: Sequence[UUID], *, force: bool
) -> list[UUID]:
    """Cancel or delete the assets, shots, edits and concepts of a production among the ids; these, in the
    order given. Sequences and the like, and what is of other productions, stay as they are."""
    found = await EntityRemoval(uow.session).find(ids)
    chosen = [one for one in found if one.project_id == project_id and _goes_in_bulk(one.kind)]
    await remove(uow, actor, chosen, force=force)
    removed = {one.id for one in chosen}
    return [id for id in dict.fromkeys(ids) if id in removed]


def _goes_in_bulk(kind: str) -> bool:
    return kind not in THINGS or kind in ("Shot", "Edit", "Concept")


async def _refuse_filled(removal: EntityRemoval, containers: Sequence[Doomed]) -> None:
    filled = await removal.filled([entity.id for entity in containers])
    for entity in containers:
        if entity.id in filled or entity.has_tasks:
            raise BadRequest(f"Some data are still linked to this {thing_of(entity.kind)}.")


async def clear(uow: UnitOfWork, actor: Actor, entity: Entity) -> None:
    """Everything that hangs on an entity goes before it: tasks, castings, files, what a sequence holds."""
    await _delete(uow, actor, await EntityRemoval(uow.session).find([entity.id]), staying=entity.id)


async def _delete(
    uow: UnitOfWork, actor: Actor, entities: Sequence[Doomed], staying: UUID | None = None
) -> None:
    """Delete entities with the sequences and shots in them, what is held before what holds it; of the one
    that stays everything else goes."""
    if not entities:
        return
    removal = EntityRemoval(uow.session)
    levels, seen = [list(entities)], {entity.id for entity in entities}
    while holders := [entity.id for entity in levels[-1] if entity.kind in CONTAINERS]:
        below = [entity for entity in await removal.held_by(holders) if entity.id not in seen]
        seen.update(entity.id for entity in below)
        levels.append(below)
    doomed = _bottom_up(levels)
    ids = [entity.id for entity in doomed]
    bin = await open_bin(uow, actor, doomed)
    removal = EntityRemoval(uow.session, bin)
    await remove_tasks(uow, actor, await removal.tasks_of(ids), bin)
    for playlist_id, project_id in await removal.take_out_of_playlists(ids):
        uow.emit(record_event("playlist", "update", playlist_id, project_id))
    if staying is not None and bin is not None:
        await bin.copy(staying)  # whoever asked deletes the row itself
    await removal.clear([id for id in ids if id == staying])
    await removal.delete([id for id in ids if id != staying])
    for entity in doomed:
        if entity.id != staying:
            uow.emit(record_event(thing_of(entity.kind), "delete", entity.id, entity.project_id))


def _bottom_up(levels: Sequence[Collection[Doomed]]) -> list[Doomed]:
    """Entities in the order in which they go: each after what it holds."""
    held: dict[UUID | None, list[Doomed]] = {}
    for below in levels[1:]:
        for entity in below:
            held.setdefault(entity.parent_id, []).append(entity)
    order: list[Doomed] = []

    def visit(entity: Doomed) -> None:
        for child in held.pop(entity.id, ()):
            visit(child)
        order.append(entity)

    for entity in levels[0]:
        visit(entity)
    return order
