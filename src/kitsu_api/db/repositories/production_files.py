"""Queries on working files and output files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import OUTPUT_FILE, OUTPUT_TYPE, plain
from kitsu_api.db.repositories.locks import lock

Condition = ColumnElement[bool]

WORKING_FILE = plain(m.WorkingFile)
"""A working file without what was made from it."""

NEWEST = (m.OutputFile.revision.desc(), m.OutputFile.created_at, m.OutputFile.id)


async def wait_for_library(session: AsyncSession) -> None:
    """Rows of the studio's library that are made when they are missing are made once."""
    await lock(session, "library", UUID(int=0))


class WorkingFiles:
    """Working files of tasks."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def wait_for_turn(self, task_id: UUID) -> None:
        """Revisions of a task's files are given out one after the other."""
        await lock(self.session, "working-files", task_id)

    async def last_revision(self, task_id: UUID, name: str) -> int:
        """The highest revision of a task's file of this name; 0 when there is none."""
        query = select(func.max(m.WorkingFile.revision)).where(
            m.WorkingFile.task_id == task_id, m.WorkingFile.name == name
        )
        return int(await self.session.scalar(query) or 0)

    async def exists(self, task_id: UUID, name: str, revision: int) -> bool:
        """Whether a task has this revision of a file."""
        file = m.WorkingFile
        query = select(file.id).where(file.task_id == task_id, file.name == name, file.revision == revision)
        return (await self.session.scalars(query.limit(1))).first() is not None

    async def software_for(self, task_id: UUID, software_id: UUID | None) -> m.Software | None:
        """The software of this id; without an id that of a task's newest file, or else the studio's first."""
        if software_id is not None:
            return await self.session.get(m.Software, software_id)
        file = m.WorkingFile
        newest = select(m.Software).join(file, file.software_id == m.Software.id)
        newest = newest.where(file.task_id == task_id).order_by(file.created_at.desc()).limit(1)
        found = (await self.session.scalars(newest)).first()
        if found is not None:
            return found
        first = select(m.Software).order_by(m.Software.created_at, m.Software.id).limit(1)
        return (await self.session.scalars(first)).first()

    async def software_named(self, name: str) -> m.Software | None:
        """The software of this name."""
        query = select(m.Software).where(func.lower(m.Software.name) == name.lower()).limit(1)
        return (await self.session.scalars(query)).first()

    async def assign(self, task_id: UUID, person_id: UUID) -> bool:
        """Let a person work on a task; False when they do already. Who hands the work out stays."""
        link = insert(m.TaskPersonLink).values(task_id=task_id, person_id=person_id)
        made = await self.session.execute(link.on_conflict_do_nothing().returning(m.TaskPersonLink.task_id))
        if made.first() is None:
            return False
        await self.session.execute(update(m.Task).where(m.Task.id == task_id).values(updated_at=now()))
        return True

    async def list_json(self, *where: Condition) -> bytes:
        """Working files, oldest first."""
        columns = WORKING_FILE.columns().values()
        query = select(*columns).select_from(m.WorkingFile).where(*where)
        return await json_array(self.session, query.order_by(m.WorkingFile.created_at, m.WorkingFile.id))

    async def last_json(self, task_id: UUID) -> bytes:
        """The last revision of each of a task's files, by name."""
        file = m.WorkingFile
        newest = (
            select(file.id)
            .where(file.task_id == task_id)
            .ext(distinct_on(file.name))
            .order_by(file.name, file.revision.desc().nulls_last(), file.created_at.desc())
        )
        columns = WORKING_FILE.columns().values()
        rows = select(*columns).select_from(file).where(file.id.in_(newest)).subquery("newest")
        row = func.row_to_json(rows.table_valued())
        query = select(cast(func.json_object_agg(func.coalesce(rows.c.name, ""), row), Text))
        text: str | None = await self.session.scalar(query)
        return (text or "{}").encode()


