"""The time that people spend, by task and in tables."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field, RootModel

from kitsu_api.schemas.base import Schema


class TimeTable(RootModel[dict[str, dict[UUID, float]]]):
    """Minutes by year, month, week or day (`2026`, `3`, `10`, `2`: the number alone), then by person."""


class TaskTime(Schema):
    """What somebody spent on a task in a span of days."""

    task_id: UUID
    task_type_id: UUID | None
    project_id: UUID
    project_name: str
    entity_name: str
    entity_type_name: str | None
    sequence_name: str | None
    episode_name: str | None
    duration: float = Field(description="Minutes.")
