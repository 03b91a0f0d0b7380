"""What ShotGrid knows of what is made: assets, episodes, sequences, scenes and shots.

A row that names a production which isn't here is left out. What it names otherwise may come later: it is
linked when the row is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from kitsu_api.db import models as m
from kitsu_api.db.projection import Projection
from kitsu_api.db.repositories.shotgrid import Shotgrid
from kitsu_api.events import Event
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas import shotgrid as s
from kitsu_api.services import standing_rows
from kitsu_api.services.shotgrid_studio import changed
from kitsu_api.services.starting_data import NEEDED_ENTITY_TYPES
from kitsu_api.unit_of_work import UnitOfWork

ENTITY = Projection(m.Entity, "Entity")
UNTYPED = "Asset"
"""The type of assets that ShotGrid gives none."""

Row = s.ShotgridEntity | s.ShotgridShot
Values = dict[str, Any]


class EntityImport:
    """Entities of one kind that are taken over together."""

    def __init__(self, uow: UnitOfWork, actor: Actor, rows: Sequence[Row]) -> None:
        self.uow, self.actor = uow, actor
        self.store = Shotgrid(uow.session)
        self.rows: Sequence[Any] = [row for row in rows if row.id is not None and row.code and row.project]
        self.types: dict[str, UUID] = {}
        self.projects: dict[int, m.Project] = {}
        self.named: dict[str, m.Project] = {}

    async def begin(self) -> None:
        """Look up the types of entities and the productions that the rows name."""
        await self.store.wait_for_turn()
        await standing_rows.entity_types(self.uow.session)
        self.types = await self.store.type_ids(NEEDED_ENTITY_TYPES)
        self.projects = await self.store.numbered(m.Project, _ids(row.project for row in self.rows))
        names = [row.project.name for row in self.rows if row.project.name]
        self.named = await self.store.named(m.Project, names)

    def project_of(self, row: Row, *, by_number: bool = False) -> m.Project | None:
        """The production of a row: assets go by its number, what is in it by its name first."""
        assert row.project is not None
        numbered = self.projects.get(row.project.id or 0)
        named = self.named.get((row.project.name or "").lower())
        return (numbered or named) if by_number else (named or numbered)

    async def of_kind(self, kind: str, refs: Iterable[s.Ref | None]) -> dict[int, m.Entity]:
        """Entities of a kind that rows name, by ShotGrid's number."""
        return await self.store.entities(_ids(refs), [self.types[kind]])

    async def assets(self, refs: Iterable[s.Ref | None]) -> dict[int, m.Entity]:
        """Assets that rows name, by ShotGrid's number."""
        return await self.store.entities(_ids(refs), list(self.types.values()), but=True)

    async def store_all(
        self,
        here: dict[int, m.Entity],
        values_of: Callable[[Any, m.Entity | None], Values | None],
        *,
        by_number: bool = False,
    ) -> list[tuple[Any, m.Entity]]:
        """Make or change an entity for each row; `values_of` gives its columns, None to leave it out."""
        projects = [self.project_of(row, by_number=by_number) for row in self.rows]
        project_ids = {project.id for project in projects if project is not None}
        alike = await self.store.unnumbered(project_ids, {row.code for row in self.rows})
        stored = []
        for row, project in zip(self.rows, projects, strict=True):
            if project is None:
                continue
            entity = here.get(row.id)
            values = values_of(row, entity)
            if values is None:
                continue
            values |= {"name": row.code, "project_id": project.id, "shotgun_id": row.id}
            if row.description is not None or entity is None:
                values["description"] = row.description
            place = (project.id, values["entity_type_id"], values.get("parent_id"), row.code)
            entity = entity or alike.get(place)
            if entity is None:
                entity = m.Entity(**values, created_by=self.actor.id)
                self.store.plan(entity)
            else:
                changed(entity, values)
            here[row.id] = entity
            stored.append((row, entity))
        await self.uow.session.flush()
        return stored

    async def answer(self, stored: Sequence[tuple[Any, m.Entity]]) -> bytes:
        """The entities as they are now, in the order of their rows."""
        return await self.store.in_order_json(ENTITY, m.Entity, [entity.id for _, entity in stored])


def _ids(refs: Iterable[s.Ref | None]) -> Collection[int]:
    return {ref.id for ref in refs if ref is not None and ref.id is not None}


def _numbers(rows: Sequence[Any]) -> list[int]:
    return [row.id for row in rows]


