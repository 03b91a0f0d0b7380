"""The event log, and errors of imports."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Json, Record

IMPORT_SOURCE = ENUM("csv", "shotgun", name="import_source_enum")
"""Where a row that could not be imported came from."""


class ApiEvent(Record):
    """One line of the event log."""

    __tablename__ = "api_event"
    __table_args__ = (
        Index("ix_api_event_created_at", "created_at"),
        Index("ix_api_event_project_id_created_at", "project_id", "created_at"),
    )

    name: Mapped[str] = mapped_column(String(80), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id"), index=True)
    data: Mapped[Json] = mapped_column(nullable=True)


class DataImportError(Record):
    """Rows of `data_import_error`."""

    __tablename__ = "data_import_error"

    event_data: Mapped[Json] = mapped_column(nullable=False)
    source: Mapped[str | None] = mapped_column(IMPORT_SOURCE)
