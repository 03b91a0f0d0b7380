"""Assets as lists and single ones show them, and as clients add them."""

from __future__ import annotations

from typing import Annotated
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
from kitsu_api.schemas.tasks import TaskRead


class NewAsset(Payload):
    """An asset to add to a production."""

    name: EntityName
    description: Text | None = None
    data: JsonObject | None = None
    is_shared: bool = False
    episode_id: OptionalId = Field(default=None, description="Episode that it is made for.")
    source_id: OptionalId = Field(default=None, description="The same; `episode_id` counts if both are sent.")


class EntityTask(Schema):
    """A task as its entity shows it."""

    id: UUID
    entity_id: UUID
    task_type_id: UUID | None = None
    task_status_id: UUID | None = None
    assignees: list[UUID]
    is_subscribed: bool = Field(description="Whether the caller hears of its comments.")
    duration: float | None = Field(default=None, description="Minutes spent.")
    estimation: float | None = Field(default=None, description="Minutes planned.")
    priority: int | None = None
    difficulty: int
    retake_count: int | None = None
    start_date: Timestamp | None = None
    due_date: Timestamp | None = None
    real_start_date: Timestamp | None = None
    end_date: Timestamp | None = None
    done_date: Timestamp | None = None
    last_comment_date: Timestamp | None = None
    last_preview_file_id: UUID | None = None
    data: JsonDocument = None


class AssetWithTasks(RecordRead):
    """An asset, with its tasks and the names of what it refers to."""

    name: str
    code: str | None = None
    description: str | None = None
    shotgun_id: int | None = None
    canceled: bool | None = None
    nb_entities_out: int | None = None
    is_casting_standby: bool | None = None
    is_shared: bool
    status: str
    project_id: UUID
    project_name: str
    entity_type_id: UUID
    asset_type_id: UUID
    asset_type_name: str
    parent_id: UUID | None = None
    preview_file_id: str = Field(description="Empty when there is none.")
    ready_for: str = Field(description="The text `None` when nobody has said so.")
    episode_id: str = Field(description="Episode that it was made for; empty when there is none.")
    casting_episode_ids: list[UUID] = Field(description="Episodes that cast it.")
    created_by: UUID | None = None
    data: JsonDocument = None
    entities_out: list[UUID]
    entities_in: list[UUID]
    entity_concept_links: list[UUID]
    instance_casting: list[UUID]
    tasks: list[EntityTask]


class AssetTypeRead(RecordRead):
    """An entity type that is for assets."""

    name: str
    short_name: str | None = None
    description: str | None = None
    archived: bool | None = None
    task_types: list[UUID] | None = Field(
        None, description="Task types that its assets go through, where they are shown; empty for all."
    )


class NamedTask(TaskRead):
    """A task with the names of what it refers to."""

    project_name: str
    task_type_name: str | None = None
    task_status_name: str | None = None
    entity_type_name: str | None = None
    entity_name: str | None = None


class ListedShot(EntityRead):
    """A shot of a list, with the names of its production and sequence."""

    project_name: str
    sequence_name: str | None = None


class ProjectAssetType(RecordRead):
    """An asset type of a production."""

    name: str
    short_name: str | None = None
    description: str | None = None
    archived: bool | None = None


class TypeShare(Payload):
    """Whether all assets of a type are offered to other productions."""

    is_shared: bool = True


class ProjectShare(TypeShare):
    """Whether assets of a production are offered to others."""

    asset_ids: Annotated[list[UUID], Field(max_length=100_000)] | None = Field(
        default=None, description="None: all assets of the production."
    )


class AssetsShare(TypeShare):
    """Whether assets are offered to other productions."""

    asset_ids: Annotated[list[UUID], Field(max_length=100_000)]
