"""What an archive says of itself. Archives come from elsewhere: nothing in them is believed unchecked."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

FORMAT = "kitsu-api production"
VERSION = 1
"""Raised when older versions of the server can't read new archives."""

MANIFEST = "manifest.json"
LARGEST_MANIFEST = 512 * 1024 * 1024
LARGEST_LINE = 64 * 1024 * 1024
"""Bytes of a row."""

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[int, Field(ge=0)]


class ArchiveError(Exception):
    """An archive can't be written or read; the message tells the operator why."""


class Part(BaseModel):
    """Something in the archive; `size` is in bytes, the checksum SHA-256."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: Size
    sha256: Digest


class TablePart(Part):
    """The rows of a table, a JSON object a line."""

    name: Annotated[str, Field(pattern=r"^[a-z_]{1,63}$")]
    rows: Size

    @property
    def member(self) -> str:
        """Where it lies in the archive."""
        return f"tables/{self.name}.jsonl"


class FilePart(Part):
    """A file of the storage."""

    bucket: Literal["pictures", "movies", "files"]
    prefix: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,39}$")]
    id: UUID

    @property
    def member(self) -> str:
        """Where it lies in the archive."""
        return f"files/{self.bucket}/{self.prefix}/{self.id}"


class Manifest(BaseModel):
    """The table of contents."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: Literal["kitsu-api production"] = "kitsu-api production"
    version: int = VERSION
    server: str
    created_at: str
    project_id: UUID
    project_name: str
    tables: list[TablePart]
    files: list[FilePart]
