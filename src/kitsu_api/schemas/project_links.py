"""What a production sets for its task types and task statuses, and in which order it has them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Integer, Payload, RecordRead
from kitsu_api.schemas.project_settings import BoardRole, Many


class ProjectTaskTypeLinkRead(RecordRead):
    """What a production sets for one of its task types."""

    project_id: UUID
    task_type_id: UUID
    priority: int | None = None
    hd_bitrate_compression: int | None = None
    ld_bitrate_compression: int | None = None
    is_client_visible: bool | None = None


class NewTaskTypeLink(Payload):
    """A task type for a production."""

    project_id: UUID
    task_type_id: UUID
    priority: Integer | None = Field(default=1, description="Its place in the pipeline.")


class NewTaskStatusLink(Payload):
    """A task status for a production."""

    project_id: UUID
    task_status_id: UUID
    priority: Integer | None = Field(default=1, description="Its place on boards.")
    roles_for_board: Annotated[list[BoardRole], Field(max_length=100)] = Field(
        default_factory=list, description="Who has it on their board."
    )


class TaskTypeOrder(Payload):
    """Task types in the order of the pipeline."""

    task_type_ids: Many


class TaskStatusOrder(Payload):
    """Task statuses in the order of boards."""

    task_status_ids: Many
