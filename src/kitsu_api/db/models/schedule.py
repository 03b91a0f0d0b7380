"""Schedules, their versions, and milestones."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kitsu_api.db.base import Base, Record

if TYPE_CHECKING:
    from kitsu_api.db.models.persons import Person


class ScheduleItem(Record):
    """Rows of `schedule_item`."""

    __tablename__ = "schedule_item"
    __table_args__ = (UniqueConstraint("project_id", "task_type_id", "object_id", name="schedule_item_uc"),)

    start_date: Mapped[dt.date | None]
    end_date: Mapped[dt.date | None]
    man_days: Mapped[int | None]
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id"), index=True)
    task_type_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_type.id"), index=True)
    object_id: Mapped[UUID | None] = mapped_column(index=True)


class Milestone(Record):
    """Rows of `milestone`."""

    __tablename__ = "milestone"

    date: Mapped[dt.date | None]
    name: Mapped[str] = mapped_column(String(40))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id"), index=True)
    task_type_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_type.id"), index=True)


class ProductionScheduleVersion(Record):
    """Rows of `production_schedule_version`."""

    __tablename__ = "production_schedule_version"
    __table_args__ = (UniqueConstraint("name", "project_id", name="production_schedule_version_uc"),)

    name: Mapped[str] = mapped_column(String(80))
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    production_schedule_from: Mapped[UUID | None] = mapped_column(
        ForeignKey("production_schedule_version.id", ondelete="SET NULL"), index=True
    )
    locked: Mapped[bool | None] = mapped_column(default=False)
    canceled: Mapped[bool | None] = mapped_column(default=False)


class ProductionScheduleVersionTaskLink(Record):
    """Rows of `production_schedule_version_task_link`."""

    __tablename__ = "production_schedule_version_task_link"
    __table_args__ = (
        Index(
            "ix_production_schedule_version_task_link_production_sch_9cee", "production_schedule_version_id"
        ),
        UniqueConstraint(
            "production_schedule_version_id", "task_id", name="production_schedule_version_task_link_uc"
        ),
    )

    production_schedule_version_id: Mapped[UUID] = mapped_column(
        ForeignKey(
            "production_schedule_version.id",
            name="production_schedule_version_t_production_schedule_version__fkey",
            ondelete="CASCADE",
        )
    )
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), index=True)
    start_date: Mapped[datetime | None]
    due_date: Mapped[datetime | None]
    estimation: Mapped[float | None] = mapped_column(default=0)

    assignees: Mapped[list[Person]] = relationship(
        secondary="production_schedule_version_task_link_person_link",
        primaryjoin=(
            "ProductionScheduleVersionTaskLink.id"
            " == ProductionScheduleVersionTaskLinkPersonLink.production_schedule_version_task_link_id"
        ),
        secondaryjoin="Person.id == ProductionScheduleVersionTaskLinkPersonLink.person_id",
        viewonly=True,
        lazy="raise",
    )


class ProductionScheduleVersionTaskLinkPersonLink(Base):
    """Rows of `production_schedule_version_task_link_person_link`."""

    __tablename__ = "production_schedule_version_task_link_person_link"

    production_schedule_version_task_link_id: Mapped[UUID] = mapped_column(
        ForeignKey(
            "production_schedule_version_task_link.id",
            name="production_schedule_version__production_schedule_version__fkey1",
            ondelete="CASCADE",
        ),
        primary_key=True,
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey(
            "person.id",
            name="production_schedule_version_task_link_person_lin_person_id_fkey",
            ondelete="CASCADE",
        ),
        primary_key=True,
    )
