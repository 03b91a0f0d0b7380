"""Episodes as single ones show them, and as clients add them."""

from __future__ import annotations

from typing import Literal

from kitsu_api.schemas.base import JsonObject, Payload, Text
from kitsu_api.schemas.entities import EntityName, EntityRead


class NewEpisode(Payload):
    """An episode to add to a production."""

    name: EntityName
    description: Text | None = None
    status: Literal["standby", "running", "complete", "canceled"] | None = None
    data: JsonObject | None = None


class EpisodeRead(EntityRead):
    """An episode, with the name of its production."""

    project_name: str
