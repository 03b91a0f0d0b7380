"""What was deleted and can still be brought back. Our own tables: other servers never look at them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Base, Record


class TrashRecord(Record):
    """One deletion: entities that went together, with everything that hung on them."""

    __tablename__ = "kitsu_api_trash"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    entities: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """The entities, each with `id`, `name` and `type`: those that were asked for and what was in them."""
    deleted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class TrashRow(Base):
    """A row that went, or what a row that stayed lost."""

    __tablename__ = "kitsu_api_trash_row"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    trash_id: Mapped[UUID] = mapped_column(ForeignKey("kitsu_api_trash.id", ondelete="CASCADE"), index=True)
    table_name: Mapped[str] = mapped_column(String(63))
    kind: Mapped[str] = mapped_column(String(20))
    """`row`, `reference` (the `id` of a row and the column that was emptied) or `entries` (of a playlist)."""
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
