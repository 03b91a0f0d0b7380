"""Patches of metadata as they go over the wire."""

from __future__ import annotations

from pydantic import RootModel

from kitsu_api.schemas.base import JsonObject


class MetadataPatch(RootModel[JsonObject]):
    """Keys to set; null takes a key away, objects are merged (JSON Merge Patch, RFC 7396)."""
