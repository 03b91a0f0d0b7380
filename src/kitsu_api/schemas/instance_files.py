"""Files of another instance that are taken over, and what is here of them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from kitsu_api.schemas.base import Payload, Schema

MOST_FILES = 500
"""Files that are asked for at a time."""

Table = Literal[
    "preview_file",
    "attachment_file",
    "working_file",
    "preview_background_file",
    "person",
    "project",
    "organisation",
]
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$"), Field(examples=["5e" * 32])]


class FilePlace(Payload):
    """A file by the row that it goes with, and by its place in storage."""

    table: Table = Field(description="The table of the row.")
    id: UUID = Field(description="The id of the row.")
    bucket: Literal["pictures", "movies", "files"] = Field(description="The bucket that it lies in.")
    prefix: Annotated[str, StringConstraints(max_length=40)] = Field(
        description="What its key in the bucket begins with, such as `thumbnails`."
    )


class FileQuestions(Payload):
    """Files that are asked for."""

    files: list[FilePlace] = Field(max_length=MOST_FILES)
    checksums: bool = Field(default=False, description="Read each file for its checksum, which takes long.")


class HeldFile(Schema):
    """What is here of a file."""

    known: bool = Field(description="Whether the row is here that it goes with.")
    size: int | None = Field(description="Bytes; null when the file isn't here.")
    sha256: str | None = Field(description="Its checksum; null unless it was asked for.")


class SentFile(FilePlace):
    """A file that was sent as an upload, and its place."""

    upload_id: UUID = Field(description="The finished upload (`/uploads`).")
    sha256: Sha256 = Field(description="Checksum of the whole file, in hexadecimal digits.")
