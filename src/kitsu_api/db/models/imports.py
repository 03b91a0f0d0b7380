"""Sheets that are taken in step by step, what they changed, and how columns were read. Our own tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Base, Json, Record


class ImportStatus(StrEnum):
    """How far an import is."""

    READING = "reading"
    """Its file is to be read."""
    READY = "ready"
    REFUSED = "refused"
    """Its file is no sheet that can be read."""
    APPLIED = "applied"
    UNDONE = "undone"


class SheetImport(Record):
    """A sheet that somebody takes in. Its rows lie in storage under its id."""

    __tablename__ = "kitsu_api_import"
    __table_args__ = (Index("ix_kitsu_api_import_created_at", "created_at"),)

    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(255))
    """Of the file."""
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    task_type_id: Mapped[UUID | None]
    episode_id: Mapped[UUID | None]
    worksheet: Mapped[str | None] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(20), default=ImportStatus.READING.value)
    error: Mapped[str | None]
    rows: Mapped[int] = mapped_column(default=0)
    columns: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    """Name, samples, and the guess of each."""
    mapping: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    """The field of each column; null for one that is left out."""
    outcome: Mapped[Json] = mapped_column(nullable=True)
    """What it did, in rows."""
    undoing: Mapped[Json] = mapped_column(nullable=True)
    """What undoing it did, or what stood in the way."""
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class ImportChange(Base):
    """A row of any table that an import made, changed or deleted."""

    __tablename__ = "kitsu_api_import_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=sql("gen_random_uuid()"))
    import_id: Mapped[UUID] = mapped_column(ForeignKey("kitsu_api_import.id", ondelete="CASCADE"), index=True)
    table_name: Mapped[str] = mapped_column(String(63))
    key: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The columns of the row's primary key."""
    action: Mapped[str] = mapped_column(String(10))
    """`created`, `updated` or `deleted`."""
    version: Mapped[str | None] = mapped_column(String(20))
    """The row's state after the import: another one after every change of it."""
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The columns that changed, as they were; of a deleted row all."""


class ImportMapping(Record):
    """Which columns of sheets stand for what, as somebody said it last; one for each production and kind."""

    __tablename__ = "kitsu_api_import_mapping"
    __table_args__ = (
        Index(
            "kitsu_api_import_mapping_of_project",
            "project_id",
            "kind",
            unique=True,
            postgresql_where=sql("project_id IS NOT NULL"),
        ),
        Index(
            "kitsu_api_import_mapping_of_studio",
            "kind",
            unique=True,
            postgresql_where=sql("project_id IS NULL"),
        ),
    )

    kind: Mapped[str] = mapped_column(String(20))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Fields by the names of columns, in small letters; null for one that is left out."""
