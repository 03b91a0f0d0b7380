"""Queries on the columns that productions add to what they keep, and on the values in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.projection import json_array, json_object
from kitsu_api.db.projections import METADATA_DESCRIPTOR
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS
from kitsu_api.db.repositories.projects import OPEN_NAMES
from kitsu_api.db.repositories.user_context import Viewer, among

Condition = ColumnElement[bool]
DESCRIPTOR = m.MetadataDescriptor


def known_to(viewer: Viewer) -> Condition:
    """Columns that the viewer may know of: clients those for clients, vendors those of their departments."""
    link = m.DepartmentMetadataDescriptorLink
    restricted = select(link.metadata_descriptor_id).where(link.metadata_descriptor_id == DESCRIPTOR.id)
    granted = restricted.where(among(link.department_id, viewer.departments))
    return and_(
        or_(~among(DESCRIPTOR.project_id, viewer.client_of), DESCRIPTOR.for_client.is_(True)),
        or_(
            ~among(DESCRIPTOR.project_id, viewer.vendor_of),
            ~restricted.correlate(DESCRIPTOR).exists(),
            granted.correlate(DESCRIPTOR).exists(),
        ),
    )


class MetadataRepository:
    """Metadata columns, of one production or of many."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def list_json(self, *where: Condition) -> bytes:
        """The columns that meet all conditions, in their order, then by name."""
        query = select(*METADATA_DESCRIPTOR.columns().values()).where(*where)
        position = DESCRIPTOR.position.nulls_last()
        return await json_array(self.session, query.order_by(position, DESCRIPTOR.name, DESCRIPTOR.id))

    async def named_json(self, ids: Collection[UUID]) -> bytes:
        """The columns of these ids, production by production, the oldest first."""
        columns = METADATA_DESCRIPTOR.columns().values()
        query = select(*columns).join(m.Project, m.Project.id == DESCRIPTOR.project_id)
        query = query.where(DESCRIPTOR.id.in_(ids))
        order = (m.Project.created_at, m.Project.id, DESCRIPTOR.position.nulls_last(), DESCRIPTOR.name)
        return await json_array(self.session, query.order_by(*order))

    async def one_json(self, *where: Condition) -> bytes | None:
        """The only column that meets all conditions; None when there is none."""
        return await json_object(self.session, select(*METADATA_DESCRIPTOR.columns().values()).where(*where))

    async def find(self, *where: Condition) -> Sequence[m.MetadataDescriptor]:
        """The columns that meet all conditions, locked, by production."""
        query = select(DESCRIPTOR).where(*where).order_by(DESCRIPTOR.project_id, DESCRIPTOR.id)
        return (await self.session.scalars(query.with_for_update())).all()

    async def open_projects(self, projects: Collection[UUID] | None) -> list[UUID]:
        """Those of the productions that run (None: of all), the oldest first."""
        project, status = m.Project, m.ProjectStatus
        query = select(project.id).join(status, status.id == project.project_status_id)
        query = query.where(func.lower(status.name).in_(OPEN_NAMES))
        if projects is not None:
            query = query.where(project.id.in_(projects))
        return list((await self.session.scalars(query.order_by(project.created_at, project.id))).all())

    async def holders(
        self,
        projects: Collection[UUID],
        kind: tuple[str, UUID | None],
        name: str,
        field: str,
        besides: Collection[UUID] = (),
    ) -> set[UUID]:
        """Those of the productions that have a column of this name or field for this kind of thing."""
        entity_type, task_type_id = kind
        query = select(DESCRIPTOR.project_id).where(
            DESCRIPTOR.project_id.in_(projects),
            DESCRIPTOR.entity_type == entity_type,
            DESCRIPTOR.task_type_id.is_not_distinct_from(task_type_id),
            or_(DESCRIPTOR.name == name, DESCRIPTOR.field_name == field),
            DESCRIPTOR.id.not_in(besides),
        )
        return set((await self.session.scalars(query)).all())

    async def add(
        self, projects: Collection[UUID], values: dict[str, Any], departments: Collection[UUID]
    ) -> list[m.MetadataDescriptor]:
        """Give each of the productions a column."""
        added = [DESCRIPTOR(**values, project_id=project_id) for project_id in projects]
        self.session.add_all(added)
        await self.session.flush()
        await self._link([descriptor.id for descriptor in added], departments)
        return added

    async def change(
        self, ids: Collection[UUID], values: dict[str, Any], departments: Collection[UUID] | None
    ) -> None:
        """Change columns; `departments` are who they are for, None for as before."""
        change = update(DESCRIPTOR).where(DESCRIPTOR.id.in_(ids)).values(**values, updated_at=now())
        await self.session.execute(change.execution_options(synchronize_session=False))
        if departments is not None:
            await self._unlink(ids)
            await self._link(ids, departments)

    async def delete(self, ids: Collection[UUID]) -> None:
        """Delete columns; the values in them stay."""
        await self._unlink(ids)
        gone = delete(DESCRIPTOR).where(DESCRIPTOR.id.in_(ids))
        await self.session.execute(gone.execution_options(synchronize_session=False))

    async def number(self, places: dict[UUID, int]) -> None:
        """Set the places of columns."""
        if not places:
            return
        place = case(places, value=DESCRIPTOR.id)
        change = update(DESCRIPTOR).where(DESCRIPTOR.id.in_(list(places)))
        change = change.values(position=place, updated_at=now())
        await self.session.execute(change.execution_options(synchronize_session=False))

    async def rename_values(
        self, projects: Collection[UUID], kind: tuple[str, UUID | None], old: str, new: str | None
    ) -> None:
        """Keep what stands under a field under another one, or under none."""
        table, where = _rows_of(projects, kind)
        rest = table.data.op("-")(old)
        data = rest if new is None else rest.op("||")(func.jsonb_build_object(new, table.data[old]))
        holds = and_(func.jsonb_typeof(table.data) == "object", table.data.has_key(old))
        change = update(table).where(where, holds).values(data=data, updated_at=now())
        await self.session.execute(change.execution_options(synchronize_session=False))

    async def _link(self, ids: Collection[UUID], departments: Collection[UUID]) -> None:
        self.session.add_all(
            m.DepartmentMetadataDescriptorLink(metadata_descriptor_id=id, department_id=department)
            for id in ids
            for department in departments
        )
        await self.session.flush()

    async def _unlink(self, ids: Collection[UUID]) -> None:
        link = m.DepartmentMetadataDescriptorLink
        await self.session.execute(delete(link).where(link.metadata_descriptor_id.in_(ids)))


def _rows_of(projects: Collection[UUID], kind: tuple[str, UUID | None]) -> tuple[Any, Condition]:
    """The table whose rows have values in a column, and the condition for those that do."""
    entity_type, task_type_id = kind
    if entity_type == "Project":
        return m.Project, m.Project.id.in_(projects)
    if entity_type == "Task":
        of_type = m.Task.task_type_id.is_not_distinct_from(task_type_id)
        return m.Task, and_(m.Task.project_id.in_(projects), of_type)
    types = select(m.EntityType.id)
    if entity_type == "Asset":
        types = types.where(m.EntityType.name.not_in(OTHER_KINDS))
    else:
        types = types.where(m.EntityType.name == entity_type)
    return m.Entity, and_(m.Entity.project_id.in_(projects), m.Entity.entity_type_id.in_(types))
