"""What a production takes from the library, as clients send it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Integer, Payload, RecordRead

BoardRole = Literal["user", "admin", "supervisor", "manager", "client", "vendor"]
Many = Annotated[list[UUID], Field(max_length=1000)]


class NewAssetType(Payload):
    """An asset type that the production works with."""

    asset_type_id: UUID


class TaskTypeChoice(Payload):
    """What the production sets for a task type."""

    priority: Integer | None = Field(default=None, description="Its place in the pipeline.")
    hd_bitrate_compression: Integer | None = None
    ld_bitrate_compression: Integer | None = None
    is_client_visible: bool | None = None


class NewTaskType(TaskTypeChoice):
    """A task type that the production works with."""

    task_type_id: UUID


class TaskStatusChoice(Payload):
    """What the production sets for a task status."""

    priority: Integer | None = Field(default=None, description="Its place on boards.")
    roles_for_board: list[BoardRole] | None = Field(default=None, description="Who has it on their board.")
    is_client_allowed: bool | None = Field(default=None, description="Whether clients may set it.")


class NewTaskStatus(TaskStatusChoice):
    """A task status that the production works with."""

    task_status_id: UUID


class NewStatusAutomation(Payload):
    """An automation that the production works with."""

    status_automation_id: UUID


class NewBackground(Payload):
    """A background for 3D previews that the production works with."""

    preview_background_file_id: UUID


class SettingsBatch(Payload):
    """Many choices at a time; ids that the library does not have are left out."""

    task_types: Annotated[list[NewTaskType], Field(max_length=1000)] = Field(default_factory=list)
    replace_task_types: bool = Field(default=False, description="Take out task types that are not named.")
    task_status_ids: Many = Field(default_factory=list)
    asset_type_ids: Many = Field(default_factory=list)


class ProjectTaskStatusLinkRead(RecordRead):
    """What a production sets for one of its task statuses."""

    project_id: UUID
    task_status_id: UUID
    priority: int | None = None
    roles_for_board: list[str] | None = None
    is_client_allowed: bool | None = None


def chosen(payload: Payload, id_field: str) -> tuple[UUID, dict[str, Any]]:
    """The id and the values that a payload sets."""
    values = payload.model_dump(exclude_unset=True)
    id: UUID = values.pop(id_field)
    return id, values
