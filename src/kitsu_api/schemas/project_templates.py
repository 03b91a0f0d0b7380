"""Templates that a production is started from."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Integer, JsonDocument, OptionalId, Payload, RecordRead, Text


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
