"""File trees of productions, and tasks that are handed in for a review."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Payload, Schema, Text
from kitsu_api.schemas.entities import EntityRead, EntityTypeRead
from kitsu_api.schemas.projects import ProjectRead
from kitsu_api.schemas.tasks import TaskRead
from kitsu_api.schemas.user_context import PersonOfContext


class TreeName(Payload):
    """Which file tree a production is given."""

    tree_name: str = Field(description="`default`, or `simple` (with places for instances of assets).")


class ReviewRequest(Payload):
    """What is handed in for a review."""

    person_id: UUID | None = Field(default=None, description="Who hands it in; absent: the caller.")
    comment: Text = Field(default="", description="What they say about it.")
    name: Text = Field(default="main", description="Name of the file, for trees whose previews have one.")
    revision: int = Field(default=1, ge=1, le=2**31 - 1, description="Revision of the file.")
    change_status: bool = Field(default=True, description="Whether the task's status becomes the one for it.")


class PreviewPath(Schema):
    """Where the production's file tree wants the preview."""

    folder_path: str
    file_name: str = Field(description="Without an extension.")


class ReviewedTask(TaskRead):
    """A task that was handed in, with where it belongs."""

    project: ProjectRead | None = None
    entity: EntityRead | None = None
    entity_type: EntityTypeRead | None = None
    person: PersonOfContext | None = Field(default=None, description="Who handed it in.")
    comment: str
    preview_path: PreviewPath | None = Field(description="Null when the file tree has no place for it.")
