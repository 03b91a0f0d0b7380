"""What the cells of sheets name: task types, statuses, people, metadata columns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.repositories.export_csv import full_name
from kitsu_api.db.repositories.export_csv_entities import MetadataColumn


@dataclass(frozen=True)
class ProjectFacts:
    """A production, as far as sheets ask for it."""

    id: UUID
    name: str
    has_episodes: bool
    open_to_bots: bool


@dataclass(frozen=True)
class WorkType:
    """A task type that entities of a kind may have a task of."""

    id: UUID
    name: str
    in_project: bool
    """Whether the production goes with it: then each new entity gets a task of it."""


@dataclass(frozen=True)
class Somebody:
    """A person as cells name them."""

    id: UUID
    name: str
    email: str | None
    assignable: bool
    """Whether a sheet may name them: guests may not be, and bots where the production lets them work."""


class ImportLookups:
    """The small tables that cells refer to; each is read in one statement."""

    def __init__(self, session: AsyncSession, project_id: UUID) -> None:
        self.session = session
        self.project_id = project_id

    async def project(self) -> ProjectFacts:
        """The production."""
        query = select(
            m.Project.id, m.Project.name, m.Project.production_type, m.Project.is_bot_collaboration_enabled
        ).where(m.Project.id == self.project_id)
        row = (await self.session.execute(query)).one()
        return ProjectFacts(row[0], row[1], row[2] == "tvshow", bool(row[3]))

    async def columns(self, kind: str, task_type_id: UUID | None = None) -> list[MetadataColumn]:
        """The metadata columns of a kind of entities, or of the tasks of a type."""
        column = m.MetadataDescriptor
        same_type = (
            column.task_type_id.is_(None) if task_type_id is None else column.task_type_id == task_type_id
        )
        query = (
            select(column.name, column.field_name, column.data_type)
            .where(column.project_id == self.project_id, column.entity_type == kind, same_type)
            .order_by(column.position.nulls_last(), column.name)
        )
        return [MetadataColumn(*row) for row in (await self.session.execute(query)).all()]

    async def work_types(self, kind: str) -> list[WorkType]:
        """The task types for a kind of entities, in the order of the production. Types that are for no kind
        are for assets."""
        link, type = m.ProjectTaskTypeLink, m.TaskType
        fits: Any = type.for_entity == kind
        if kind == "Asset":
            fits = or_(fits, type.for_entity.is_(None))
        query = (
            select(type.id, type.name, link.id.is_not(None))
            .outerjoin(link, and_(link.task_type_id == type.id, link.project_id == self.project_id))
            .where(fits)
            .order_by(link.priority.nulls_last(), type.priority, link.created_at, type.name, type.id)
        )
        return [WorkType(*row) for row in (await self.session.execute(query)).all()]

    async def workflows(self) -> dict[UUID, set[UUID]]:
        """The task types that assets go through, by asset type; those without an entry go through all."""
        link = m.TaskTypeAssetTypeLink
        found: dict[UUID, set[UUID]] = {}
        for asset_type_id, task_type_id in await self.session.execute(
            select(link.asset_type_id, link.task_type_id)
        ):
            found.setdefault(asset_type_id, set()).add(task_type_id)
        return found

    async def statuses(self) -> list[m.TaskStatus]:
        """All task statuses, the oldest first."""
        query = select(m.TaskStatus).order_by(m.TaskStatus.created_at, m.TaskStatus.id)
        return list((await self.session.scalars(query)).all())

    async def people(self, *, bots: bool) -> list[Somebody]:
        """Everybody; whether bots may be named is asked."""
        person = m.Person
        query = select(person.id, full_name(person), person.email, person.is_bot, person.is_guest)
        rows = (await self.session.execute(query.order_by(person.created_at, person.id))).all()
        return [Somebody(row[0], row[1], row[2], not row[4] and (bots or not row[3])) for row in rows]

    async def entity_types(self, names: Collection[str] | None = None) -> dict[str, UUID]:
        """The ids of entity types by name; of several of one name the oldest."""
        kind = m.EntityType
        query = select(kind.name, kind.id).order_by(kind.created_at.desc())
        if names is not None:
            query = query.where(kind.name.in_(names))
        return {row[0]: row[1] for row in (await self.session.execute(query)).all()}
