"""Shots and sequences as single ones show them, and as clients add them."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.assets import EntityTask
from kitsu_api.schemas.base import Integer, JsonDocument, JsonObject, OptionalId, Payload, Schema, Text
from kitsu_api.schemas.entities import EntityName, EntityRead


class NewSequence(Payload):
    """A sequence to add to a production."""

    name: EntityName
    episode_id: OptionalId = None
    description: Text | None = None
    data: JsonObject | None = None


class NewShot(Payload):
    """A shot to add to a production."""

    name: EntityName
    sequence_id: OptionalId = None
    description: Text | None = None
    data: JsonObject | None = None
    nb_frames: Integer | None = None


class ShotTask(EntityTask):
    """A task as its shot shows it."""

    nb_assets_ready: int | None = None
    nb_drawings: int | None = None


class ShotWithTasks(EntityRead):
    """A shot, with its tasks and the names of what it refers to."""

    project_name: str
    sequence_id: UUID | None = None
    sequence_name: str | None = None
    episode_id: UUID | None = None
    episode_name: str | None = None
    fps: JsonDocument = None
    frame_in: JsonDocument = None
    frame_out: JsonDocument = None
    tasks: list[ShotTask]


class ShotUpdate(Payload):
    """What may change of a shot; what is absent stays."""

    name: EntityName | None = None
    description: Text | None = None
    nb_frames: Integer | None = None
    data: JsonObject | None = Field(default=None, description="All metadata: what is absent here goes.")
    canceled: bool | None = None


class ShotFrames(Schema):
    """How many frames a shot has."""

    id: UUID
    nb_frames: int
