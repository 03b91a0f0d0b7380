"""What was committed and is not yet queued. Our own table: other servers never look at it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Base, now


class OutboxMessage(Base):
    """The jobs of one transaction; the row goes once they are queued."""

    __tablename__ = "kitsu_api_outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    jobs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
