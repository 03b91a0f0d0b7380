"""Schedules, their versions, and milestones."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import (
    Day,
    Integer,
    Moment,
    Number,
    OptionalId,
    Payload,
    RecordRead,
    Schema,
    Text,
    Timestamp,
)


class MilestoneRead(RecordRead):
    """A milestone."""

    date: Day | None = None
    name: str
    project_id: UUID | None = None
    task_type_id: UUID | None = None


class MilestoneCreate(Payload):
    """A milestone to make."""

    date: Day | None = None
    name: Annotated[Text, Field(max_length=40)]
    project_id: OptionalId = None
    task_type_id: OptionalId = None


class MilestoneUpdate(Payload):
    """What may change of a milestone; what is absent stays."""

    date: Day | None = None
    name: Annotated[Text, Field(max_length=40)] | None = None
    project_id: OptionalId = None
    task_type_id: OptionalId = None


class ProductionScheduleVersionTaskLinkRead(RecordRead):
    """A production schedule version task link."""

    production_schedule_version_id: UUID
    task_id: UUID
    start_date: Timestamp | None = None
    due_date: Timestamp | None = None
    estimation: float | None = None
    assignees: list[UUID] | None = None


class ProductionScheduleVersionTaskLinkCreate(Payload):
    """A production schedule version task link to make."""

    production_schedule_version_id: UUID
    task_id: UUID
    start_date: Moment | None = None
    due_date: Moment | None = None
    estimation: Number | None = None
    assignees: list[UUID] | None = None


class ProductionScheduleVersionTaskLinkUpdate(Payload):
    """What may change of a production schedule version task link; what is absent stays."""

    production_schedule_version_id: OptionalId = None
    task_id: OptionalId = None
    start_date: Moment | None = None
    due_date: Moment | None = None
    estimation: Number | None = None
    assignees: list[UUID] | None = None


class ProductionScheduleVersionRead(RecordRead):
    """A production schedule version."""

    name: str
    project_id: UUID
    production_schedule_from: UUID | None = None
    locked: bool | None = None
    canceled: bool | None = None


class ProductionScheduleVersionCreate(Payload):
    """A production schedule version to make."""

    name: Annotated[Text, Field(max_length=80)]
    project_id: UUID
    production_schedule_from: OptionalId = None
    locked: bool | None = None
    canceled: bool | None = None


class ProductionScheduleVersionUpdate(Payload):
    """What may change of a production schedule version; what is absent stays."""

    name: Annotated[Text, Field(max_length=80)] | None = None
    project_id: OptionalId = None
    production_schedule_from: OptionalId = None
    locked: bool | None = None
    canceled: bool | None = None


class ScheduleItemRead(RecordRead):
    """A schedule item."""

    start_date: Day | None = None
    end_date: Day | None = None
    man_days: int | None = None
    project_id: UUID | None = None
    task_type_id: UUID | None = None
    object_id: UUID | None = None


class ScheduleItemCreate(Payload):
    """A schedule item to make."""

    start_date: Day | None = None
    end_date: Day | None = None
    man_days: Integer | None = None
    project_id: OptionalId = None
    task_type_id: OptionalId = None
    object_id: OptionalId = None


class ScheduleItemUpdate(Payload):
    """What may change of a schedule item; what is absent stays."""

    start_date: Day | None = None
    end_date: Day | None = None
    man_days: Integer | None = None
    project_id: OptionalId = None
    task_type_id: OptionalId = None
    object_id: OptionalId = None


class TaskTypeItem(Schema):
    """The schedule item of a whole task type."""

    id: UUID
    start_date: Day | None = None
    end_date: Day | None = None
    man_days: int | None = None
    project_id: UUID
    task_type_id: UUID
    object_id: UUID | None = None


class NamedItem(TaskTypeItem):
    """The schedule item of a task type for one asset type or entity, and what this is called."""

    name: str
