"""Castings: which assets entities show, and what follows for the episodes and shots around them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from kitsu_api.db.repositories.breakdown import Breakdown
from kitsu_api.db.repositories.casting_changes import Caster, CastingChanges, NewLink
from kitsu_api.db.repositories.locks import lock
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import Event, record_event
from kitsu_api.schemas.breakdown import CastAsset
from kitsu_api.services.entities import THINGS
from kitsu_api.unit_of_work import UnitOfWork

Castings = Mapping[UUID, Sequence[CastAsset]]


async def set_castings(uow: UnitOfWork, project_id: UUID, castings: Castings) -> None:
    """Make the castings of entities exactly these. What a shot casts is cast by its episode as well; what
    an episode casts no more goes out of its shots.

    Raises:
        NotFound: one of the entities is not in the production.
        BadRequest: one of the assets is not one that the production may cast, or casts itself.
    """
    if not castings:
        return
    await lock(uow.session, "casting", project_id)
    changes = CastingChanges(uow.session)
    casters = {caster.id: caster for caster in await changes.casters(castings.keys(), project_id)}
    if len(casters) != len(castings):
        raise NotFound
    await _check_assets(changes, project_id, castings)
    before = await changes.castings(castings.keys())
    await changes.clear(castings.keys())
    wanted = {id: {item.asset_id: item for item in items} for id, items in castings.items()}
    links = [_link(id, item) for id, items in wanted.items() for item in items.values()]
    emptied = await _empty_shots(changes, casters, before, wanted)
    implied = await _implied(changes, casters, wanted)
    ids = await changes.add([*implied, *links])
    _announce_links(uow, project_id, casters, [*implied, *links], ids)
    touched = {*casters, *emptied, *(link.entity_in_id for link in implied)}
    counts = await changes.recount(touched)
    await changes.recount_ready([*casters, *emptied])
    for shot_id, gone in emptied.items():
        if shot_id not in casters:
            shot = Caster(shot_id, project_id, "Shot", None)
            # Listeners hear of a shot that was emptied from outside twice: counted anew, and what went.
            uow.emit(casting_update(shot, counts[shot_id], (), ()))
            uow.emit(casting_update(shot, counts[shot_id], (), gone))
    for id, caster in casters.items():
        added = [asset_id for asset_id in wanted[id] if asset_id not in before[id]]
        removed = [asset_id for asset_id in before[id] if asset_id not in wanted[id]]
        uow.emit(casting_update(caster, counts[id], added, removed))


async def _check_assets(changes: CastingChanges, project_id: UUID, castings: Castings) -> None:
    ids = {item.asset_id for items in castings.values() for item in items}
    unknown = ids - await changes.castable(ids, project_id)
    if unknown:
        raise BadRequest("asset_id: there is no such asset in this production.")
    if any(item.asset_id == id for id, items in castings.items() for item in items):
        raise BadRequest("asset_id: an asset can't cast itself.")


def _link(caster_id: UUID, item: CastAsset) -> NewLink:
    return NewLink(caster_id, item.asset_id, item.nb_occurences, item.label or "")


async def _empty_shots(
    changes: CastingChanges,
    casters: Mapping[UUID, Caster],
    before: Mapping[UUID, Sequence[UUID]],
    wanted: Mapping[UUID, Mapping[UUID, CastAsset]],
) -> dict[UUID, list[UUID]]:
    """Take out of the shots of episodes what these cast no more; the assets by shot."""
    emptied: dict[UUID, list[UUID]] = {}
    for id, caster in casters.items():
        removed = [asset_id for asset_id in before[id] if asset_id not in wanted[id]]
        if caster.kind != "Episode" or not removed:
            continue
        for shot_id, asset_id in await changes.take_out_of_shots(id, removed):
            emptied.setdefault(shot_id, []).append(asset_id)
    return emptied


async def _implied(
    changes: CastingChanges,
    casters: Mapping[UUID, Caster],
    wanted: Mapping[UUID, Mapping[UUID, CastAsset]],
) -> list[NewLink]:
    """What episodes have to cast because their shots do; those that are set at the same time stay as set."""
    episodes = {
        caster.episode_id
        for caster in casters.values()
        if caster.episode_id is not None and caster.episode_id not in casters
    }
    if not episodes:
        return []
    cast = {id: set(asset_ids) for id, asset_ids in (await changes.castings(episodes)).items()}
    links: list[NewLink] = []
    for id, items in wanted.items():
        episode_id = casters[id].episode_id
        if episode_id not in cast:
            continue
        for asset_id in items:
            if asset_id not in cast[episode_id]:
                cast[episode_id].add(asset_id)
                links.append(NewLink(episode_id, asset_id, auto=True))
    return links


def _announce_links(
    uow: UnitOfWork,
    project_id: UUID,
    casters: Mapping[UUID, Caster],
    links: Sequence[NewLink],
    ids: Sequence[UUID],
) -> None:
    for link, id in zip(links, ids, strict=True):
        caster = casters.get(link.entity_in_id)
        if not link.auto:
            uow.emit(_link_event(project_id, link, id))
        if link.auto or (caster is not None and caster.kind == "Episode"):
            # The assets of an episode are listed by what it casts: the asset looks different now.
            uow.emit(record_event("asset", "update", link.entity_out_id, project_id))


def _link_event(project_id: UUID, link: NewLink, id: UUID) -> Event:
    data = {
        "entity_link_id": str(id),
        "entity_in_id": str(link.entity_in_id),
        "entity_out_id": str(link.entity_out_id),
        "nb_occurences": link.nb_occurences,
        "project_id": str(project_id),
    }
    return Event("entity-link:new", data, project_id)


def casting_update(caster: Caster, number: int, added: Collection[UUID], removed: Collection[UUID]) -> Event:
    """What the world hears when a casting has changed; `number`: how many assets it holds now."""
    return record_event(
        THINGS.get(caster.kind, "asset"),
        "casting-update",
        caster.id,
        caster.project_id,
        nb_entities_out=number,
        added_asset_ids=[str(id) for id in added],
        removed_asset_ids=[str(id) for id in removed],
    )


async def cast_in_many(
    uow: UnitOfWork, project_id: UUID, entity_ids: Sequence[UUID], item: CastAsset
) -> None:
    """Cast an asset in entities beside what these cast; where it is cast already, the link is changed.

    Raises:
        NotFound: one of the entities, or the asset, is not there.
        BadRequest: the asset would cast itself.
    """
    await lock(uow.session, "casting", project_id)
    changes, asset_id = CastingChanges(uow.session), item.asset_id
    casters = {caster.id: caster for caster in await changes.casters(entity_ids, project_id)}
    if len(casters) != len(set(entity_ids)) or asset_id not in await changes.castable([asset_id], project_id):
        raise NotFound
    if asset_id in casters:
        raise BadRequest("entity_ids: an asset can't cast itself.")
    before = await changes.castings(casters)
    held = [id for id in casters if asset_id in before[id]]
    await changes.change(held, asset_id, item.nb_occurences, item.label or "")
    fresh = [id for id in dict.fromkeys(entity_ids) if id not in held]
    implied = await _implied(changes, casters, {id: {asset_id: item} for id in fresh})
    links = [*implied, *(_link(id, item) for id in fresh)]
    _announce_links(uow, project_id, casters, links, await changes.add(links))
    counts = await changes.recount({*casters, *(link.entity_in_id for link in implied)})
    await changes.recount_ready(list(casters))
    for id in dict.fromkeys(entity_ids):
        uow.emit(casting_update(casters[id], counts[id], [asset_id] if id in fresh else (), ()))


async def delete_link(uow: UnitOfWork, link_id: UUID, project_id: UUID) -> bytes:
    """Uncast an asset by the id of the link; what the link was, as JSON.

    Raises:
        NotFound: there is no such link any more.
    """
    await lock(uow.session, "casting", project_id)
    breakdown, changes = Breakdown(uow.session), CastingChanges(uow.session)
    row = await breakdown.link_json(link_id)
    ends = await changes.delete(link_id)
    if row is None or ends is None:
        raise NotFound
    [caster] = await changes.casters([ends[0]], project_id)
    counts = await changes.recount([caster.id])
    await changes.recount_ready([caster.id])
    uow.emit(casting_update(caster, counts[caster.id], (), [ends[1]]))
    return row