class OutputFiles:
    """Output files of entities, and of instances of assets."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def wait_for_turn(self, entity_id: UUID) -> None:
        """Revisions of an entity's files are given out one after the other."""
        await lock(self.session, "output-files", entity_id)

    async def last_revision(self, *where: Condition) -> int:
        """The highest revision; 0 when there is none."""
        return int(await self.session.scalar(select(func.max(m.OutputFile.revision)).where(*where)) or 0)

    async def list_json(self, *where: Condition) -> bytes:
        """Output files, the last revision first."""
        query = select(*OUTPUT_FILE.columns().values()).select_from(m.OutputFile).where(*where)
        return await json_array(self.session, query.order_by(*NEWEST))

    async def last_json(self, *where: Condition) -> bytes:
        """The last revision of each line of files: of their type, type of tasks and name."""
        file = m.OutputFile
        line = (file.entity_id, file.asset_instance_id, file.temporal_entity_id)
        place = func.rank().over(
            partition_by=(*line, file.output_type_id, file.task_type_id, file.name),
            order_by=file.revision.desc(),
        )
        ranked = select(file.id, place.label("place")).where(*where).subquery("ranked")
        return await self.list_json(file.id.in_(select(ranked.c.id).where(ranked.c.place == 1)))

    async def types_json(self, *where: Condition) -> bytes:
        """The types that there are files of, by name."""
        used = select(m.OutputFile.output_type_id).where(*where)
        query = select(*OUTPUT_TYPE.columns().values()).where(m.OutputType.id.in_(used))
        return await json_array(self.session, query.order_by(m.OutputType.name))

    async def name_of(self, model: Any, id: UUID | None) -> str | None:
        """The name of a row of the studio's library; None when there is no such row."""
        name: str | None = await self.session.scalar(select(model.name).where(model.id == id))
        return name


def filtered(values: Mapping[str, Any]) -> list[Condition]:
    """The output files that meet all that is asked for."""
    return [getattr(m.OutputFile, name) == value for name, value in values.items() if value is not None]


def of_project(project_id: UUID) -> Condition:
    """Output files of a production's entities."""
    entities = select(m.Entity.id).where(m.Entity.project_id == project_id)
    condition: Condition = m.OutputFile.entity_id.in_(entities)
    return condition


class TreeNames:
    """The names that paths of a production may hold."""

    def __init__(self, session: AsyncSession, project_id: UUID) -> None:
        self.session = session
        self.project_id = project_id

    async def project(self) -> m.Project | None:
        """The production itself."""
        return await self.session.get(m.Project, self.project_id)

    async def entities(self) -> Sequence[Any]:
        """Id, name, type's id and name, and what holds them, of all entities of the production."""
        kind = m.EntityType
        query = (
            select(m.Entity.id, m.Entity.name, kind.id, kind.name, m.Entity.parent_id)
            .join(kind, kind.id == m.Entity.entity_type_id)
            .where(m.Entity.project_id == self.project_id)
            .order_by(m.Entity.created_at, m.Entity.id)
        )
        return (await self.session.execute(query)).all()

    async def library(self, model: Any) -> Sequence[Any]:
        """Id and name of the rows of a table of the studio's."""
        query = select(model.id, model.name).order_by(model.created_at, model.id)
        return (await self.session.execute(query)).all()


async def words_of_entity(session: AsyncSession, entity_id: UUID) -> tuple[Any, str, list[str]] | None:
    """An entity's file tree, the name of its type, and these names: the production's, its own, those of what
    holds it with its kind, of what holds that, and of where it comes from; None when there is none."""
    holder, holder_type = aliased(m.Entity), aliased(m.EntityType)
    above, origin = aliased(m.Entity), aliased(m.Entity)
    query = (
        select(
            m.Project.file_tree,
            m.EntityType.name,
            m.Project.name,
            m.Entity.name,
            holder.name,
            holder_type.name,
            above.name,
            origin.name,
        )
        .select_from(m.Entity)
        .join(m.Project, m.Project.id == m.Entity.project_id)
        .join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
        .outerjoin(holder, holder.id == m.Entity.parent_id)
        .outerjoin(holder_type, holder_type.id == holder.entity_type_id)
        .outerjoin(above, above.id == holder.parent_id)
        .outerjoin(origin, origin.id == m.Entity.source_id)
        .where(m.Entity.id == entity_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    tree, kind, *names = row
    return tree, kind, [name or "" for name in names]
