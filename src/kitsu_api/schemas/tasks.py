"""Tasks, their types and statuses."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import (
    Integer,
    JsonDocument,
    JsonObject,
    Moment,
    Number,
    OptionalId,
    Payload,
    RecordRead,
    Text,
    Timestamp,
)


class StatusAutomationRead(RecordRead):
    """A status automation."""

    entity_type: str | None = None
    in_task_type_id: UUID | None = None
    in_task_status_id: UUID | None = None
    out_field_type: Literal["status", "ready_for"]
    out_task_type_id: UUID | None = None
    out_task_status_id: UUID | None = None
    import_last_revision: bool | None = None
    archived: bool | None = None


class StatusAutomationCreate(Payload):
    """A status automation to make."""

    entity_type: Annotated[Text, Field(max_length=40)] | None = None
    in_task_type_id: OptionalId = None
    in_task_status_id: OptionalId = None
    out_field_type: Literal["status", "ready_for"] | None = None
    out_task_type_id: OptionalId = None
    out_task_status_id: OptionalId = None
    import_last_revision: bool | None = None
    archived: bool | None = None


class StatusAutomationUpdate(Payload):
    """What may change of a status automation; what is absent stays."""

    entity_type: Annotated[Text, Field(max_length=40)] | None = None
    in_task_type_id: OptionalId = None
    in_task_status_id: OptionalId = None
    out_field_type: Literal["status", "ready_for"] | None = None
    out_task_type_id: OptionalId = None
    out_task_status_id: OptionalId = None
    import_last_revision: bool | None = None
    archived: bool | None = None


class TaskStatusRead(RecordRead):
    """A task status."""

    name: str
    archived: bool | None = None
    short_name: str
    description: str | None = None
    color: str
    priority: int | None = None
    is_done: bool | None = None
    is_artist_allowed: bool | None = None
    is_client_allowed: bool | None = None
    is_retake: bool | None = None
    is_feedback_request: bool | None = None
    is_default: bool | None = None
    is_wip: bool | None = None
    shotgun_id: int | None = None
    for_concept: bool | None = None


class TaskStatusCreate(Payload):
    """A task status to make."""

    name: Annotated[Text, Field(max_length=40)]
    archived: bool | None = None
    short_name: Annotated[Text, Field(max_length=10)]
    description: Text | None = None
    color: Annotated[Text, Field(max_length=7)]
    priority: Integer | None = None
    is_done: bool | None = None
    is_artist_allowed: bool | None = None
    is_client_allowed: bool | None = None
    is_retake: bool | None = None
    is_feedback_request: bool | None = None
    is_default: bool | None = None
    is_wip: bool | None = None
    shotgun_id: Integer | None = None
    for_concept: bool | None = None


class TaskStatusUpdate(Payload):
    """What may change of a task status; what is absent stays."""

    name: Annotated[Text, Field(max_length=40)] | None = None
    archived: bool | None = None
    short_name: Annotated[Text, Field(max_length=10)] | None = None
    description: Text | None = None
    color: Annotated[Text, Field(max_length=7)] | None = None
    priority: Integer | None = None
    is_done: bool | None = None
    is_artist_allowed: bool | None = None
    is_client_allowed: bool | None = None
    is_retake: bool | None = None
    is_feedback_request: bool | None = None
    is_default: bool | None = None
    is_wip: bool | None = None
    shotgun_id: Integer | None = None
    for_concept: bool | None = None


class TaskTypeRead(RecordRead):
    """A task type."""

    name: str
    short_name: str | None = None
    description: str | None = None
    color: str | None = None
    priority: int | None = None
    for_entity: str | None = None
    allow_timelog: bool | None = None
    archived: bool | None = None
    shotgun_id: int | None = None
    department_id: UUID | None = None


class TaskTypeCreate(Payload):
    """A task type to make."""

    name: Annotated[Text, Field(max_length=40)]
    short_name: Annotated[Text, Field(max_length=20)] | None = None
    description: Text | None = None
    color: Annotated[Text, Field(max_length=7)] | None = None
    priority: Integer | None = None
    for_entity: Annotated[Text, Field(max_length=30)] | None = None
    allow_timelog: bool | None = None
    archived: bool | None = None
    shotgun_id: Integer | None = None
    department_id: OptionalId = None


class TaskTypeUpdate(Payload):
    """What may change of a task type; what is absent stays."""

    name: Annotated[Text, Field(max_length=40)] | None = None
    short_name: Annotated[Text, Field(max_length=20)] | None = None
    description: Text | None = None
    color: Annotated[Text, Field(max_length=7)] | None = None
    priority: Integer | None = None
    for_entity: Annotated[Text, Field(max_length=30)] | None = None
    allow_timelog: bool | None = None
    archived: bool | None = None
    shotgun_id: Integer | None = None
    department_id: OptionalId = None


class TaskRead(RecordRead):
    """A task."""

    name: str
    description: str | None = None
    priority: int | None = None
    difficulty: int
    duration: float | None = None
    estimation: float | None = None
    completion_rate: int | None = None
    retake_count: int | None = None
    sort_order: int | None = None
    start_date: Timestamp | None = None
    due_date: Timestamp | None = None
    real_start_date: Timestamp | None = None
    end_date: Timestamp | None = None
    done_date: Timestamp | None = None
    last_comment_date: Timestamp | None = None
    nb_assets_ready: int | None = None
    data: JsonDocument = None
    nb_drawings: int | None = None
    shotgun_id: int | None = None
    last_preview_file_id: UUID | None = None
    project_id: UUID | None = None
    task_type_id: UUID | None = None
    task_status_id: UUID | None = None
    entity_id: UUID | None = None
    assigner_id: UUID | None = None
    assignees: list[UUID] | None = None


class TaskCreate(Payload):
    """A task to make."""

    name: Annotated[Text, Field(max_length=80)]
    description: Text | None = None
    priority: Integer | None = None
    difficulty: Integer | None = None
    duration: Number | None = None
    estimation: Number | None = None
    completion_rate: Integer | None = None
    retake_count: Integer | None = None
    sort_order: Integer | None = None
    start_date: Moment | None = None
    due_date: Moment | None = None
    real_start_date: Moment | None = None
    end_date: Moment | None = None
    done_date: Moment | None = None
    last_comment_date: Moment | None = None
    nb_assets_ready: Integer | None = None
    data: JsonObject | None = None
    nb_drawings: Integer | None = None
    shotgun_id: Integer | None = None
    last_preview_file_id: OptionalId = None
    project_id: OptionalId = None
    task_type_id: OptionalId = None
    task_status_id: OptionalId = None
    entity_id: OptionalId = None
    assigner_id: OptionalId = None
    assignees: list[UUID] | None = None


class TaskUpdate(Payload):
    """What may change of a task; what is absent stays."""

    name: Annotated[Text, Field(max_length=80)] | None = None
    description: Text | None = None
    priority: Integer | None = None
    difficulty: Integer | None = None
    duration: Number | None = None
    estimation: Number | None = None
    completion_rate: Integer | None = None
    retake_count: Integer | None = None
    sort_order: Integer | None = None
    start_date: Moment | None = None
    due_date: Moment | None = None
    real_start_date: Moment | None = None
    end_date: Moment | None = None
    done_date: Moment | None = None
    last_comment_date: Moment | None = None
    nb_assets_ready: Integer | None = None
    data: JsonObject | None = None
    nb_drawings: Integer | None = None
    shotgun_id: Integer | None = None
    last_preview_file_id: OptionalId = None
    project_id: OptionalId = None
    task_type_id: OptionalId = None
    task_status_id: OptionalId = None
    entity_id: OptionalId = None
    assigner_id: OptionalId = None
    assignees: list[UUID] | None = None
