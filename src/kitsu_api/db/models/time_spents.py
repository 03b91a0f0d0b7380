"""Time spent on tasks, and days off."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Record


class TimeSpent(Record):
    """Rows of `time_spent`."""

    __tablename__ = "time_spent"
    __table_args__ = (
        UniqueConstraint("person_id", "task_id", "date", name="time_spent_uc"),
        CheckConstraint("duration > 0", name="check_duration_positive"),
    )

    duration: Mapped[float]
    date: Mapped[dt.date]
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)


class DayOff(Record):
    """Rows of `day_off`."""

    __tablename__ = "day_off"
    __table_args__ = (
        UniqueConstraint("person_id", "date", name="day_off_uc"),
        CheckConstraint("date <= end_date", name="day_off_date_check"),
    )

    date: Mapped[dt.date]
    end_date: Mapped[dt.date]
    description: Mapped[str | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
