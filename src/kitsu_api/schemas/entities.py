"""All that is made: assets, shots, sequences, episodes, scenes, edits, concepts."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, RootModel

from kitsu_api.schemas.base import (
    Integer,
    JsonDocument,
    JsonObject,
    OptionalId,
    PageOf,
    Payload,
    RecordRead,
    Schema,
    Text,
    Timestamp,
)


def _said(name: str) -> str:
    if not name.strip():
        raise ValueError("a name is needed")
    return name


EntityName = Annotated[Text, Field(max_length=160, min_length=1), AfterValidator(_said)]
"""What an entity is called: spaces alone are no name."""


class AssetInstanceRead(RecordRead):
    """An asset instance."""

    asset_id: UUID
    name: str | None = None
    number: int | None = None
    description: str | None = None
    active: bool | None = None
    data: JsonDocument = None
    scene_id: UUID | None = None
    target_asset_id: UUID | None = None
    entity_id: UUID | None = None
    entity_type_id: UUID | None = None
    shots: list[UUID] | None = None


class AssetInstanceCreate(Payload):
    """An asset instance to make."""

    asset_id: UUID
    name: Annotated[Text, Field(max_length=80)] | None = None
    number: Integer | None = None
    description: Annotated[Text, Field(max_length=200)] | None = None
    active: bool | None = None
    data: JsonDocument = None
    scene_id: OptionalId = None
    target_asset_id: OptionalId = None
    entity_id: OptionalId = None
    entity_type_id: OptionalId = None
    shots: list[UUID] | None = None


class AssetInstanceUpdate(Payload):
    """What may change of an asset instance; what is absent stays."""

    asset_id: OptionalId = None
    name: Annotated[Text, Field(max_length=80)] | None = None
    number: Integer | None = None
    description: Annotated[Text, Field(max_length=200)] | None = None
    active: bool | None = None
    data: JsonDocument = None
    scene_id: OptionalId = None
    target_asset_id: OptionalId = None
    entity_id: OptionalId = None
    entity_type_id: OptionalId = None
    shots: list[UUID] | None = None


class EntityRead(RecordRead):
    """An entity."""

    name: str
    code: str | None = None
    description: str | None = None
    shotgun_id: int | None = None
    canceled: bool | None = None
    nb_frames: int | None = None
    nb_entities_out: int | None = None
    is_casting_standby: bool | None = None
    is_shared: bool
    status: Literal["standby", "running", "complete", "canceled"]
    project_id: UUID
    entity_type_id: UUID
    parent_id: UUID | None = None
    source_id: UUID | None = None
    preview_file_id: UUID | None = None
    data: JsonDocument = None
    ready_for: UUID | None = None
    created_by: UUID | None = None
    entities_out: list[UUID] | None = None
    entity_concept_links: list[UUID] | None = None
    instance_casting: list[UUID] | None = None
    entities_in: list[UUID] | None = None


class EntityCreate(Payload):
    """An entity to make."""

    name: EntityName
    code: Annotated[Text, Field(max_length=160)] | None = None
    description: Text | None = None
    shotgun_id: Integer | None = None
    canceled: bool | None = None
    nb_frames: Integer | None = None
    nb_entities_out: Integer | None = None
    is_casting_standby: bool | None = None
    is_shared: bool | None = None
    status: Literal["standby", "running", "complete", "canceled"] | None = None
    project_id: UUID
    entity_type_id: UUID
    parent_id: OptionalId = None
    source_id: OptionalId = None
    preview_file_id: OptionalId = None
    data: JsonObject | None = None
    ready_for: OptionalId = None
    created_by: OptionalId = None


class EntityUpdate(Payload):
    """What may change of an entity; what is absent stays."""

    name: EntityName | None = None
    code: Annotated[Text, Field(max_length=160)] | None = None
    description: Text | None = None
    shotgun_id: Integer | None = None
    canceled: bool | None = None
    nb_frames: Integer | None = None
    nb_entities_out: Integer | None = None
    is_casting_standby: bool | None = None
    is_shared: bool | None = None
    status: Literal["standby", "running", "complete", "canceled"] | None = None
    project_id: OptionalId = None
    entity_type_id: OptionalId = None
    parent_id: OptionalId = None
    source_id: OptionalId = None
    preview_file_id: OptionalId = None
    data: JsonObject | None = None
    ready_for: OptionalId = None
    created_by: OptionalId = None
    entity_concept_links: list[UUID] | None = Field(
        default=None, max_length=10_000, description="All entities that a concept is drawn for."
    )


class EntityLinkRead(RecordRead):
    """An entity link."""

    entity_in_id: UUID
    entity_out_id: UUID
    data: JsonDocument = None
    nb_occurences: int | None = None
    label: str | None = None


class EntityLinkCreate(Payload):
    """An entity link to make."""

    entity_in_id: UUID
    entity_out_id: UUID
    data: JsonDocument = None
    nb_occurences: Integer | None = None
    label: Annotated[Text, Field(max_length=80)] | None = None


class EntityLinkUpdate(Payload):
    """What may change of an entity link; what is absent stays."""

    entity_in_id: OptionalId = None
    entity_out_id: OptionalId = None
    data: JsonDocument = None
    nb_occurences: Integer | None = None
    label: Annotated[Text, Field(max_length=80)] | None = None


class EntityTypeRead(RecordRead):
    """An entity type."""

    name: str
    short_name: str | None = None
    description: str | None = None
    archived: bool | None = None
    task_types: list[UUID] | None = None


class EntityTypeCreate(Payload):
    """An entity type to make."""

    name: Annotated[Text, Field(max_length=30)]
    short_name: Annotated[Text, Field(max_length=20)] | None = None
    description: Text | None = None
    archived: bool | None = None
    task_types: list[UUID] | None = None


class EntityTypeUpdate(Payload):
    """What may change of an entity type; what is absent stays."""

    name: Annotated[Text, Field(max_length=30)] | None = None
    short_name: Annotated[Text, Field(max_length=20)] | None = None
    description: Text | None = None
    archived: bool | None = None
    task_types: list[UUID] | None = None


class NewTasks(Payload):
    """The tasks that an entity is to have."""

    task_type_ids: Annotated[list[UUID], Field(max_length=1000)] | None = Field(
        default=None, description="None: all that its production and its workflow provide for."
    )


class EntityPreviewFile(Schema):
    """A preview on a task of an entity."""

    id: UUID
    name: str | None = None
    original_name: str | None = None
    extension: str | None = None
    revision: int | None = None
    position: int | None = None
    file_size: int | None = None
    status: str
    validation_status: str
    task_id: UUID | None = None
    person_id: UUID | None = None
    created_at: Timestamp | None = None
    token_in: int | None = None
    token_out: int | None = None


class RevisionFile(Schema):
    """A file of a revision."""

    id: UUID
    revision: int | None = None
    position: int | None = Field(default=None, description="Place among the files of the revision.")
    original_name: str | None = None
    extension: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = Field(default=None, description="Seconds.")
    status: str
    annotations: JsonDocument = None
    created_at: Timestamp | None = None
    task_id: UUID | None = None
    original_width: JsonDocument = Field(default=None, description="Width before it was converted.")
    original_height: JsonDocument = Field(default=None, description="Height before it was converted.")
    original_duration: JsonDocument = Field(default=None, description="Seconds before it was converted.")
    original_file_size: JsonDocument = Field(default=None, description="Bytes before it was converted.")


class ShownRevision(RevisionFile):
    """A revision to play: its first file, and the others."""

    previews: list[RevisionFile] = Field(description="The other files of the revision.")


class ShownRevisionsByTaskType(RootModel[dict[UUID, list[ShownRevision]]]):
    """The revisions shown on an entity, newest first, by the id of the task type."""


class EntityIds(RootModel[Annotated[list[UUID], Field(max_length=100_000)]]):
    """Ids of entities."""


class EntityNewsAuthor(Schema):
    """Who has made a piece of news."""

    id: UUID
    first_name: str
    last_name: str
    full_name: str
    has_avatar: bool | None = None
    role: str


class EntityNews(Schema):
    """A piece of news of an entity, with what it tells of."""

    id: UUID
    type: str = Field(description="`News`.")
    author_id: UUID
    person: EntityNewsAuthor | None = Field(default=None, description="Its author.")
    comment_id: UUID | None = None
    task_id: UUID
    task_type_id: UUID | None = None
    task_status_id: UUID | None = Field(default=None, description="Status that the comment set.")
    task_entity_id: UUID | None = None
    preview_file_id: UUID | None = None
    preview_file_extension: str | None = None
    preview_file_revision: int | None = None
    project_id: UUID
    project_name: str
    created_at: Timestamp | None = None
    change: bool = Field(description="Whether the status changed.")
    full_entity_name: str
    episode_id: UUID | None = None
    entity_preview_file_id: UUID | None = None


class EntityNewsPage(PageOf):
    """A page of the news of an entity."""

    data: list[EntityNews]
