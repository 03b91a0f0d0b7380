"""Rows of boards: entities with their tasks, as the pages of a production show them."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.assets import EntityTask
from kitsu_api.schemas.base import JsonDocument, JsonObject, Schema, Timestamp
from kitsu_api.schemas.shots import ShotTask


class BoardEntity(Schema):
    """What every row of a board has."""

    id: UUID
    name: str
    description: str | None = None
    canceled: bool | None = None
    data: JsonObject = Field(description="Metadata; an empty object when there are none.")


class BoardAsset(BoardEntity):
    """An asset with its tasks."""

    preview_file_id: str = Field(description="Empty when there is none.")
    asset_type_id: UUID
    asset_type_name: str
    ready_for: str = Field(description="The text `None` when nobody has said so.")
    episode_id: str = Field(description="Episode that it was made for; empty when there is none.")
    casting_episode_ids: list[UUID] = Field(description="Episodes that cast it.")
    is_casting_standby: bool | None = None
    is_shared: bool
    tasks: list[EntityTask]


class BoardShot(BoardEntity):
    """A shot with its tasks."""

    entity_type_id: UUID
    project_id: UUID
    project_name: str
    parent_id: UUID | None = None
    sequence_id: UUID | None = None
    sequence_name: str | None = None
    episode_id: UUID | None = None
    episode_name: str | None = None
    source_id: UUID | None = None
    preview_file_id: UUID | None = None
    nb_frames: int | None = None
    nb_entities_out: int | None = None
    is_casting_standby: bool | None = None
    fps: JsonDocument = None
    frame_in: JsonDocument = None
    frame_out: JsonDocument = None
    tasks: list[ShotTask]
    type: str


class BoardEditTask(Schema):
    """A task as its edit shows it."""

    id: UUID
    entity_id: UUID
    task_type_id: UUID | None = None
    task_status_id: UUID | None = None
    assignees: list[UUID]
    is_subscribed: bool = Field(description="Whether the caller hears of its comments.")
    duration: float | None = Field(default=None, description="Minutes spent.")
    estimation: float | None = Field(default=None, description="Minutes planned.")
    priority: int | None = None
    retake_count: int | None = None
    nb_assets_ready: int | None = None
    start_date: Timestamp | None = None
    due_date: Timestamp | None = None
    real_start_date: Timestamp | None = None
    end_date: Timestamp | None = None
    last_comment_date: Timestamp | None = None
    last_preview_file_id: UUID | None = None
    data: JsonDocument = None


class BoardEdit(BoardEntity):
    """An edit with its tasks."""

    entity_type_id: UUID
    project_id: UUID
    project_name: str
    parent_id: UUID | None = None
    episode_id: UUID | None = None
    episode_name: str | None = None
    source_id: UUID | None = None
    preview_file_id: UUID | None = None
    nb_entities_out: int | None = None
    tasks: list[BoardEditTask]
    type: str


class BoardParent(BoardEntity):
    """An episode, a sequence or a scene with its tasks."""

    status: str
    episode_id: str = Field(description="What holds it; the text `None` when nothing does.")
    preview_file_id: str = Field(description="Empty when there is none.")
    fps: JsonDocument = None
    frame_in: JsonDocument = None
    frame_out: JsonDocument = None
    tasks: list[EntityTask]


class LinkedTask(Schema):
    """A task of an entity that is linked to a concept."""

    id: UUID
    entity_id: UUID
    task_type_id: UUID | None = None
    task_status_id: UUID | None = None
    assigner_id: UUID | None = None
    assignees: list[UUID]
    duration: float | None = Field(default=None, description="Minutes spent.")
    estimation: float | None = Field(default=None, description="Minutes planned.")
    priority: int | None = None
    retake_count: int | None = None
    nb_assets_ready: int | None = None
    start_date: Timestamp | None = None
    due_date: Timestamp | None = None
    real_start_date: Timestamp | None = None
    end_date: Timestamp | None = None
    last_comment_date: Timestamp | None = None


class LinkedEntity(BoardEntity):
    """An entity that is linked to a concept, with its tasks."""

    entity_type_id: UUID
    project_id: UUID
    project_name: str
    parent_id: UUID | None = None
    source_id: UUID | None = None
    preview_file_id: UUID | None = None
    nb_frames: int | None = None
    nb_entities_out: int | None = None
    is_casting_standby: bool | None = None
    fps: JsonDocument = None
    frame_in: JsonDocument = None
    frame_out: JsonDocument = None
    entity_concept_links: list[UUID] = Field(description="Concepts that it is linked to.")
    created_by: UUID | None = None
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None
    tasks: list[LinkedTask]
    type: str


class BoardConcept(LinkedEntity):
    """A concept with its tasks."""

    preview_file_status: str | None = Field(default=None, description="Whether its preview can be shown yet.")


class CompactAssets(Schema):
    """Assets as arrays: the names of the columns once, then the values."""

    compact: bool
    asset_fields: list[str]
    task_fields: list[str]
    rows: list[list[JsonDocument]]


class CompactShots(Schema):
    """Shots as arrays: the names of the columns once, then the values."""

    compact: bool
    shot_fields: list[str]
    task_fields: list[str]
    rows: list[list[JsonDocument]]
