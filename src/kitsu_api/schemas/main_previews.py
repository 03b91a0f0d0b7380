"""Entities and the pictures that stand for them."""

from __future__ import annotations

from kitsu_api.schemas.entities import EntityRead


class EntityWithPicture(EntityRead):
    """An entity, with how far its picture is."""

    preview_file_status: str | None = None
