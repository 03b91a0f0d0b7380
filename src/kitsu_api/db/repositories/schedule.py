"""Queries on schedules: items of productions, and the productions of versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.models import ProductionScheduleVersion, ScheduleItem
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import SCHEDULE_ITEM
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS, of_kind

ITEMS_LOCK = 0x73636865
"""First key of the advisory lock under which missing items of a production are made."""

SHOWN = ("id", "start_date", "end_date", "man_days", "project_id", "task_type_id", "object_id")


class Scheduled(StrEnum):
    """What a schedule item of a task type is about."""

    ASSET_TYPES = "asset-types"
    EDITS = "edits"
    EPISODES = "episodes"
    SEQUENCES = "sequences"


async def project_of_version(session: AsyncSession, version_id: UUID) -> UUID | None:
    """The production of a schedule version."""
    query = select(ProductionScheduleVersion.project_id).where(ProductionScheduleVersion.id == version_id)
    project_id: UUID | None = await session.scalar(query)
    return project_id


class ScheduleRepository:
    """The schedule items of one production."""

    def __init__(self, session: AsyncSession, project_id: UUID) -> None:
        self.session = session
        self.project_id = project_id

    async def list_json(self) -> bytes:
        """All items of the production."""
        query = select(*SCHEDULE_ITEM.columns().values()).where(ScheduleItem.project_id == self.project_id)
        return await json_array(self.session, query.order_by(ScheduleItem.created_at, ScheduleItem.id))

    async def taken(self, but: UUID | None, task_type_id: UUID | None, object_id: UUID | None) -> bool:
        """Whether an item, `but` this one, is for the same task type and thing; null equals null here."""
        query = select(ScheduleItem.id).where(
            ScheduleItem.project_id == self.project_id,
            ScheduleItem.id.is_distinct_from(but),
            ScheduleItem.task_type_id.is_not_distinct_from(task_type_id),
            ScheduleItem.object_id.is_not_distinct_from(object_id),
        )
        return bool(await self.session.scalar(select(query.exists())))

    async def lock(self) -> None:
        """Let no other transaction make or move items of the production before this one ends.

        The key of an item may hold nulls, which the unique constraint does not compare.
        """
        key = int.from_bytes(self.project_id.bytes[:4], signed=True)
        await self.session.execute(select(func.pg_advisory_xact_lock(ITEMS_LOCK, key)))

    async def task_types(self) -> Sequence[UUID]:
        """The task types that the production has chosen, or that it has tasks of."""
        link, task = m.ProjectTaskTypeLink, m.Task
        chosen = select(link.task_type_id).where(link.project_id == self.project_id)
        used = select(task.task_type_id).where(task.project_id == self.project_id)
        query = select(m.TaskType.id).where(or_(m.TaskType.id.in_(chosen), m.TaskType.id.in_(used)))
        return (await self.session.scalars(query.order_by(m.TaskType.priority, m.TaskType.name))).all()

    async def objects(self, kind: Scheduled, episode_id: UUID | None) -> Sequence[UUID]:
        """The asset types or entities of the production to plan, of one episode or of all."""
        query = self._asset_types(episode_id) if kind is Scheduled.ASSET_TYPES else None
        if query is None:
            query = self._entities(kind, episode_id)
        return (await self.session.scalars(query)).all()

    def _entities(self, kind: Scheduled, episode_id: UUID | None) -> Select[Any]:
        entity = m.Entity
        name = {
            Scheduled.EDITS: "Edit",
            Scheduled.EPISODES: "Episode",
            Scheduled.SEQUENCES: "Sequence",
        }[kind]
        where = [entity.project_id == self.project_id, of_kind(name), entity.canceled.is_not(True)]
        if episode_id is not None:
            column = entity.id if kind is Scheduled.EPISODES else entity.parent_id
            where.append(column == episode_id)
        return select(entity.id).where(*where).order_by(entity.name, entity.id)

    def _asset_types(self, episode_id: UUID | None) -> Select[Any]:
        kind, asset, link = m.EntityType, aliased(m.Entity), m.EntityLink
        used = select(asset.entity_type_id).where(
            asset.project_id == self.project_id, asset.canceled.is_not(True)
        )
        where: list[ColumnElement[bool]] = [kind.name.not_in(OTHER_KINDS)]
        if episode_id is not None:
            casting = select(link.entity_out_id).where(link.entity_in_id == episode_id)
            used = used.where(or_(asset.source_id == episode_id, asset.id.in_(casting)))
            where.append(kind.id.in_(used))
        else:
            chosen = select(m.ProjectAssetTypeLink.asset_type_id).where(
                m.ProjectAssetTypeLink.project_id == self.project_id
            )
            where.append(or_(kind.id.in_(used), kind.id.in_(chosen)))
        return select(kind.id).where(*where).order_by(kind.name, kind.id)

    async def add_missing(
        self, pairs: Collection[tuple[UUID, UUID | None]], start: dt.date, end: dt.date
    ) -> list[UUID]:
        """Add items for pairs of task type and thing that have none yet; the ids of the new ones."""
        if not await self._missing(pairs):
            return []
        await self.lock()
        added = [
            ScheduleItem(
                project_id=self.project_id,
                task_type_id=task_type_id,
                object_id=object_id,
                start_date=start,
                end_date=end,
            )
            for task_type_id, object_id in await self._missing(pairs)
        ]
        self.session.add_all(added)
        await self.session.flush()
        return [item.id for item in added]

    async def _missing(self, pairs: Collection[tuple[UUID, UUID | None]]) -> list[tuple[UUID, UUID | None]]:
        item = ScheduleItem
        query = select(item.task_type_id, item.object_id).where(
            item.project_id == self.project_id, item.task_type_id.in_({pair[0] for pair in pairs})
        )
        present = {(row[0], row[1]) for row in (await self.session.execute(query)).all()}
        return [pair for pair in pairs if pair not in present]

    async def of_task_types_json(self, task_types: Collection[UUID]) -> bytes:
        """The items of whole task types, in the order of the pipeline."""
        item, kind = ScheduleItem, m.TaskType
        query = (
            select(*(getattr(item, name) for name in SHOWN))
            .join(kind, kind.id == item.task_type_id)
            .where(
                item.project_id == self.project_id,
                item.object_id.is_(None),
                item.task_type_id.in_(list(task_types)),
            )
        )
        return await json_array(self.session, query.order_by(kind.priority, kind.name, item.id))

    async def of_objects_json(self, task_type_id: UUID, kind: Scheduled, objects: Collection[UUID]) -> bytes:
        """The items of a task type for these asset types or entities, with their names."""
        item: Any = ScheduleItem
        named: Any = m.EntityType if kind is Scheduled.ASSET_TYPES else m.Entity
        query = (
            select(*(getattr(item, name) for name in SHOWN), named.name)
            .join(named, named.id == item.object_id)
            .where(
                item.project_id == self.project_id,
                item.task_type_id == task_type_id,
                item.object_id.in_(list(objects)),
            )
        )
        return await json_array(self.session, query.order_by(named.name, item.id))
