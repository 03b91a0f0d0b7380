"""Time spent on tasks, and days off."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Day, Number, OptionalId, Payload, RecordRead, Text


class DayOffRead(RecordRead):
    """A day off."""

    date: Day
    end_date: Day
    description: str | None = None
    person_id: UUID | None = None


class DayOffCreate(Payload):
    """A day off to make."""

    date: Day
    end_date: Day | None = Field(default=None, description="The last day; absent: the first one.")
    description: Text | None = None
    person_id: OptionalId = None


class DayOffUpdate(Payload):
    """What may change of a day off; what is absent stays."""

    date: Day | None = None
    end_date: Day | None = None
    description: Text | None = None
    person_id: OptionalId = None


class TimeSpentRead(RecordRead):
    """A time spent."""

    duration: float
    date: Day
    task_id: UUID | None = None
    person_id: UUID | None = None


class TimeSpentCreate(Payload):
    """A time spent to make."""

    duration: Number
    date: Day
    task_id: OptionalId = None
    person_id: OptionalId = None


class TimeSpentUpdate(Payload):
    """What may change of a time spent; what is absent stays."""

    duration: Number | None = None
    date: Day | None = None
    task_id: OptionalId = None
    person_id: OptionalId = None
