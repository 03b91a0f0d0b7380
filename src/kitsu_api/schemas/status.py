"""Whether the server is well, what it counts, and what it tells clients before they sign in."""

from __future__ import annotations

from pydantic import Field

from kitsu_api.schemas.base import Schema


class ApiVersion(Schema):
    """What answers here."""

    api: str = Field(description="Name of the server.")
    version: str = Field(description="Its release.")


class ServerStatus(Schema):
    """Which parts of the server answer."""

    name: str
    version: str
    database_up: bool = Field(description="Whether PostgreSQL answered in time.")
    key_value_store_up: bool = Field(description="Whether Valkey answered in time.")
    job_queue_up: bool = Field(
        description="Whether each queue of jobs is served: a worker was heard of within the last half minute."
    )

    @property
    def is_up(self) -> bool:
        """Whether requests can be served; without workers they can, and jobs wait."""
        return self.database_up and self.key_value_store_up


class StatusMeasures(Schema):
    """The status as numbers, for time series: 1 is up, 0 is down."""

    version: str
    database_up: int
    key_value_store_up: int
    job_queue_up: int


class MemoryUse(Schema):
    """Memory of the machine, in bytes."""

    total: int
    available: int
    percent: float = Field(description="Share in use, 0 to 100.")


class ResourceUse(Schema):
    """How busy the machine is that answered."""

    cpu_count: int
    cpu_percent: float = Field(description="Share in use since the last call, 0 to 100.")
    load_average: list[float] = Field(description="Waiting processes over 1, 5 and 15 minutes.")
    memory: MemoryUse


class StudioCounts(Schema):
    """How much the studio holds."""

    number_of_video_previews: int
    number_of_picture_previews: int
    number_of_model_previews: int
    number_of_comments: int
