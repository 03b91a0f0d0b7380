"""Tasks of running productions, and what they come to."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field, RootModel

from kitsu_api.schemas.base import Day, JsonDocument, Schema, Timestamp
from kitsu_api.schemas.tasks import TaskRead


class OpenTask(TaskRead):
    """A task with what it is on, its type, its status and its people."""

    project_name: str
    project_has_avatar: bool | None = None
    entity_name: str
    entity_description: str | None = None
    entity_data: JsonDocument = None
    entity_preview_file_id: str = Field(description="Empty when there is none.")
    entity_source_id: str = Field(description="Empty when there is none.")
    entity_type_name: str
    entity_canceled: bool | None = None
    sequence_name: str | None = None
    episode_id: str = Field(description="Empty when there is none.")
    episode_name: str | None = None
    task_type_for_entity: str | None = None
    type_name: str
    status_name: str
    type_color: str
    status_color: str
    status_short_name: str
    assignees: list[UUID]


class StatusAmount(Schema):
    """How many tasks have a status."""

    task_status_id: UUID
    amount: int


class OpenTaskSums(Schema):
    """What all the tasks asked for come to."""

    total_duration: float = Field(description="Minutes spent.")
    total_estimation: float = Field(description="Minutes planned.")
    total: int = Field(description="Tasks from this page on.")
    status: list[StatusAmount]


class OpenTaskPage(Schema):
    """A page of open tasks."""

    data: list[OpenTask]
    stats: OpenTaskSums
    limit: int = Field(description="Tasks of a page.")
    is_more: bool = Field(description="Whether another page follows.")
    page: int = Field(description="Number of this page, from 1.")


class TaskTypeSums(Schema):
    """What the tasks of one type and status in one production come to."""

    task_status_id: UUID
    task_type_id: UUID
    project_id: UUID
    amount: int
    amount_done: int
    total_duration: float = Field(description="Minutes spent.")
    total_estimation: float = Field(description="Minutes planned.")


class ProjectSums(Schema):
    """What the tasks of one production come to."""

    amount: int
    amount_done: int
    total_duration: float = Field(description="Minutes spent.")
    total_estimation: float = Field(description="Minutes planned.")
    task_types: list[TaskTypeSums]


class OpenTaskStats(RootModel[dict[UUID, ProjectSums]]):
    """What the open tasks come to, by production."""


class DoneOfDay(Schema):
    """What was done on a day."""

    date: Day
    nb_done: int
    estimation: float = Field(description="Minutes that were planned for it.")


class Burndown(Schema):
    """How fast work ends."""

    total: int
    total_estimation: float = Field(description="Minutes planned.")
    start_date: Day | None = Field(description="When the first task starts.")
    end_date: Day | None = Field(description="When the last task is due.")
    done_by_day: list[DoneOfDay]


class BusyPeriod(Schema):
    """Days on which somebody works elsewhere."""

    start_date: Timestamp
    end_date: Timestamp


class TaskDates(Schema):
    """From when to when somebody has tasks."""

    person_id: UUID
    min_date: Timestamp | None
    max_date: Timestamp | None
    busy_periods: list[BusyPeriod] = Field(
        description="When the person works on other productions than the one asked about."
    )