async def import_assets(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridAsset]) -> bytes:
    """Assets, and which others they are part of; types of assets are made where they are missing."""
    job = EntityImport(uow, actor, rows)
    await job.begin()
    names = {row.sg_asset_type or UNTYPED: None for row in job.rows}
    types = await job.store.named(m.EntityType, names)
    new = [m.EntityType(name=name) for name in names if name.lower() not in types]
    await job.store.add(new)
    for kind in new:
        types[kind.name.lower()] = kind
        uow.emit(Event("asset-type:new", {"asset_type_id": str(kind.id)}))
    here = await job.store.entities(_numbers(job.rows), list(job.types.values()), but=True)

    def values_of(row: s.ShotgridAsset, entity: m.Entity | None) -> Values:
        return {"entity_type_id": types[(row.sg_asset_type or UNTYPED).lower()].id}

    stored = await job.store_all(here, values_of, by_number=True)
    parents = await job.assets(parent for row, _ in stored for parent in row.parents or ())
    await job.store.link_entities(
        {
            (parents[parent.id].id, asset.id): None
            for row, asset in stored
            for parent in row.parents or ()
            if parent.id in parents and parents[parent.id].id != asset.id
        }
    )
    return await job.answer(stored)


async def import_episodes(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridEpisode]) -> bytes:
    """Episodes."""
    job = EntityImport(uow, actor, rows)
    await job.begin()
    type_id = job.types["Episode"]
    here = await job.store.entities(_numbers(job.rows), [type_id])
    return await job.answer(await job.store_all(here, lambda row, entity: {"entity_type_id": type_id}))


async def import_sequences(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridSequence]) -> bytes:
    """Sequences, in their episodes."""
    job = EntityImport(uow, actor, rows)
    await job.begin()
    type_id = job.types["Sequence"]
    here = await job.store.entities(_numbers(job.rows), [type_id])
    episodes = await job.of_kind("Episode", (row.episode for row in job.rows))

    def values_of(row: s.ShotgridSequence, entity: m.Entity | None) -> Values:
        return {"entity_type_id": type_id} | _held(episodes, row.episode, entity)

    return await job.answer(await job.store_all(here, values_of))


async def import_scenes(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridScene]) -> bytes:
    """Scenes, in the first of their sequences."""
    job = EntityImport(uow, actor, rows)
    await job.begin()
    type_id = job.types["Scene"]
    here = await job.store.entities(_numbers(job.rows), [type_id])
    first = {row.id: next(iter(row.sequence_sg_scenes_1_sequences or ()), None) for row in job.rows}
    sequences = await job.of_kind("Sequence", first.values())

    def values_of(row: s.ShotgridScene, entity: m.Entity | None) -> Values:
        return {"entity_type_id": type_id} | _held(sequences, first[row.id], entity)

    return await job.answer(await job.store_all(here, values_of))


def _held(holders: dict[int, m.Entity], ref: s.Ref | None, entity: m.Entity | None) -> Values:
    """What holds an entity; what isn't here yet leaves it where it is."""
    holder = holders.get(ref.id or 0) if ref is not None else None
    if holder is None and entity is not None:
        return {"parent_id": entity.parent_id}
    return {"parent_id": holder.id if holder is not None else None}


async def import_shots(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridShot]) -> bytes:
    """Shots, in their sequences, with their frames, the studio's own fields, and the assets cast in them."""
    job = EntityImport(uow, actor, rows)
    await job.begin()
    type_id = job.types["Shot"]
    here = await job.store.entities(_numbers(job.rows), [type_id])
    sequences = await job.of_kind("Sequence", (row.sg_sequence for row in job.rows))
    scenes = await job.of_kind("Scene", (_scene(row) for row in job.rows))

    def values_of(row: s.ShotgridShot, entity: m.Entity | None) -> Values:
        own = entity.data if entity is not None and isinstance(entity.data, dict) else {}
        scene = _scene(row)
        found = scenes.get(scene.id or 0) if scene is not None else None
        values = {"entity_type_id": type_id, "data": {**own, **_shot_data(row)}}
        if found is not None or entity is None:
            values["source_id"] = found.id if found is not None else None
        return values | _held(sequences, row.sg_sequence, entity)

    stored = await job.store_all(here, values_of)
    assets = await job.assets(asset for row, _ in stored for asset in row.assets or ())
    await job.store.link_entities(
        {
            (shot.id, assets[asset.id].id): None
            for row, shot in stored
            for asset in row.assets or ()
            if asset.id in assets
        }
    )
    return await job.answer(stored)


def _scene(row: s.ShotgridShot) -> s.Ref | None:
    named = row.sg_scene
    number = named.get("id") if isinstance(named, dict) else None
    return s.Ref(id=number) if isinstance(number, int) and not isinstance(number, bool) else None


def _shot_data(row: s.ShotgridShot) -> Values:
    """ShotGrid's cut as frames: the shot ends its duration after it begins."""
    data = row.own_fields()
    if row.sg_scene is not None:
        data["sg_scene"] = row.sg_scene
    frame_out = None
    if row.sg_cut_duration is not None:
        data["sg_cut_duration"] = row.sg_cut_duration
        frame_out = None if row.sg_cut_in is None else row.sg_cut_in + row.sg_cut_duration
    return {**data, "frame_in": row.sg_cut_in, "frame_out": frame_out}
