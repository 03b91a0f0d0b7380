"""Scenes as single ones show them, and as clients add them."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.schemas.base import JsonObject, Payload, Text
from kitsu_api.schemas.entities import EntityName, EntityRead


class NewScene(Payload):
    """A scene to add to a production."""

    name: EntityName
    sequence_id: UUID
    description: Text | None = None
    data: JsonObject | None = None


class SceneRead(EntityRead):
    """A scene, with the names of its production, sequence and episode."""

    project_name: str
    sequence_id: UUID | None = None
    sequence_name: str | None = None
    episode_id: UUID | None = None
    episode_name: str | None = None


class ShotOfScene(Payload):
    """A shot to put into a scene."""

    shot_id: UUID
