"""Tasks, their types and statuses."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kitsu_api.db.base import Base, Json, Record

if TYPE_CHECKING:
    from kitsu_api.db.models.persons import Person


class Task(Record):
    """A piece of work of one task type on one entity."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_entity_project", "entity_id", "project_id"),
        Index("kitsu_api_task_of_project", "project_id", "created_at", "id"),
        UniqueConstraint("name", "project_id", "task_type_id", "entity_id", name="task_uc"),
        CheckConstraint("difficulty > 0 AND difficulty < 6", name="check_difficulty"),
    )

    name: Mapped[str] = mapped_column(String(80))
    description: Mapped[str | None]
    priority: Mapped[int | None] = mapped_column(default=0)
    difficulty: Mapped[int] = mapped_column(default=3, server_default=sql("3"))
    duration: Mapped[float | None] = mapped_column(default=0)
    estimation: Mapped[float | None] = mapped_column(default=0)
    completion_rate: Mapped[int | None] = mapped_column(default=0)
    retake_count: Mapped[int | None] = mapped_column(default=0)
    sort_order: Mapped[int | None] = mapped_column(default=0)
    start_date: Mapped[datetime | None]
    due_date: Mapped[datetime | None]
    real_start_date: Mapped[datetime | None]
    end_date: Mapped[datetime | None]
    done_date: Mapped[datetime | None]
    last_comment_date: Mapped[datetime | None]
    nb_assets_ready: Mapped[int | None] = mapped_column(default=0)
    data: Mapped[Json] = mapped_column(nullable=True)
    nb_drawings: Mapped[int | None] = mapped_column(default=0)
    shotgun_id: Mapped[int | None]
    last_preview_file_id: Mapped[UUID | None]
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id"), index=True)
    task_type_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_type.id"), index=True)
    task_status_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_status.id"), index=True)
    entity_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity.id"), index=True)
    assigner_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)

    assignees: Mapped[list[Person]] = relationship(
        secondary="task_person_link",
        primaryjoin="Task.id == TaskPersonLink.task_id",
        secondaryjoin="Person.id == TaskPersonLink.person_id",
        viewonly=True,
        lazy="raise",
    )


class TaskPersonLink(Base):
    """Rows of `task_person_link`."""

    __tablename__ = "task_person_link"
    __table_args__ = (PrimaryKeyConstraint("task_id", "person_id", name="assignations_pkey"),)

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class TaskType(Record):
    """Rows of `task_type`."""

    __tablename__ = "task_type"
    __table_args__ = (UniqueConstraint("name", "for_entity", "department_id", name="task_type_uc"),)

    name: Mapped[str] = mapped_column(String(40))
    short_name: Mapped[str | None] = mapped_column(String(20))
    description: Mapped[str | None]
    color: Mapped[str | None] = mapped_column(String(7), default="#FFFFFF")
    priority: Mapped[int | None] = mapped_column(default=1)
    for_entity: Mapped[str | None] = mapped_column(String(30), default="Asset")
    allow_timelog: Mapped[bool | None] = mapped_column(default=True)
    archived: Mapped[bool | None] = mapped_column(default=False)
    shotgun_id: Mapped[int | None] = mapped_column(index=True)
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("department.id"), index=True)


class TaskStatus(Record):
    """Rows of `task_status`."""

    __tablename__ = "task_status"

    name: Mapped[str] = mapped_column(String(40))
    archived: Mapped[bool | None] = mapped_column(default=False)
    short_name: Mapped[str] = mapped_column(String(10), index=True)
    description: Mapped[str | None]
    color: Mapped[str] = mapped_column(String(7))
    priority: Mapped[int | None] = mapped_column(default=1)
    is_done: Mapped[bool | None] = mapped_column(index=True, default=False)
    is_artist_allowed: Mapped[bool | None] = mapped_column(default=True)
    is_client_allowed: Mapped[bool | None] = mapped_column(default=True)
    is_retake: Mapped[bool | None] = mapped_column(default=False)
    is_feedback_request: Mapped[bool | None] = mapped_column(index=True, default=False)
    is_default: Mapped[bool | None] = mapped_column(index=True, default=False)
    is_wip: Mapped[bool | None] = mapped_column(index=True, default=False)
    shotgun_id: Mapped[int | None]
    for_concept: Mapped[bool | None] = mapped_column(default=False, server_default=sql("false"))


class StatusAutomation(Record):
    """Rows of `status_automation`."""

    __tablename__ = "status_automation"

    entity_type: Mapped[str | None] = mapped_column(String(40), default="asset")
    in_task_type_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_type.id"), index=True)
    in_task_status_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_status.id"), index=True)
    out_field_type: Mapped[str] = mapped_column(String(255), default="status")
    out_task_type_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_type.id"), index=True)
    out_task_status_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_status.id"), index=True)
    import_last_revision: Mapped[bool | None] = mapped_column(default=False, server_default=sql("false"))
    archived: Mapped[bool | None] = mapped_column(default=False)
