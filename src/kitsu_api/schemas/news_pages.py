"""News of productions as their pages show them."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import PageOf, Schema, Timestamp


class NewsAuthor(Schema):
    """Who brought the news."""

    id: UUID
    first_name: str
    last_name: str
    full_name: str
    has_avatar: bool
    role: str


class ProjectNews(Schema):
    """A news, with what it is about."""

    id: UUID
    type: str
    author_id: UUID
    comment_id: UUID | None = None
    task_id: UUID
    task_type_id: UUID | None = None
    task_status_id: UUID | None = Field(default=None, description="Status that the comment set.")
    task_entity_id: UUID | None = None
    preview_file_id: UUID | None = None
    preview_file_extension: str | None = None
    preview_file_revision: int | None = None
    project_id: UUID
    project_name: str
    created_at: Timestamp
    change: bool = Field(description="Whether the status changed.")
    full_entity_name: str | None = None
    episode_id: UUID | None = None
    entity_preview_file_id: UUID | None = None
    person: NewsAuthor | None = None


class NewsFeed(PageOf):
    """A page of news, newest first."""

    data: list[ProjectNews]
    stats: dict[str, int] = Field(description="Changes to each status, by its id.")
