"""A playlist as guests of a share link see it, and what they say about it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from kitsu_api.schemas.annotations import AnnotationChanges
from kitsu_api.schemas.base import JsonDocument, OptionalId, Payload, Schema, Text
from kitsu_api.schemas.comments import Author, JsonObjects
from kitsu_api.schemas.persons import PersonRead
from kitsu_api.schemas.playlists import PlaylistRead
from kitsu_api.schemas.task_comments import Attachment, FileContent, PlainComment, StatusCard

LONGEST_TEXT = 100_000

GUEST = Field(description="Who speaks: the `id` that `POST …/guest` answered.")


class TaskTypeCard(Schema):
    """A task type, as far as guests may know."""

    id: UUID
    name: str
    color: str | None = None
    for_entity: str | None = None


class SharedPreview(Schema):
    """A preview of the same revision, beside the one that the playlist names."""

    id: UUID
    revision: int | None = None
    position: int | None = None
    extension: str | None = None
    original_name: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    status: str | None = None
    task_id: UUID | None = None
    annotations: JsonDocument = None


class SharedEntry(Schema):
    """An entry of a playlist: what is stored of it, and what it shows. Keys without a value are left out."""

    model_config = ConfigDict(extra="allow")

    id: UUID | None = Field(default=None, description="The entity.")
    preview_files: dict[str, Any] = Field(description="Always empty: other previews are not shared.")
    name: str | None = None
    parent_name: str | None = None
    preview_file_id: UUID | None = None
    preview_file_extension: str | None = None
    preview_file_revision: int | None = None
    preview_file_width: int | None = None
    preview_file_height: int | None = None
    preview_file_duration: float | None = None
    preview_file_status: str | None = None
    preview_file_task_id: UUID | None = None
    preview_file_previews: list[SharedPreview] | None = None
    preview_file_annotations: JsonDocument = None
    preview_file_task_type: TaskTypeCard | None = None
    preview_file_task_type_name: str | None = None
    task_status_color: str | None = None


class SharedPlaylistRead(PlaylistRead):
    """A playlist with what its entries show."""

    shots: list[SharedEntry]
    project_name: str
    project_fps: str | None = None


class SharedProject(Schema):
    """A production, as far as guests may know."""

    id: UUID
    name: str
    fps: str | None = None
    ratio: str | None = None
    resolution: str | None = None
    team: list[UUID] = Field(description="Always empty: guests are not told who works on it.")


class SharedStatus(StatusCard):
    """A status that a production uses."""

    is_client_allowed: bool | None = Field(default=None, description="Whether guests may give it to a task.")
    is_default: bool | None = None
    for_concept: bool | None = None


class SharedContext(Schema):
    """What a client needs to show a shared playlist."""

    project: SharedProject
    task_types: list[TaskTypeCard]
    task_statuses: list[SharedStatus]


class GuestName(Payload):
    """Who comes to a shared playlist."""

    first_name: Annotated[Text, Field(max_length=80)] | None = "Guest"
    last_name: Annotated[Text, Field(max_length=80)] | None = ""
    guest_id: OptionalId = Field(default=None, description="The guest that the caller was before, if any.")


class GuestRead(PersonRead):
    """A guest. What other accounts sign in with, a guest has not: those keys are always null."""

    password: None = None
    login_failed_attemps: Literal[0] = 0
    last_login_failed: None = None
    totp_secret: None = None
    email_otp_secret: None = None
    fido_credentials: None = None
    otp_recovery_codes: None = None
    jti: None = None
    oidc_issuer: None = None
    oidc_subject: None = None
    saml_issuer: None = None
    saml_subject: None = None


class ByGuest(Payload):
    """What a guest sends."""

    guest_id: Annotated[UUID, GUEST]


class GuestComment(ByGuest):
    """A comment of a guest."""

    task_id: UUID
    task_status_id: UUID
    text: Annotated[Text, Field(max_length=LONGEST_TEXT)] | None = ""
    checklist: JsonObjects = None


class GuestCommentChange(ByGuest):
    """What may change of a guest's comment; what is absent stays."""

    text: Annotated[Text, Field(max_length=LONGEST_TEXT)] | None = None
    checklist: JsonObjects = None


class GuestAttachmentForm(ByGuest):
    """Files that a guest attaches to a comment of theirs."""

    file: FileContent = Field(default=b"", description="A file to attach; several may come, under any names.")


class GuestAnnotations(ByGuest, AnnotationChanges):
    """What a guest draws, changes and erases on a preview."""

    preview_file_id: UUID


class SharedAuthor(Author):
    """Who said something, as far as guests may know."""

    is_guest: bool


class SharedComment(PlainComment):
    """A comment that guests may read."""

    person: SharedAuthor | None = None
    task_status: StatusCard | None = None
    attachment_files: list[Attachment]


class OwnComment(PlainComment):
    """A guest's own comment, with what hangs on it."""

    previews: list[UUID]
    mentions: list[UUID]
    department_mentions: list[UUID]
    acknowledgements: list[UUID]
    attachment_files: list[Attachment]


NO_SECRETS: dict[str, Any] = {
    name: field.default
    for name, field in GuestRead.model_fields.items()
    if name not in PersonRead.model_fields
}
"""What `GuestRead` adds to a person."""
