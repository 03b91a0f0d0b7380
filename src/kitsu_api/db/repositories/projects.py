"""Queries on productions, their settings and the templates that these come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.project_columns import DESCRIPTOR_DEPARTMENTS

OPEN_NAMES = ("open", "active")
"""Names of the statuses of productions that run, in lower case."""

SETTINGS: tuple[Any, ...] = (
    m.ProjectPersonLink,
    m.ProjectAssetTypeLink,
    m.ProjectTaskStatusLink,
    m.ProjectTaskTypeLink,
    m.ProjectStatusAutomationLink,
    m.ProjectPreviewBackgroundFileLink,
    m.ProjectTaskTypeSoftwareLink,
    m.Milestone,
    m.SearchFilter,
    m.SearchFilterGroup,
)
"""Tables whose rows mean nothing without their production."""

TEMPLATE_LINKS: tuple[tuple[str, Any, Any, tuple[str, ...]], ...] = (
    ("asset_types", m.ProjectTemplateAssetTypeLink, m.ProjectAssetTypeLink, ("asset_type_id",)),
    (
        "task_statuses",
        m.ProjectTemplateTaskStatusLink,
        m.ProjectTaskStatusLink,
        ("task_status_id", "priority", "roles_for_board", "is_client_allowed"),
    ),
    (
        "task_types",
        m.ProjectTemplateTaskTypeLink,
        m.ProjectTaskTypeLink,
        (
            "task_type_id",
            "priority",
            "hd_bitrate_compression",
            "ld_bitrate_compression",
            "is_client_visible",
        ),
    ),
    (
        "status_automations",
        m.ProjectTemplateStatusAutomationLink,
        m.ProjectStatusAutomationLink,
        ("status_automation_id",),
    ),
    (
        "preview_background_files",
        m.ProjectTemplatePreviewBackgroundFileLink,
        m.ProjectPreviewBackgroundFileLink,
        ("preview_background_file_id",),
    ),
)
"""Relations of a template, the table on each side, and the columns taken over, the key first."""


def open_project_ids() -> Select[Any]:
    """The ids of the productions that run."""
    status = aliased(m.ProjectStatus)
    names = select(status.id).where(func.lower(status.name).in_(OPEN_NAMES))
    return select(m.Project.id).where(m.Project.project_status_id.in_(names))


class ProjectRepository:
    """Productions."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def status_name(self, project_status_id: UUID | None) -> str | None:
        """The name of a status."""
        if project_status_id is None:
            return None
        query = select(m.ProjectStatus.name).where(m.ProjectStatus.id == project_status_id)
        name: str | None = await self.session.scalar(query)
        return name

    async def shared_descriptors(self) -> Sequence[m.MetadataDescriptor]:
        """The metadata columns of productions themselves, as those that run have them, one a field."""
        descriptor, project, status = m.MetadataDescriptor, m.Project, m.ProjectStatus
        query = (
            select(descriptor)
            .join(project, project.id == descriptor.project_id)
            .join(status, status.id == project.project_status_id)
            .where(descriptor.entity_type == "Project", func.lower(status.name).in_(OPEN_NAMES))
            .ext(distinct_on(descriptor.field_name))
            .order_by(descriptor.field_name, descriptor.created_at)
        )
        return (await self.session.scalars(query)).all()

    async def add_descriptor(
        self, values: dict[str, Any], departments: Sequence[UUID]
    ) -> m.MetadataDescriptor:
        """Insert a metadata column."""
        descriptor = m.MetadataDescriptor(**values)
        self.session.add(descriptor)
        await self.session.flush()
        self.session.add_all(
            m.DepartmentMetadataDescriptorLink(metadata_descriptor_id=descriptor.id, department_id=id)
            for id in departments
        )
        await self.session.flush()
        return descriptor

    async def departments_of(self, descriptor_id: UUID) -> list[UUID]:
        """The departments that a metadata column is for."""
        table: Any = DESCRIPTOR_DEPARTMENTS.table
        query = select(table.department_id).where(table.metadata_descriptor_id == descriptor_id)
        return list((await self.session.scalars(query)).all())

    async def has_descriptor(self, project_id: UUID, entity_type: str, name: str, field_name: str) -> bool:
        """Whether a production has a metadata column of this name or field already."""
        descriptor = m.MetadataDescriptor
        query = select(descriptor.id).where(
            descriptor.project_id == project_id,
            descriptor.entity_type == entity_type,
            (descriptor.name == name) | (descriptor.field_name == field_name),
        )
        return (await self.session.scalars(query.limit(1))).first() is not None

    async def find_template(self, id: UUID) -> m.ProjectTemplate | None:
        """A template; None when there is none."""
        return await self.session.get(m.ProjectTemplate, id)

    async def template_named(self, name: str, but: UUID | None = None) -> bool:
        """Whether a template (`but` one) has this name, upper and lower case alike."""
        template = m.ProjectTemplate
        query = select(template.id).where(func.lower(template.name) == name.lower())
        if but is not None:
            query = query.where(template.id != but)
        return (await self.session.scalars(query.limit(1))).first() is not None

    async def take_over_links(self, template_id: UUID, project_id: UUID, but: frozenset[str]) -> None:
        """Give a production what a template links to and it lacks, `but` for some relations."""
        for relation, source, target, columns in TEMPLATE_LINKS:
            if relation in but:
                continue
            key = columns[0]
            there = select(getattr(target, key)).where(target.project_id == project_id)
            wanted = select(source).where(
                source.project_template_id == template_id, getattr(source, key).not_in(there)
            )
            for link in (await self.session.scalars(wanted)).all():
                values = {name: getattr(link, name) for name in columns}
                self.session.add(target(project_id=project_id, **values))
        await self.session.flush()

    async def delete_template_links(self, template_id: UUID) -> None:
        """Delete what a template links to."""
        for _, source, _, _ in TEMPLATE_LINKS:
            await self.session.execute(delete(source).where(source.project_template_id == template_id))

    async def delete_settings(self, project_id: UUID) -> None:
        """Delete what means nothing without the production; what was made in it stays, and keeps it."""
        mine = select(m.MetadataDescriptor.id).where(m.MetadataDescriptor.project_id == project_id)
        link = m.DepartmentMetadataDescriptorLink
        await self.session.execute(delete(link).where(link.metadata_descriptor_id.in_(mine)))
        for table in (m.MetadataDescriptor, *SETTINGS):
            await self.session.execute(delete(table).where(table.project_id == project_id))
        await self.session.execute(
            update(m.ApiEvent).where(m.ApiEvent.project_id == project_id).values(project_id=None)
        )

    async def touch(self, project_id: UUID) -> None:
        """Move `updated_at`: a setting of the production has changed."""
        await self.session.execute(
            update(m.Project).where(m.Project.id == project_id).values(updated_at=now())
        )
