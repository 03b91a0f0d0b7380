"""Columns that a production adds to its entities."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kitsu_api.db.base import Base, Json, Record

if TYPE_CHECKING:
    from kitsu_api.db.models.departments import Department


class MetadataDescriptor(Record):
    """Rows of `metadata_descriptor`."""

    __tablename__ = "metadata_descriptor"
    __table_args__ = (
        Index(
            "metadata_descriptor_task_type_uc",
            "project_id",
            "entity_type",
            "task_type_id",
            "name",
            unique=True,
            postgresql_where=sql("task_type_id IS NOT NULL"),
        ),
        Index(
            "metadata_descriptor_task_type_uc2",
            "project_id",
            "entity_type",
            "task_type_id",
            "field_name",
            unique=True,
            postgresql_where=sql("task_type_id IS NOT NULL"),
        ),
        Index(
            "metadata_descriptor_uc",
            "project_id",
            "entity_type",
            "name",
            unique=True,
            postgresql_where=sql("task_type_id IS NULL"),
        ),
        Index(
            "metadata_descriptor_uc2",
            "project_id",
            "entity_type",
            "field_name",
            unique=True,
            postgresql_where=sql("task_type_id IS NULL"),
        ),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), index=True)
    entity_type: Mapped[str] = mapped_column(String(60), index=True)
    name: Mapped[str] = mapped_column(String(120))
    data_type: Mapped[str | None] = mapped_column(String(255))
    field_name: Mapped[str] = mapped_column(String(120))
    choices: Mapped[Json] = mapped_column(nullable=True)
    for_client: Mapped[bool | None] = mapped_column(index=True, default=False)
    position: Mapped[int | None]
    task_type_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("task_type.id", name="fk_metadata_descriptor_task_type_id"), index=True
    )

    departments: Mapped[list[Department]] = relationship(
        secondary="department_metadata_descriptor_link",
        primaryjoin="MetadataDescriptor.id == DepartmentMetadataDescriptorLink.metadata_descriptor_id",
        secondaryjoin="Department.id == DepartmentMetadataDescriptorLink.department_id",
        viewonly=True,
        lazy="raise",
    )


class DepartmentMetadataDescriptorLink(Base):
    """Rows of `department_metadata_descriptor_link`."""

    __tablename__ = "department_metadata_descriptor_link"
    __table_args__ = (
        UniqueConstraint(
            "metadata_descriptor_id", "department_id", name="department_metadata_descriptor_link_uc"
        ),
    )

    metadata_descriptor_id: Mapped[UUID] = mapped_column(
        ForeignKey("metadata_descriptor.id"), primary_key=True, index=True
    )
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"), primary_key=True, index=True)
