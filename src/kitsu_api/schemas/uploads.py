"""Uploads that are sent in several requests, and what becomes of them."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field, RootModel

from kitsu_api.schemas.base import Payload, Schema


class UploadBytes(RootModel[bytes]):
    """The next bytes of a file."""


class UploadRead(Schema):
    """An upload that was begun. The protocol has the same in headers."""

    id: UUID
    filename: str
    size: int = Field(description="Bytes that the file has.")
    offset: int = Field(description="Bytes that are stored.")


class AttachUpload(Payload):
    """What a finished upload is for."""

    preview_file_id: UUID = Field(description="The preview whose file it is.")
    normalize: bool = Field(default=True, description="False keeps a movie as it is.")
