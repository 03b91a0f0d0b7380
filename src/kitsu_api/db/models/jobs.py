"""Work that somebody asked for and may watch. Our own table: other servers never look at it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Base, Json, now


class JobStatus(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TrackedJob(Base):
    """A job. The row is the truth; what lies in Valkey only tells a worker to look at it."""

    __tablename__ = "kitsu_api_job"
    __table_args__ = (
        # one at a time of what is the same work
        Index(
            "kitsu_api_job_open_key",
            "kind",
            "key",
            unique=True,
            postgresql_where=sql("ended_at IS NULL"),
        ),
        Index("ix_kitsu_api_job_created_at", "created_at", "id"),
        Index("ix_kitsu_api_job_open", "created_at", postgresql_where=sql("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(String(80))
    key: Mapped[str | None] = mapped_column(String(255))
    queue: Mapped[str] = mapped_column(String(20))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(String(20), default=JobStatus.QUEUED.value)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """Steps that are done and that there are; 0 of 0 while nobody knows."""
    result: Mapped[Json] = mapped_column(nullable=True)
    error: Mapped[str | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    heartbeat_at: Mapped[datetime | None]
    """When the worker that holds the job was last heard of."""
    run_after: Mapped[datetime | None]
    """When a job that is to be tried again is due."""
    sent_at: Mapped[datetime | None]
    """When a worker was last told of the job; None: nobody was since it is queued (again)."""
    sends: Mapped[int] = mapped_column(default=0)
    """How often workers were told: part of the message's id, for one that was lost must not bar another."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often a worker took it. Only grows: whoever holds the last number holds the job."""
    interruptions: Mapped[int] = mapped_column(default=0)
    """Of these attempts, those that don't count as tries: the worker was stopped in good order."""
