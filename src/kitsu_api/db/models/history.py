"""What changed in entities, tasks, comments and people. Our own table, filled by triggers on theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, PrimaryKeyConstraint, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Base


class HistoryEntry(Base):
    """One change of one row: all of its fields that changed together. Rows that are gone keep their history,
    so that nothing here is a foreign key."""

    __tablename__ = "kitsu_api_history"
    __table_args__ = (
        PrimaryKeyConstraint("record_id", "id", "changed_at", name="kitsu_api_history_pkey"),
        {"postgresql_partition_by": "RANGE (changed_at)"},
    )

    id: Mapped[int] = mapped_column(BigInteger)
    """Larger for each later change of a row."""
    table_name: Mapped[str] = mapped_column(String(63))
    record_id: Mapped[UUID]
    action: Mapped[str] = mapped_column(String(10))
    """`create`, `update` or `delete`."""
    changed_at: Mapped[datetime]
    person_id: Mapped[UUID | None]
    client: Mapped[str] = mapped_column(String(120))
    """The program that was used, as far as it is known."""
    project_id: Mapped[UUID | None]
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Fields and what they were; metadata as `data.<key>`. A new row was nothing."""
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)
