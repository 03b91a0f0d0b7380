"""What a sheet of castings names, and how it writes links: many in one statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, func, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.repositories.bulk import among, insert_rows, update_rows
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS


@dataclass(frozen=True)
class Named:
    """An entity by what it is called, and where it lies."""

    id: UUID
    name: str
    kind: str
    """The name of its type."""
    parent: str | None
    """The name of what holds it."""
    above: str | None
    """The name of the episode: of the sequence that a shot lies in, or that an asset was made for."""
    above_id: UUID | None
    number: int
    """How many assets it casts."""

    @property
    def is_asset(self) -> bool:
        """Whether it is an asset."""
        return self.kind not in OTHER_KINDS


@dataclass(frozen=True)
class StoredLink:
    """An asset that is cast."""

    id: UUID
    entity_in_id: UUID
    entity_out_id: UUID
    nb_occurences: int | None
    label: str | None


class ImportedCasting:
    """The castings of one production."""

    def __init__(self, session: AsyncSession, project_id: UUID) -> None:
        self.session = session
        self.project_id = project_id

    def _ids(self, names: Collection[str], places: Collection[str]) -> Any:
        """The ids of the assets of these names whose type is called like one of the places, of the shots
        whose sequence is, and of the episodes of these names. Each is found by an index of its own: names are
        many, and have none."""
        entity, holder, kind = aliased(m.Entity), aliased(m.Entity), m.EntityType
        named = (entity.project_id == self.project_id, among(entity.name, names))
        lower = cast(func.lower(kind.name), Text)
        types = select(kind.id).where(among(lower, {place.lower() for place in places}))
        assets = select(entity.id).where(*named, entity.entity_type_id.in_(types))
        sequences = select(holder.id).where(
            holder.project_id == self.project_id,
            holder.entity_type_id.in_(select(kind.id).where(kind.name == "Sequence")),
            among(holder.name, places),
        )
        shots = select(entity.id).where(*named, entity.parent_id.in_(sequences))
        others = select(kind.id).where(kind.name.in_(("Shot", "Episode")))
        loose = select(entity.id).where(*named, entity.entity_type_id.in_(others), entity.parent_id.is_(None))
        return union(assets, shots, loose).subquery("found")

    async def named(self, names: Collection[str], places: Collection[str]) -> list[Named]:
        """The entities of these names in these places, which are names of asset types and sequences; and
        episodes. The oldest come first, those that are canceled last."""
        found = self._ids(names, places)
        entity, parent, source, above = m.Entity, aliased(m.Entity), aliased(m.Entity), aliased(m.Entity)
        kind = m.EntityType
        query = (
            select(
                entity.id,
                entity.name,
                kind.name,
                parent.name,
                func.coalesce(above.name, source.name),
                func.coalesce(above.id, source.id),
                func.coalesce(entity.nb_entities_out, 0),
            )
            .join(kind, kind.id == entity.entity_type_id)
            .outerjoin(parent, parent.id == entity.parent_id)
            .outerjoin(above, above.id == parent.parent_id)
            .outerjoin(source, source.id == entity.source_id)
            .join(found, found.c.id == entity.id)
            .order_by(entity.canceled.is_(True), entity.created_at, entity.id)
        )
        return [Named(*row) for row in (await self.session.execute(query)).all()]

    async def links(self, caster_ids: Collection[UUID]) -> list[StoredLink]:
        """What entities cast."""
        link = m.EntityLink
        query = select(link.id, link.entity_in_id, link.entity_out_id, link.nb_occurences, link.label).where(
            among(link.entity_in_id, caster_ids)
        )
        return [StoredLink(*row) for row in (await self.session.execute(query)).all()]

    async def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert links."""
        await insert_rows(self.session, m.EntityLink, rows)

    async def change(self, rows: Sequence[dict[str, Any]]) -> None:
        """Set number and label of links."""
        await update_rows(self.session, m.EntityLink, rows)
