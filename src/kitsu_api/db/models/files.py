"""Working files and output files of production."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kitsu_api.db.base import Json, Record


class WorkingFile(Record):
    """Rows of `working_file`."""

    __tablename__ = "working_file"
    __table_args__ = (UniqueConstraint("name", "task_id", "entity_id", "revision", name="working_file_uc"),)

    shotgun_id: Mapped[int | None] = mapped_column(index=True)
    name: Mapped[str | None] = mapped_column(String(250))
    description: Mapped[str | None]
    comment: Mapped[str | None]
    revision: Mapped[int | None]
    size: Mapped[int | None]
    checksum: Mapped[int | None]
    path: Mapped[str | None] = mapped_column(String(400))
    data: Mapped[Json] = mapped_column(nullable=True)
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"), index=True)
    entity_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    software_id: Mapped[UUID | None] = mapped_column(ForeignKey("software.id"), index=True)
    validation_status: Mapped[str] = mapped_column(
        String(255), default="neutral", server_default=sql("'neutral'::character varying")
    )

    outputs: Mapped[list[OutputFile]] = relationship(
        primaryjoin="WorkingFile.id == OutputFile.source_file_id",
        foreign_keys="OutputFile.source_file_id",
        viewonly=True,
        lazy="raise",
    )


class OutputFile(Record):
    """Rows of `output_file`."""

    __tablename__ = "output_file"
    __table_args__ = (
        UniqueConstraint(
            "name",
            "entity_id",
            "asset_instance_id",
            "output_type_id",
            "task_type_id",
            "temporal_entity_id",
            "representation",
            "revision",
            name="output_file_uc",
        ),
    )

    shotgun_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(250))
    canceled: Mapped[bool] = mapped_column(default=False)
    size: Mapped[int | None]
    checksum: Mapped[str | None] = mapped_column(String(32))
    description: Mapped[str | None]
    comment: Mapped[str | None]
    extension: Mapped[str | None] = mapped_column(String(10))
    revision: Mapped[int]
    representation: Mapped[str | None] = mapped_column(String(20), index=True)
    nb_elements: Mapped[int | None] = mapped_column(default=1)
    source: Mapped[str | None] = mapped_column(String(40))
    path: Mapped[str | None] = mapped_column(String(400))
    data: Mapped[Json] = mapped_column(nullable=True)
    file_status_id: Mapped[UUID] = mapped_column(ForeignKey("file_status.id"), index=True)
    entity_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity.id"), index=True)
    asset_instance_id: Mapped[UUID | None] = mapped_column(ForeignKey("asset_instance.id"), index=True)
    output_type_id: Mapped[UUID | None] = mapped_column(ForeignKey("output_type.id"), index=True)
    task_type_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_type.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    source_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("working_file.id"), index=True)
    temporal_entity_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity.id"), index=True)
    quality: Mapped[str | None] = mapped_column(String(255))

    source_file: Mapped[WorkingFile | None] = relationship(
        foreign_keys=[source_file_id], viewonly=True, lazy="raise"
    )


class OutputType(Record):
    """Rows of `output_type`."""

    __tablename__ = "output_type"

    name: Mapped[str] = mapped_column(String(40), index=True)
    short_name: Mapped[str] = mapped_column(String(20))


class FileStatus(Record):
    """Rows of `file_status`."""

    __tablename__ = "file_status"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    color: Mapped[str] = mapped_column(String(7))
