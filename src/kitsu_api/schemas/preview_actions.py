"""What is done to previews."""

from __future__ import annotations

from pydantic import Field

from kitsu_api.schemas.base import Integer, Payload
from kitsu_api.schemas.task_comments import FileContent


class PreviewPosition(Payload):
    """A place within a revision."""

    position: Integer = Field(description="From 1.")


class MainFrame(Payload):
    """Which frame of a movie its pictures are made of."""

    frame_number: Integer | None = Field(default=None, description="From 0.", ge=0)


class ThumbnailPath(Payload):
    """Where a new picture is read."""

    thumbnail_path: str


class UploadForm(Payload):
    """A form with one file, under any name."""

    file: FileContent
