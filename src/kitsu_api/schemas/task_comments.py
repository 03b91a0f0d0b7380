"""Comments as people make them, and as their task shows them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AliasChoices,
    Field,
    RootModel,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from kitsu_api.schemas.base import (
    JsonDocument,
    Moment,
    OptionalId,
    Payload,
    RecordRead,
    Schema,
    Text,
    Timestamp,
)
from kitsu_api.schemas.comments import Author, JsonObjects
from kitsu_api.schemas.persons import PersonRead
from kitsu_api.schemas.tasks import TaskStatusRead

FileContent = Annotated[bytes, WithJsonSchema({"type": "string", "format": "binary"})]

MOST = 1000
"""Comments that are made at a time."""


class ChecklistItem(Payload):
    """A line of a checklist."""

    text: Text
    checked: bool = False
    frame: int | None = None
    revision: int | None = None


class NewComment(Payload):
    """A comment to make."""

    task_status_id: UUID
    text: Annotated[
        Text, Field(default="", validation_alias=AliasChoices("comment", "text"), max_length=100_000)
    ] = ""
    person_id: OptionalId = Field(default=None, description="Author; for those who run the production.")
    created_at: Moment | None = Field(default=None, description="For those who run the production.")
    checklist: JsonObjects = None
    links: list[Text] | None = None
    for_client: bool = False

    @field_validator("text", "for_client", mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any, info: ValidationInfo) -> Any:
        return {"text": "", "for_client": False}[str(info.field_name)] if value is None else value


class NewCommentOnTask(NewComment):
    """A comment to make, and on which task."""

    task_id: Annotated[UUID, Field(validation_alias=AliasChoices("task_id", "object_id"))]


class CommentBatch(Payload):
    """Comments to make on one task."""

    comments: Annotated[list[NewComment], Field(max_length=MOST)]


class CommentBatchOnTasks(Payload):
    """Comments to make on several tasks."""

    comments: Annotated[list[NewCommentOnTask], Field(max_length=MOST)]


class CommentsOfProject(RootModel[Annotated[list[NewCommentOnTask], Field(max_length=MOST)]]):
    """Comments to make on tasks of one production."""


class ClientComments(Payload):
    """Whose client comments to copy for the team."""

    task_ids: Annotated[list[UUID], Field(max_length=MOST)]
    prefix: Text = ""


class MoveTarget(Payload):
    """Where a comment goes."""

    target_task_id: UUID


class NewReply(Payload):
    """A reply to a comment."""

    text: Annotated[Text, Field(max_length=100_000)] = ""


class _Files(Payload):
    """The files of a form."""

    file: FileContent = Field(default=b"", description="A file to attach; several may come, under any names.")


class AttachmentForm(_Files):
    """Files to attach to a comment."""

    reply_id: OptionalId = Field(default=None, description="The reply that they belong to, if any.")


class NewReplyForm(NewReply, _Files):
    """A reply to a comment, with files."""


class NewCommentForm(NewComment, _Files):
    """A comment to make, with files; `checklist` and `links` are JSON texts."""


class _BatchForm(Payload):
    """Comments as a JSON text, with files."""

    comments: str = Field(description="The comments, as a JSON text.")
    attachment_file_0: FileContent = Field(
        default=b"",
        alias="attachment_file-0",
        description="A file of the first comment; those of the n-th are called `attachment_file-n`.",
    )
    preview_file_0: FileContent = Field(
        default=b"",
        alias="preview_file-0",
        description="A preview of the first comment; those of the n-th are called `preview_file-n`.",
    )


class CommentBatchForm(_BatchForm):
    """Comments to make on one task, with files."""


class CommentBatchOnTasksForm(_BatchForm):
    """Comments to make on several tasks, with files."""


class Attachment(Schema):
    """A file attached to a comment."""

    id: UUID
    name: str | None = None
    extension: str | None = None
    size: int | None = None


class Reply(Schema):
    """A reply to a comment."""

    id: UUID
    date: Timestamp
    created_at: Timestamp
    person_id: UUID
    text: str
    mentions: list[UUID]
    department_mentions: list[UUID]
    person: Author | None = None


class StatusCard(Schema):
    """A status, as a comment shows it."""

    id: UUID
    name: str
    short_name: str
    color: str


class PlainComment(RecordRead):
    """A comment without what hangs on it."""

    shotgun_id: int | None = None
    object_id: UUID
    object_type: str
    text: str | None = None
    data: JsonDocument = None
    replies: JsonDocument = None
    checklist: JsonDocument = None
    pinned: bool | None = None
    for_client: bool | None = None
    links: list[str] | None = None
    task_status_id: UUID | None = None
    person_id: UUID
    editor_id: UUID | None = None
    preview_file_id: UUID | None = None


class TaskComment(PlainComment):
    """A comment as its task shows it."""

    person: Author | None = None
    task_status: StatusCard | None = None
    acknowledgements: list[UUID]
    previews: list[dict[str, Any]]
    mentions: list[UUID]
    department_mentions: list[UUID]
    attachment_files: list[Attachment]


class MadeComment(PlainComment):
    """A comment that was just made, with its status and author whole."""

    previews: list[UUID]
    mentions: list[UUID]
    department_mentions: list[UUID]
    acknowledgements: list[UUID]
    attachment_files: list[Attachment]
    preview_files: list[dict[str, Any]] | None = Field(
        default=None, description="The previews whole, in place of their ids, after a batch."
    )
    task_status: TaskStatusRead | None = None
    person: PersonRead | None = None
