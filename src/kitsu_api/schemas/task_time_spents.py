"""Time that people spend on a task."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from kitsu_api.schemas.base import Number, Payload, Schema


class TimeNote(Payload):
    """How long somebody worked."""

    duration: Number = Field(description="Minutes, above 0.")


class TimeSpentsOfTask(Schema):
    """The time spents of a task: their sum, and a list for each person, by the person's id."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Any]

    total: float = Field(description="Minutes of all.")
