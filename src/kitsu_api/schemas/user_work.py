"""What the signed-in person has to do, and is told."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field, RootModel

from kitsu_api.schemas.base import JsonDocument, Moment, Payload, Schema, Timestamp
from kitsu_api.schemas.tasks import TaskRead
from kitsu_api.schemas.time_spents import DayOffRead, TimeSpentRead


class TaskOfPerson(TaskRead):
    """A task with all that a list of work shows of it."""

    project_name: str
    project_has_avatar: bool | None = None
    entity_name: str
    entity_description: str | None = None
    entity_data: JsonDocument = None
    entity_preview_file_id: str = Field(description="Empty when there is none.")
    entity_source_id: str = Field(description="Empty when there is none.")
    entity_type_name: str
    entity_canceled: bool | None = None
    sequence_name: str | None = None
    episode_id: str = Field(description="Empty when there is none.")
    episode_name: str | None = None
    task_type_for_entity: str | None = None
    task_estimation: float | None = None
    task_duration: float | None = None
    task_start_date: Timestamp | None = None
    task_due_date: Timestamp | None = None
    task_type_name: str
    task_status_name: str
    task_type_color: str
    task_status_color: str
    task_status_short_name: str
    assignees: list[UUID]
    last_comment: dict[str, Any] = Field(
        description="`text`, `date` and `person_id` of the newest comment; empty without one."
    )


class TaskOfPersonPage(Schema):
    """A page of tasks."""

    data: list[TaskOfPerson]
    total: int = Field(description="Tasks in all pages.")
    nb_pages: int
    limit: int = Field(description="Tasks of a page.")
    offset: int = Field(description="Tasks before this page.")
    page: int = Field(description="Number of this page, from 1.")


class FilterValues(Schema):
    """The ids by which the tasks to check can be narrowed."""

    project_ids: list[UUID]
    task_type_ids: list[UUID]
    task_status_ids: list[UUID]
    episode_ids: list[UUID]
    person_ids: list[UUID]


class TimeSpentOfTask(TimeSpentRead):
    """Time spent, with where its task lies."""

    project_id: UUID
    task_type_id: UUID


class NoRow(Schema):
    """An empty object: there is nothing of that day."""


DayOffOrNone = DayOffRead | NoRow
TimeSpentOrNone = TimeSpentRead | NoRow


class DesktopLoginLogRead(Schema):
    """When somebody began to work at their desk."""

    id: UUID
    person_id: UUID
    date: Timestamp
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None
    type: str


class NewDesktopLoginLog(Payload):
    """When somebody began to work at their desk."""

    date: Moment


class UserNotification(Schema):
    """A notification with what it is about."""

    id: UUID
    type: str
    notification_type: str
    author_id: UUID
    comment_id: UUID | None = None
    task_id: UUID | None = None
    task_type_id: UUID | None = None
    task_status_id: UUID | None = None
    mentions: list[UUID]
    department_mentions: list[UUID]
    reply_mentions: list[UUID]
    reply_department_mentions: list[UUID]
    preview_file_id: UUID | None = None
    project_id: UUID | None = None
    project_name: str | None = None
    comment_text: str
    reply_text: str
    created_at: Timestamp
    read: bool
    change: bool
    full_entity_name: str | None = None
    episode_id: UUID | None = None
    entity_preview_file_id: UUID | None = None
    subscription_id: UUID | None = Field(
        default=None, description="The caller's subscription to the task, if any."
    )
    playlist_id: UUID | None = None
    playlist_name: str
    playlist_for_entity: str
    playlist_is_for_all: bool


class ReadMark(Payload):
    """Whether a notification was read."""

    read: bool = True


NotificationKind = Literal["comment", "mention", "assignation", "reply", "reply-mention", "playlist-ready"]


class FollowedTasks(Payload):
    """Tasks by their ids."""

    task_ids: list[UUID]


class ChatOfUser(Schema):
    """A chat that the caller takes part in."""

    id: UUID
    object_id: UUID
    last_message: Timestamp | None = None
    entity_name: str | None = None
    project_id: UUID | None = None
    preview_file_id: UUID | None = None


class JoinedChat(Schema):
    """A chat."""

    id: UUID
    object_id: UUID
    object_type: str
    last_message: Timestamp | None = None
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None
    type: str


class Done(Schema):
    """That something was done."""

    success: bool


class Subscribed(RootModel[bool]):
    """Whether the caller is told of something."""


class IdList(RootModel[list[UUID]]):
    """Ids."""
