"""Keys with which scripts sign in. Our own table: other servers never look at it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Record


class ApiKey(Record):
    """A key of a person or a bot. Its secret is not here: only what it hashes to."""

    __tablename__ = "kitsu_api_key"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    lookup: Mapped[str] = mapped_column(String(16), unique=True)
    """The public part of the key, by which it is found."""
    secret_hash: Mapped[bytes]
    """SHA-256 of the secret part: 256 random bits need no slow hash."""
    writes: Mapped[bool] = mapped_column(default=False)
    resources: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """What it reaches, by the names in paths; None: all that its owner does."""
    project_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    """Productions that it reaches; None: all of its owner's."""
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    """To the minute."""
