"""How far the shots of each episode are."""

from __future__ import annotations

from pydantic import Field, RootModel

from kitsu_api.schemas.base import Schema


class Sum(Schema):
    """Tasks, and the frames and drawings of their shots."""

    count: int = 0
    frames: int = 0
    drawings: int = 0


class StatusSum(Sum):
    """Tasks of one status."""

    name: str = Field(description="Short name of the status.")
    color: str


class EpisodeStats(RootModel[dict[str, dict[str, dict[str, StatusSum]]]]):
    """Sums by episode, task type and status; `all` stands for all episodes, or all task types."""


class Evolution(Schema):
    """How the tasks were after a take."""

    done: Sum = Field(default_factory=Sum)
    retake: Sum = Field(default_factory=Sum)
    other: Sum = Field(default_factory=Sum)


class RetakeSums(Evolution):
    """How the tasks are, and how they came there."""

    max_retake_count: int = 0
    evolution: dict[str, Evolution] = Field(
        default_factory=dict, description="By number of the take, from 1; empty for all episodes together."
    )


class RetakeStats(RootModel[dict[str, dict[str, RetakeSums]]]):
    """Sums by episode and task type; `all` stands for all episodes, or all task types."""
