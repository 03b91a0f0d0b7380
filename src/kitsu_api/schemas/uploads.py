"""Uploads that are sent in several requests, and what becomes of them."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Payload


class AttachUpload(Payload):
    """What a finished upload is for."""

    preview_file_id: UUID = Field(description="The preview whose file it is.")
    normalize: bool = Field(default=True, description="False keeps a movie as it is.")
