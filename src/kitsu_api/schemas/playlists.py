"""Playlists: their rows, what they hold, and what is to watch of it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, RootModel

from kitsu_api.schemas.base import JsonDocument, OptionalId, Payload, RecordRead, Schema, Text, Timestamp
from kitsu_api.schemas.imported_builds import BuildRead
from kitsu_api.schemas.previews import PreviewFileRead


class PlaylistRead(RecordRead):
    """A playlist."""

    name: str
    shots: JsonDocument = None
    project_id: UUID | None = None
    episode_id: UUID | None = None
    task_type_id: UUID | None = None
    for_client: bool | None = None
    for_entity: str | None = None
    is_for_all: bool | None = None
    created_by: UUID | None = None
    build_jobs: list[UUID] | None = None


class PlaylistCreate(Payload):
    """A playlist to make."""

    name: Annotated[Text, Field(max_length=80)]
    shots: JsonDocument = None
    project_id: OptionalId = None
    episode_id: OptionalId = None
    task_type_id: OptionalId = None
    for_client: bool | None = None
    for_entity: Annotated[Text, Field(max_length=10)] | None = None
    is_for_all: bool | None = None
    created_by: OptionalId = None


class PlaylistUpdate(Payload):
    """What may change of a playlist; what is absent stays."""

    name: Annotated[Text, Field(max_length=80)] | None = None
    shots: JsonDocument = None
    project_id: OptionalId = None
    episode_id: OptionalId = None
    task_type_id: OptionalId = None
    for_client: bool | None = None
    for_entity: Annotated[Text, Field(max_length=10)] | None = None
    is_for_all: bool | None = None
    created_by: OptionalId = None


class ListedPlaylist(RecordRead):
    """A playlist as lists show it: not what it holds."""

    name: str
    project_id: UUID | None = None
    episode_id: UUID | None = None
    task_type_id: UUID | None = None
    for_client: bool | None = None
    for_entity: str | None = None
    is_for_all: bool | None = None
    created_by: UUID | None = None


class EntityToAdd(Payload):
    """An entity to add to a playlist."""

    entity_id: UUID
    preview_file_id: OptionalId = Field(
        default=None, description="What to show of it; without, its newest preview."
    )


class EntitiesToAdd(Payload):
    """Entities to add to a playlist, in their order."""

    entities: Annotated[list[EntityToAdd], Field(max_length=5_000)]


class SiblingFile(Schema):
    """A file of a revision that has several."""

    id: UUID
    revision: int | None = None
    position: int | None = None
    original_name: str | None = None
    extension: str | None = None
    width: int | None = Field(default=None, description="In pixels, as it is shown.")
    height: int | None = Field(default=None, description="In pixels, as it is shown.")
    duration: float | None = Field(default=None, description="In seconds.")
    status: Literal["processing", "ready", "broken", "missing"]
    annotations: JsonDocument = None
    created_at: Timestamp | None = None
    task_id: UUID | None = None
    original_width: float | None = Field(default=None, description="In pixels, as it was sent.")
    original_height: float | None = Field(default=None, description="In pixels, as it was sent.")
    original_duration: float | None = Field(default=None, description="In seconds, as it was sent.")
    original_file_size: float | None = Field(default=None, description="In bytes, as it was sent.")


class RevisionToWatch(SiblingFile):
    """A revision of an entity: its first file, and the others."""

    previews: list[SiblingFile]


class RevisionsToWatch(RootModel[dict[UUID, list[RevisionToWatch]]]):
    """What there is to watch of an entity, by task type, newest first."""


class EntryToWatch(Schema):
    """An entry of a playlist. It holds what was stored of it, too."""

    model_config = ConfigDict(extra="allow")

    id: UUID = Field(description="Of the entity.")
    entity_id: UUID | None = None
    preview_file_id: JsonDocument = Field(default=None, description="What is shown of it.")
    preview_files: dict[UUID, list[RevisionToWatch]] | list[RevisionToWatch] = Field(
        description="What there is to watch, by task type; an empty list when there is nothing."
    )
    preview_file_extension: str | None = None
    preview_file_revision: int | None = None
    preview_file_width: int | None = None
    preview_file_height: int | None = None
    preview_file_duration: float | None = None
    preview_file_status: str | None = Field(default=None, description="`Ready`, `Processing`, `Broken`, …")
    preview_file_task_id: UUID | None = None
    preview_file_previews: list[SiblingFile] | None = None
    preview_file_annotations: JsonDocument = None


class PlaylistToWatch(RecordRead):
    """A playlist with all that there is to watch."""

    name: str
    shots: list[EntryToWatch]
    project_id: UUID | None = None
    episode_id: UUID | None = None
    task_type_id: UUID | None = None
    for_client: bool | None = None
    for_entity: str | None = None
    is_for_all: bool | None = None
    created_by: UUID | None = None
    build_jobs: list[BuildRead]


class WhatToWatch(Payload):
    """Tasks and entities to watch without storing a playlist."""

    task_ids: list[UUID] = Field(default_factory=list, max_length=5_000)
    entity_ids: list[UUID] = Field(default_factory=list, max_length=5_000)


class TemporaryEntry(EntryToWatch):
    """An entry of a playlist that is not stored, with the names of what it lies in."""

    name: str
    parent_name: str
    episode_id: UUID | Literal[""]
    episode_name: str
    sequence_id: UUID | Literal[""]
    sequence_name: str
    asset_type_id: UUID | Literal[""]
    asset_type_name: str


class UnfinishedPreview(PreviewFileRead):
    """A preview on its way, or broken, and what it is of."""

    project_id: UUID | None = None
    task_type_id: UUID | None = None
    full_entity_name: str | None = None


class ClientsToNotify(Payload):
    """Which clients of the production are told; without a word, all."""

    studio_id: OptionalId = None
    department_id: OptionalId = None


class Notified(Schema):
    """They were told."""

    status: Literal["success"] = "success"
