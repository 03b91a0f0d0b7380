"""Sequences as single ones show them."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.schemas.entities import EntityRead


class SequenceRead(EntityRead):
    """A sequence, with the names of its production and episode."""

    project_name: str
    episode_id: UUID | None = None
    episode_name: str | None = None
