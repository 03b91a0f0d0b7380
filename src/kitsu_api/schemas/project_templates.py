"""Templates that a production is started from."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Integer, JsonDocument, OptionalId, Payload, RecordRead, Schema, Text
from kitsu_api.schemas.project_settings import Many
from kitsu_api.schemas.tasks import TaskStatusRead, TaskTypeRead


class TemplateDescriptor(Payload):
    """A metadata column that productions get from a template."""

    name: Annotated[Text, Field(min_length=1, max_length=120)]
    field_name: Annotated[Text, Field(max_length=120)] | None = None
    data_type: (
        Literal["string", "number", "list", "boolean", "checklist", "taglist", "date", "url"] | None
    ) = "string"
    entity_type: Annotated[Text, Field(max_length=60)] = "Asset"
    choices: JsonDocument = Field(default_factory=list)
    for_client: bool = False
    position: Integer | None = None
    task_type_id: OptionalId = None
    departments: list[UUID] = Field(default_factory=list)


class ProjectTemplateRead(RecordRead):
    """A project template."""

    name: str
    description: str | None = None
    fps: str | None = None
    ratio: str | None = None
    resolution: str | None = None
    production_type: str | None = None
    production_style: Literal[
        "2d",
        "2dpaper",
        "3d",
        "2d3d",
        "ar",
        "vfx",
        "stop-motion",
        "motion-design",
        "archviz",
        "commercial",
        "catalog",
        "immersive",
        "nft",
        "video-game",
        "vr",
    ]
    max_retakes: int | None = None
    is_clients_isolated: bool | None = None
    is_preview_download_allowed: bool | None = None
    is_set_preview_automated: bool | None = None
    is_publish_default_for_artists: bool | None = None
    homepage: str | None = None
    hd_bitrate_compression: int | None = None
    ld_bitrate_compression: int | None = None
    file_tree: JsonDocument = None
    data: JsonDocument = None
    metadata_descriptors: JsonDocument = None
    default_preview_background_file_id: UUID | None = None
    is_single_preview_per_revision: bool | None = None
    revision_padding: int
    is_frame_in_numbering: bool | None = None
    is_client_stats_visible: bool | None = None
    is_client_task_list_visible: bool | None = None
    is_client_task_panel_visible: bool | None = None
    task_types: list[UUID] | None = None
    task_statuses: list[UUID] | None = None
    asset_types: list[UUID] | None = None
    status_automations: list[UUID] | None = None
    preview_background_files: list[UUID] | None = None


class ProjectTemplateCreate(Payload):
    """A project template to make."""

    name: Annotated[Text, Field(max_length=80)]
    description: Text | None = None
    fps: Annotated[Text, Field(max_length=10)] | None = None
    ratio: Annotated[Text, Field(max_length=10)] | None = None
    resolution: Annotated[Text, Field(max_length=12)] | None = None
    production_type: Annotated[Text, Field(max_length=20)] | None = None
    production_style: (
        Literal[
            "2d",
            "2dpaper",
            "3d",
            "2d3d",
            "ar",
            "vfx",
            "stop-motion",
            "motion-design",
            "archviz",
            "commercial",
            "catalog",
            "immersive",
            "nft",
            "video-game",
            "vr",
        ]
        | None
    ) = None
    max_retakes: Integer | None = None
    is_clients_isolated: bool | None = None
    is_preview_download_allowed: bool | None = None
    is_set_preview_automated: bool | None = None
    is_publish_default_for_artists: bool | None = None
    homepage: Annotated[Text, Field(max_length=80)] | None = None
    hd_bitrate_compression: Integer | None = None
    ld_bitrate_compression: Integer | None = None
    file_tree: JsonDocument = None
    data: JsonDocument = None
    metadata_descriptors: JsonDocument = None
    default_preview_background_file_id: OptionalId = None
    is_single_preview_per_revision: bool | None = None
    revision_padding: Integer | None = None
    is_frame_in_numbering: bool | None = None
    is_client_stats_visible: bool | None = None
    is_client_task_list_visible: bool | None = None
    is_client_task_panel_visible: bool | None = None
    task_types: list[UUID] | None = None
    task_statuses: list[UUID] | None = None
    asset_types: list[UUID] | None = None
    status_automations: list[UUID] | None = None
    preview_background_files: list[UUID] | None = None


class ProjectTemplateUpdate(Payload):
    """What may change of a project template; what is absent stays."""

    name: Annotated[Text, Field(max_length=80)] | None = None
    description: Text | None = None
    fps: Annotated[Text, Field(max_length=10)] | None = None
    ratio: Annotated[Text, Field(max_length=10)] | None = None
    resolution: Annotated[Text, Field(max_length=12)] | None = None
    production_type: Annotated[Text, Field(max_length=20)] | None = None
    production_style: (
        Literal[
            "2d",
            "2dpaper",
            "3d",
            "2d3d",
            "ar",
            "vfx",
            "stop-motion",
            "motion-design",
            "archviz",
            "commercial",
            "catalog",
            "immersive",
            "nft",
            "video-game",
            "vr",
        ]
        | None
    ) = None
    max_retakes: Integer | None = None
    is_clients_isolated: bool | None = None
    is_preview_download_allowed: bool | None = None
    is_set_preview_automated: bool | None = None
    is_publish_default_for_artists: bool | None = None
    homepage: Annotated[Text, Field(max_length=80)] | None = None
    hd_bitrate_compression: Integer | None = None
    ld_bitrate_compression: Integer | None = None
    file_tree: JsonDocument = None
    data: JsonDocument = None
    metadata_descriptors: JsonDocument = None
    default_preview_background_file_id: OptionalId = None
    is_single_preview_per_revision: bool | None = None
    revision_padding: Integer | None = None
    is_frame_in_numbering: bool | None = None
    is_client_stats_visible: bool | None = None
    is_client_task_list_visible: bool | None = None
    is_client_task_panel_visible: bool | None = None
    task_types: list[UUID] | None = None
    task_statuses: list[UUID] | None = None
    asset_types: list[UUID] | None = None
    status_automations: list[UUID] | None = None
    preview_background_files: list[UUID] | None = None


class TemplateAssetType(Schema):
    """An asset type of a template."""

    id: UUID
    name: str


class TemplateBackground(Schema):
    """A preview background of a template."""

    id: UUID
    name: str
    is_default: bool | None = None


class TemplateTaskType(TaskTypeRead):
    """A task type of a template; `priority` is its place in the template."""

    hd_bitrate_compression: int | None = None
    ld_bitrate_compression: int | None = None
    is_client_visible: bool | None = None


class TemplateTaskStatus(TaskStatusRead):
    """A task status of a template; `priority` is its place in the template."""

    roles_for_board: list[str] | None = None
    link_is_client_allowed: bool | None = None


class TemplateTaskTypeLinkRead(RecordRead):
    """What a template sets for a task type."""

    project_template_id: UUID
    task_type_id: UUID
    priority: int | None = None
    hd_bitrate_compression: int | None = None
    ld_bitrate_compression: int | None = None
    is_client_visible: bool | None = None


class TemplateTaskStatusLinkRead(RecordRead):
    """What a template sets for a task status."""

    project_template_id: UUID
    task_status_id: UUID
    priority: int | None = None
    roles_for_board: list[str] | None = None
    is_client_allowed: bool | None = None


class TemplateTaskTypeOrder(Payload):
    """The task types of a template, in the order of the pipeline."""

    task_type_ids: Many


class TemplateTaskStatusOrder(Payload):
    """The task statuses of a template, in the order of boards."""

    task_status_ids: Many


class DefaultBackground(Payload):
    """The background that previews begin with; null for no particular one."""

    default_preview_background_file_id: OptionalId = None


class TemplateDescriptors(Payload):
    """The metadata columns of a template."""

    metadata_descriptors: Annotated[list[TemplateDescriptor], Field(max_length=1000)]


class TemplateFromProject(Payload):
    """A template to make of a production."""

    name: Annotated[Text, Field(min_length=1, max_length=80)]
    description: Text | None = None
