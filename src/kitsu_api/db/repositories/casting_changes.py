"""Writing castings: for many entities in a constant number of statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS


@dataclass(frozen=True)
class Caster:
    """An entity that casts assets."""

    id: UUID
    project_id: UUID
    kind: str
    episode_id: UUID | None
    """The episode that a shot lies in."""


@dataclass(frozen=True)
class NewLink:
    """An asset to cast. `auto`: nobody asked for it, it follows from another casting."""

    entity_in_id: UUID
    entity_out_id: UUID
    nb_occurences: int = 1
    label: str = ""
    auto: bool = False


class CastingChanges:
    """Rows of `entity_link`, and what is counted from them."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def casters(self, ids: Collection[UUID], project_id: UUID) -> list[Caster]:
        """The entities of a production among these ids."""
        sequence = aliased(m.Entity)
        query = (
            select(m.Entity.id, m.Entity.project_id, m.EntityType.name, sequence.parent_id)
            .join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
            .outerjoin(sequence, and_(sequence.id == m.Entity.parent_id, m.EntityType.name == "Shot"))
            .where(m.Entity.id.in_(list(ids)), m.Entity.project_id == project_id)
        )
        return [Caster(*row) for row in (await self.session.execute(query)).all()]

    async def castable(self, ids: Collection[UUID], project_id: UUID) -> set[UUID]:
        """The ids of assets that a production may cast: its own, and those that others share."""
        query = (
            select(m.Entity.id)
            .join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
            .where(
                m.Entity.id.in_(list(ids)),
                m.EntityType.name.not_in(OTHER_KINDS),
                or_(m.Entity.project_id == project_id, m.Entity.is_shared),
            )
        )
        return set((await self.session.scalars(query)).all())

    async def castings(self, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
        """The assets that entities cast, oldest casting first."""
        link = m.EntityLink
        query = select(link.entity_in_id, link.entity_out_id).where(link.entity_in_id.in_(list(ids)))
        found: dict[UUID, list[UUID]] = {id: [] for id in ids}
        for caster_id, asset_id in (await self.session.execute(query.order_by(link.created_at))).all():
            found[caster_id].append(asset_id)
        return found

    async def clear(self, ids: Collection[UUID]) -> None:
        """Forget the castings of entities."""
        await self.session.execute(delete(m.EntityLink).where(m.EntityLink.entity_in_id.in_(list(ids))))

    async def take_out_of_shots(
        self, episode_id: UUID, asset_ids: Collection[UUID]
    ) -> list[tuple[UUID, UUID]]:
        """Uncast assets in the shots of an episode; pairs of shot and asset."""
        shot, sequence = aliased(m.Entity), aliased(m.Entity)
        shots = (
            select(shot.id)
            .join(sequence, sequence.id == shot.parent_id)
            .join(m.EntityType, m.EntityType.id == shot.entity_type_id)
            .where(sequence.parent_id == episode_id, m.EntityType.name == "Shot")
        )
        link = m.EntityLink
        change = (
            delete(link)
            .where(link.entity_in_id.in_(shots), link.entity_out_id.in_(list(asset_ids)))
            .returning(link.entity_in_id, link.entity_out_id)
        )
        return [(row[0], row[1]) for row in (await self.session.execute(change)).all()]

    async def add(self, links: Sequence[NewLink]) -> list[UUID]:
        """Insert links; their ids. Each has a moment of its own, since pages are cut by it."""
        if not links:
            return []
        start = now()
        rows: list[dict[str, Any]] = [
            {
                "id": uuid4(),
                "entity_in_id": link.entity_in_id,
                "entity_out_id": link.entity_out_id,
                "nb_occurences": link.nb_occurences,
                "label": link.label,
                "data": {"auto": True} if link.auto else None,
                "created_at": start + dt.timedelta(microseconds=place),
                "updated_at": start + dt.timedelta(microseconds=place),
            }
            for place, link in enumerate(links)
        ]
        await self.session.execute(insert(m.EntityLink), rows)
        return [row["id"] for row in rows]

    async def change(self, ids: Collection[UUID], asset_id: UUID, nb_occurences: int, label: str) -> None:
        """Set how often, and as what, entities cast an asset that they cast already."""
        link = m.EntityLink
        change = (
            update(link)
            .where(link.entity_in_id.in_(list(ids)), link.entity_out_id == asset_id)
            .values(nb_occurences=nb_occurences, label=label, updated_at=now())
            .execution_options(synchronize_session=False)
        )
        await self.session.execute(change)

    async def delete(self, link_id: UUID) -> tuple[UUID, UUID] | None:
        """Delete a link; who cast and what was cast. None when there is no such link."""
        link = m.EntityLink
        change = delete(link).where(link.id == link_id).returning(link.entity_in_id, link.entity_out_id)
        row = (await self.session.execute(change)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def recount(self, ids: Collection[UUID]) -> dict[UUID, int]:
        """Set how many assets entities cast; the new figures."""
        link = aliased(m.EntityLink)
        counted = (
            select(func.count())
            .select_from(link)
            .where(link.entity_in_id == m.Entity.id)
            .correlate(m.Entity)
            .scalar_subquery()
        )
        change = (
            update(m.Entity)
            .where(m.Entity.id.in_(list(ids)))
            .values(nb_entities_out=counted, updated_at=now())
            .returning(m.Entity.id, m.Entity.nb_entities_out)
            .execution_options(synchronize_session=False)
        )
        rows = (await self.session.execute(change)).all()
        return {id: number or 0 for id, number in rows}

    async def recount_ready_for(self, *asset_ids: UUID) -> None:
        """Do `recount_ready` for all entities that cast one of the assets."""
        casters = select(m.EntityLink.entity_in_id).where(m.EntityLink.entity_out_id.in_(asset_ids))
        if ids := (await self.session.scalars(casters)).all():
            await self.recount_ready(ids)

    async def recount_ready(self, ids: Collection[UUID]) -> None:
        """Set on the tasks of entities how many of the cast assets are ready for them: those whose
        `ready_for` is the task's type, or one that comes later in the workflow."""
        link, asset = aliased(m.EntityLink), aliased(m.Entity)
        reached, wanted = aliased(m.TaskType), aliased(m.TaskType)
        counted = (
            select(func.count())
            .select_from(link)
            .join(asset, asset.id == link.entity_out_id)
            .join(reached, reached.id == asset.ready_for)
            .join(wanted, wanted.id == m.Task.task_type_id)
            .where(
                link.entity_in_id == m.Task.entity_id,
                or_(reached.id == wanted.id, reached.priority > wanted.priority),
            )
            .correlate(m.Task)
            .scalar_subquery()
        )
        change = (
            update(m.Task)
            .where(m.Task.entity_id.in_(list(ids)))
            .values(nb_assets_ready=counted, updated_at=now())
            .execution_options(synchronize_session=False)
        )
        await self.session.execute(change)
