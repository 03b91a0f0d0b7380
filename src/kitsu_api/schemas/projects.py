"""Productions and what they choose from the library of types and statuses."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Day, Integer, JsonDocument, OptionalId, Payload, RecordRead, Schema, Text


class ProjectStatusRead(RecordRead):
    """A project status."""

    name: str
    color: str


class ProjectStatusCreate(Payload):
    """A project status to make."""

    name: Annotated[Text, Field(max_length=20)]
    color: Annotated[Text, Field(max_length=7)]


class ProjectStatusUpdate(Payload):
    """What may change of a project status; what is absent stays."""

    name: Annotated[Text, Field(max_length=20)] | None = None
    color: Annotated[Text, Field(max_length=7)] | None = None


class DescriptorCard(Schema):
    """A metadata column of a project."""

    id: UUID
    name: str
    field_name: str
    data_type: str | None = None
    choices: JsonDocument = None
    for_client: bool | None = None
    entity_type: str
    task_type_id: UUID | None = None
    position: int | None = None
    departments: list[UUID]


class TaskTypeSettings(Schema):
    """What a project sets for one of its task types."""

    priority: int | None = None
    hd_bitrate_compression: int | None = None
    ld_bitrate_compression: int | None = None
    is_client_visible: bool | None = None


class TaskStatusSettings(Schema):
    """What a project sets for one of its task statuses."""

    priority: int | None = None
    roles_for_board: list[str] | None = None
    is_client_allowed: bool | None = None


class ProjectRead(RecordRead):
    """A project."""

    name: str
    code: str | None = None
    description: str | None = None
    shotgun_id: int | None = None
    file_tree: JsonDocument = None
    data: JsonDocument = None
    has_avatar: bool | None = None
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
    start_date: Day | None = None
    end_date: Day | None = None
    man_days: int | None = None
    nb_episodes: int | None = None
    episode_span: int | None = None
    max_retakes: int | None = None
    is_clients_isolated: bool | None = None
    is_preview_download_allowed: bool | None = None
    is_set_preview_automated: bool | None = None
    homepage: str | None = None
    is_publish_default_for_artists: bool | None = None
    hd_bitrate_compression: int | None = None
    ld_bitrate_compression: int | None = None
    project_status_id: UUID | None = None
    default_preview_background_file_id: UUID | None = None
    from_schedule_version_id: UUID | None = None
    is_bot_collaboration_enabled: bool | None = None
    is_single_preview_per_revision: bool | None = None
    revision_padding: int
    is_frame_in_numbering: bool | None = None
    is_client_stats_visible: bool | None = None
    is_client_task_list_visible: bool | None = None
    is_client_task_panel_visible: bool | None = None
    team: list[UUID] | None = None
    asset_types: list[UUID] | None = None
    task_statuses: list[UUID] | None = None
    task_types: list[UUID] | None = None
    status_automations: list[UUID] | None = None
    preview_background_files: list[UUID] | None = None
    descriptors: list[DescriptorCard] | None = Field(default=None, description="Its metadata columns.")
    task_type_links: dict[UUID, TaskTypeSettings] | None = None
    task_types_priority: dict[UUID, int | None] | None = None
    task_statuses_link: dict[UUID, TaskStatusSettings] | None = None
    project_status_name: str | None = None


class ProjectCreate(Payload):
    """A project to make."""

    project_template_id: OptionalId = Field(
        default=None, description="Template whose settings it takes over where the payload says nothing."
    )
    name: Annotated[Text, Field(max_length=80)]
    code: Annotated[Text, Field(max_length=80)] | None = None
    description: Text | None = None
    shotgun_id: Integer | None = None
    file_tree: JsonDocument = None
    data: JsonDocument = None
    has_avatar: bool | None = None
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
    start_date: Day | None = None
    end_date: Day | None = None
    man_days: Integer | None = None
    nb_episodes: Integer | None = None
    episode_span: Integer | None = None
    max_retakes: Integer | None = None
    is_clients_isolated: bool | None = None
    is_preview_download_allowed: bool | None = None
    is_set_preview_automated: bool | None = None
    homepage: Annotated[Text, Field(max_length=80)] | None = None
    is_publish_default_for_artists: bool | None = None
    hd_bitrate_compression: Integer | None = None
    ld_bitrate_compression: Integer | None = None
    project_status_id: OptionalId = None
    default_preview_background_file_id: OptionalId = None
    from_schedule_version_id: OptionalId = None
    is_bot_collaboration_enabled: bool | None = None
    is_single_preview_per_revision: bool | None = None
    revision_padding: Integer | None = None
    is_frame_in_numbering: bool | None = None
    is_client_stats_visible: bool | None = None
    is_client_task_list_visible: bool | None = None
    is_client_task_panel_visible: bool | None = None
    team: list[UUID] | None = None
    asset_types: list[UUID] | None = None
    task_statuses: list[UUID] | None = None
    task_types: list[UUID] | None = None
    status_automations: list[UUID] | None = None
    preview_background_files: list[UUID] | None = None


class ProjectUpdate(Payload):
    """What may change of a project; what is absent stays."""

    name: Annotated[Text, Field(max_length=80)] | None = None
    code: Annotated[Text, Field(max_length=80)] | None = None
    description: Text | None = None
    shotgun_id: Integer | None = None
    file_tree: JsonDocument = None
    data: JsonDocument = None
    has_avatar: bool | None = None
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
    start_date: Day | None = None
    end_date: Day | None = None
    man_days: Integer | None = None
    nb_episodes: Integer | None = None
    episode_span: Integer | None = None
    max_retakes: Integer | None = None
    is_clients_isolated: bool | None = None
    is_preview_download_allowed: bool | None = None
    is_set_preview_automated: bool | None = None
    homepage: Annotated[Text, Field(max_length=80)] | None = None
    is_publish_default_for_artists: bool | None = None
    hd_bitrate_compression: Integer | None = None
    ld_bitrate_compression: Integer | None = None
    project_status_id: OptionalId = None
    default_preview_background_file_id: OptionalId = None
    from_schedule_version_id: OptionalId = None
    is_bot_collaboration_enabled: bool | None = None
    is_single_preview_per_revision: bool | None = None
    revision_padding: Integer | None = None
    is_frame_in_numbering: bool | None = None
    is_client_stats_visible: bool | None = None
    is_client_task_list_visible: bool | None = None
    is_client_task_panel_visible: bool | None = None
    team: list[UUID] | None = None
    asset_types: list[UUID] | None = None
    task_statuses: list[UUID] | None = None
    task_types: list[UUID] | None = None
    status_automations: list[UUID] | None = None
    preview_background_files: list[UUID] | None = None
