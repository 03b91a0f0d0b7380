"""Queries on concepts and their folders."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.projection import json_array, json_object
from kitsu_api.db.projections import ENTITY, ENTITY_LINKS
from kitsu_api.db.repositories.entity_columns import metadata_for, name_of_project
from kitsu_api.db.repositories.entity_lists import of_kind
from kitsu_api.db.repositories.task_cards import SHOWN_OF_SHOT_TASK, task_cards

Condition = ColumnElement[bool]


def concept_links() -> ColumnElement[Any]:
    """The entities that a concept is drawn for, as a JSON list of ids."""
    return ENTITY_LINKS["entity_concept_links"].ids(m.Entity.__table__.c.id)


class ConceptRepository:
    """Concepts and the folders that they lie in."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def one_json(
        self, id: UUID, person_id: UUID, seen: Condition, departments: Collection[UUID] | None
    ) -> bytes | None:
        """A concept with its tasks; `seen` narrows these, `departments` its metadata."""
        columns: dict[str, Any] = dict(ENTITY.columns(relations=True))
        preview = aliased(m.PreviewFile)
        status = select(preview.status).where(preview.id == m.Entity.preview_file_id)
        columns["data"] = metadata_for(departments)
        for name in ("fps", "frame_in", "frame_out"):
            columns[name] = m.Entity.data[name]
        columns["preview_file_status"] = status.scalar_subquery()
        columns["project_name"] = name_of_project()
        columns["tasks"] = task_cards(SHOWN_OF_SHOT_TASK, person_id, seen)
        labelled = [column.label(name) for name, column in columns.items()]
        query = select(*labelled).where(m.Entity.id == id, of_kind("Concept"))
        return await json_object(self.session, query)

    async def folders_json(self, *where: Condition) -> bytes:
        """Folders of concepts, by name."""
        columns = folder_columns().values()
        query = select(*columns).where(of_kind("ConceptFolder"), *where)
        return await json_array(self.session, query.order_by(m.Entity.name, m.Entity.id))

    async def folder_json(self, id: UUID) -> bytes | None:
        """A folder of concepts; None when there is none."""
        columns = folder_columns().values()
        return await json_object(self.session, select(*columns).where(m.Entity.id == id))

    async def strangers(self, project_id: UUID, ids: Collection[UUID]) -> set[UUID]:
        """Those of the ids that name no entity of the production."""
        if not ids:
            return set()
        query = select(m.Entity.id).where(m.Entity.project_id == project_id, m.Entity.id.in_(list(ids)))
        return set(ids) - set((await self.session.scalars(query)).all())

    async def links_of(self, id: UUID) -> set[UUID]:
        """The entities that a concept is drawn for."""
        link = m.EntityConceptLink
        query = select(link.entity_out_id).where(link.entity_in_id == id)
        return set((await self.session.scalars(query)).all())

    async def move(self, project_id: UUID, ids: Collection[UUID], folder_id: UUID | None) -> list[UUID]:
        """Put the concepts of a production into a folder, or out of all; their ids."""
        return await self._move(folder_id, m.Entity.project_id == project_id, m.Entity.id.in_(list(ids)))

    async def empty(self, folder_id: UUID) -> list[UUID]:
        """Take all concepts out of a folder; their ids."""
        return await self._move(None, m.Entity.parent_id == folder_id)

    async def _move(self, folder_id: UUID | None, *where: Condition) -> list[UUID]:
        change = (
            update(m.Entity)
            .where(of_kind("Concept"), *where)
            .values(parent_id=folder_id, updated_at=now())
            .returning(m.Entity.id)
            .execution_options(synchronize_session=False)
        )
        return list((await self.session.scalars(change)).all())


def folder_columns() -> dict[str, ColumnElement[Any]]:
    """The columns of a folder; its `type` is what it is, not that of an asset."""
    columns = dict(ENTITY.columns())
    kind = aliased(m.EntityType)
    name = select(kind.name).where(kind.id == m.Entity.entity_type_id).scalar_subquery()
    columns["type"] = name.label("type")
    return columns
