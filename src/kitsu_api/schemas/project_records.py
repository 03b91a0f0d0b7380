"""What a production has noted of its time."""

from __future__ import annotations

from uuid import UUID

from pydantic import RootModel

from kitsu_api.schemas.base import Day, Schema
from kitsu_api.schemas.time_spents import DayOffRead, TimeSpentRead


class ProjectMilestoneRead(Schema):
    """A milestone of a production, as its schedule shows it."""

    id: UUID
    date: Day | None = None
    name: str
    project_id: UUID
    task_type_id: UUID | None = None


class DaysOffByPerson(RootModel[dict[UUID, list[DayOffRead]]]):
    """Days off by the person who takes them, the latest first."""


class TimeSpentsByPerson(RootModel[dict[UUID, list[TimeSpentRead]]]):
    """Time spent (minutes) by the person who spent it, the latest day first."""
