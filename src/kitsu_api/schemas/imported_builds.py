"""Builds of playlists as another instance kept them."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from kitsu_api.schemas.base import Moment, Payload, RecordRead, Text, Timestamp


class BuildRow(Payload):
    """A build of a playlist as it is sent."""

    status: Literal["running", "failed", "succeeded", "pending", "cancelled"] | None = None
    job_type: Literal["archive", "movie"] | None = None
    ended_at: Moment | None = None
    message: Text | None = None


class BuildRead(RecordRead):
    """A build of a playlist."""

    status: str
    job_type: str
    ended_at: Timestamp | None = None
    message: str | None = None
    playlist_id: UUID
