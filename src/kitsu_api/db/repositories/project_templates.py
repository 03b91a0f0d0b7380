"""What a template takes from the library: types, statuses, automations, backgrounds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db.base import now
from kitsu_api.db.projection import Projection, json_array, json_object, wire
from kitsu_api.db.repositories.projects import TEMPLATE_LINKS

Columns = Mapping[str, Any]


def _some(model: Any, *names: str) -> Callable[[], Columns]:
    return lambda: {name: wire(getattr(model, name)) for name in names}


def _task_types() -> Columns:
    link = m.ProjectTemplateTaskTypeLink
    return {
        **p.TASK_TYPE.columns(),
        "priority": link.priority,
        "hd_bitrate_compression": link.hd_bitrate_compression,
        "ld_bitrate_compression": link.ld_bitrate_compression,
        "is_client_visible": link.is_client_visible,
    }


def _task_statuses() -> Columns:
    link = m.ProjectTemplateTaskStatusLink
    return {
        **p.TASK_STATUS.columns(),
        "priority": link.priority,
        "roles_for_board": link.roles_for_board,
        "link_is_client_allowed": link.is_client_allowed,
    }


@dataclass(frozen=True)
class Part:
    """A table that links templates to rows of the library."""

    table: Any
    column: str
    """The link's column that holds the other id."""
    model: Any
    shown: Callable[[], Columns]
    """What lists show of the library's rows, by name."""
    keeps_settings: bool = False
    """Whether the link holds settings of its own, such as its place."""


ASSET_TYPES = Part(
    m.ProjectTemplateAssetTypeLink, "asset_type_id", m.EntityType, _some(m.EntityType, "id", "name")
)
TASK_TYPES = Part(m.ProjectTemplateTaskTypeLink, "task_type_id", m.TaskType, _task_types, keeps_settings=True)
TASK_STATUSES = Part(
    m.ProjectTemplateTaskStatusLink, "task_status_id", m.TaskStatus, _task_statuses, keeps_settings=True
)
STATUS_AUTOMATIONS = Part(
    m.ProjectTemplateStatusAutomationLink,
    "status_automation_id",
    m.StatusAutomation,
    p.STATUS_AUTOMATION.columns,
)
BACKGROUNDS = Part(
    m.ProjectTemplatePreviewBackgroundFileLink,
    "preview_background_file_id",
    m.PreviewBackgroundFile,
    _some(m.PreviewBackgroundFile, "id", "name", "is_default"),
)


