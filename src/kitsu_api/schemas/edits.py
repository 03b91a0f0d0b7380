"""Edits as lists and single ones show them, and as clients add them."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import (
    JsonDocument,
    JsonObject,
    OptionalId,
    Payload,
    RecordRead,
    Schema,
    Text,
    Timestamp,
)
from kitsu_api.schemas.entities import EntityName, EntityRead


class NewEdit(Payload):
    """An edit to add to a production."""

    name: EntityName
    description: Text | None = None
    data: JsonObject | None = None
    episode_id: OptionalId = Field(default=None, description="Episode that it is the edit of.")


class ListedEdit(EntityRead):
    """An edit of a list, with the name of its production."""

    project_name: str


class EditTask(Schema):
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


class EditWithTasks(Schema):
    """An edit, with its tasks and the names of what it refers to."""

    id: UUID
    name: str
    description: str | None = None
    canceled: bool | None = None
    data: JsonDocument = None
    project_id: UUID
    project_name: str
    entity_type_id: UUID
    parent_id: UUID | None = None
    source_id: UUID | None = None
    episode_id: UUID | None = None
    episode_name: str = Field(description="Empty when it is of no episode.")
    preview_file_id: UUID | None = None
    nb_entities_out: int | None = None
    tasks: list[EditTask]
    type: str = Field(description="`Edit`.")


class EntityVersionRead(RecordRead):
    """A former state of an entity."""

    name: str
    data: JsonDocument = None
    entity_id: UUID | None = None
    person_id: UUID | None = None
