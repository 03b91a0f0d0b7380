"""Playlists, their builds and share links."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import JsonDocument, OptionalId, Payload, RecordRead, Text


class PlaylistRead(RecordRead):
    """A playlist."""

    name: str
    shots: JsonDocument = None
    project_id: UUID | None = None
    episode_id: UUID | None = None
    task_type_id: UUID | None = None
    for_client: bool | None = None
    for_entity: str | None = None
    is_for_all: bool | None = None
    created_by: UUID | None = None
    build_jobs: list[UUID] | None = None


class PlaylistCreate(Payload):
    """A playlist to make."""

    name: Annotated[Text, Field(max_length=80)]
    shots: JsonDocument = None
    project_id: OptionalId = None
    episode_id: OptionalId = None
    task_type_id: OptionalId = None
    for_client: bool | None = None
    for_entity: Annotated[Text, Field(max_length=10)] | None = None
    is_for_all: bool | None = None
    created_by: OptionalId = None


class PlaylistUpdate(Payload):
    """What may change of a playlist; what is absent stays."""

    name: Annotated[Text, Field(max_length=80)] | None = None
    shots: JsonDocument = None
    project_id: OptionalId = None
    episode_id: OptionalId = None
    task_type_id: OptionalId = None
    for_client: bool | None = None
    for_entity: Annotated[Text, Field(max_length=10)] | None = None
    is_for_all: bool | None = None
    created_by: OptionalId = None