class TemplateLibrary:
    """What one template takes from the library."""

    def __init__(self, session: AsyncSession, template_id: UUID) -> None:
        self.session = session
        self.template_id = template_id

    def _shown(self, part: Part) -> Any:
        table = part.table
        columns = [column.label(name) for name, column in part.shown().items()]
        return (
            select(*columns)
            .select_from(part.model)
            .join(table, getattr(table, part.column) == part.model.id)
            .where(table.project_template_id == self.template_id)
        )

    async def list_json(self, part: Part) -> bytes:
        """The rows of the library that the template has, in its order or else by age."""
        order = [part.model.created_at, part.model.id]
        if part.keeps_settings:
            order = [part.table.priority.nulls_last(), *order]
        return await json_array(self.session, self._shown(part).order_by(*order))

    async def one_json(self, part: Part, id: UUID) -> bytes | None:
        """A row of the library that the template has, as lists show it."""
        return await json_object(self.session, self._shown(part).where(part.model.id == id))

    async def has(self, part: Part, id: UUID) -> bool:
        """Whether the template has this row of the library."""
        return await self.one_json(part, id) is not None

    async def exists(self, part: Part, id: UUID) -> bool:
        """Whether the library has this row."""
        query = select(part.model.id).where(part.model.id == id)
        return await self.session.scalar(query) is not None

    async def choose(self, part: Part, id: UUID, values: Mapping[str, Any]) -> None:
        """Add a row of the library, or change what the template sets for it."""
        table = part.table
        changes = {**values, "updated_at": now()} if values else {}
        statement = insert(table).values(project_template_id=self.template_id, **{part.column: id}, **values)
        keys = ["project_template_id", part.column]
        if changes:
            statement = statement.on_conflict_do_update(index_elements=keys, set_=changes)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=keys)
        await self.session.execute(statement)

    async def drop(self, part: Part, id: UUID) -> bool:
        """Take a row of the library out; whether it was in."""
        table = part.table
        column = getattr(table, part.column)
        statement = delete(table).where(table.project_template_id == self.template_id, column == id)
        return bool((await self.session.scalars(statement.returning(column))).all())

    async def reorder(self, part: Part, ids: Sequence[UUID]) -> list[UUID]:
        """Number the template's rows of the library from 1; those that it has not are left out."""
        table = part.table
        column = getattr(table, part.column)
        mine = table.project_template_id == self.template_id
        present = set((await self.session.scalars(select(column).where(mine))).all())
        known = [id for id in dict.fromkeys(ids) if id in present]
        for place, id in enumerate(known, start=1):
            changes = {"priority": place, "updated_at": now()}
            await self.session.execute(update(table).where(mine, column == id).values(changes))
        return known

    async def links_json(self, part: Part, ids: Collection[UUID]) -> bytes:
        """What the template sets for rows of the library, by place."""
        table = part.table
        columns = Projection(table, table.__name__).columns().values()
        query = select(*columns).where(
            table.project_template_id == self.template_id, getattr(table, part.column).in_(list(ids))
        )
        return await json_array(self.session, query.order_by(table.priority))

    async def link_json(self, part: Part, id: UUID) -> bytes:
        """What the template sets for one row of the library that it has."""
        return (await self.links_json(part, [id]))[1:-1]

    async def take_from_project(self, project_id: UUID) -> None:
        """Take over all that a production has chosen from the library."""
        for _, target, source, columns in TEMPLATE_LINKS:
            chosen = select(source).where(source.project_id == project_id)
            for link in (await self.session.scalars(chosen)).all():
                values = {name: getattr(link, name) for name in columns}
                self.session.add(target(project_template_id=self.template_id, **values))
        await self.session.flush()


async def descriptors_of(session: AsyncSession, project_id: UUID) -> list[dict[str, Any]]:
    """The metadata columns of a production, each with the departments that it is for."""
    descriptor, link = m.MetadataDescriptor, m.DepartmentMetadataDescriptorLink
    query = select(descriptor).where(descriptor.project_id == project_id)
    rows = (await session.scalars(query.order_by(descriptor.created_at, descriptor.id))).all()
    pairs = await session.execute(
        select(link.metadata_descriptor_id, link.department_id).where(
            link.metadata_descriptor_id.in_([row.id for row in rows])
        )
    )
    departments: dict[UUID, list[UUID]] = {}
    for descriptor_id, department_id in pairs.all():
        departments.setdefault(descriptor_id, []).append(department_id)
    names = ("name", "field_name", "data_type", "entity_type", "choices", "for_client", "position")
    return [
        {
            **{name: getattr(row, name) for name in names},
            "task_type_id": row.task_type_id,
            "departments": departments.get(row.id, []),
        }
        for row in rows
    ]


async def existing_departments(session: AsyncSession, ids: Collection[UUID]) -> list[UUID]:
    """Those of the departments that the studio has."""
    query = select(m.Department.id).where(m.Department.id.in_(list(ids)))
    present = set((await session.scalars(query)).all()) if ids else set()
    return [id for id in dict.fromkeys(ids) if id in present]


async def existing_task_types(session: AsyncSession, ids: Collection[UUID]) -> list[UUID]:
    """Those of the task types that the studio has."""
    query = select(m.TaskType.id).where(m.TaskType.id.in_(list(ids)))
    return list((await session.scalars(query)).all()) if ids else []
