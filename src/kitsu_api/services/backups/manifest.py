"""What is in a backup, and how it is told from a damaged one."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

FORMAT = 1
"""Counts up when older releases could not read a backup any more."""


class BackupError(Exception):
    """A backup can't be made, read or restored; the message says why."""


@dataclass(frozen=True)
class Part:
    """Bytes at the target: how many, and their SHA-256 in hexadecimal digits."""

    sha256: str
    size: int


@dataclass(frozen=True)
class KeptFile:
    """A file of the storage, and the state it was in when it was copied."""

    bucket: str
    key: str
    sha256: str
    size: int
    etag: str | None
    modified: str

    def unchanged(self, size: int, etag: str | None, modified: str) -> bool:
        """Whether the storage shows the file as it was, so that the copy is still good."""
        return (self.size, self.etag, self.modified) == (size, etag, modified)


@dataclass(frozen=True)
class Manifest:
    """The contents of one backup."""

    id: str
    version: str
    """Version of the program that made it."""
    database: Part
    tables: dict[str, int]
    """Rows of every table."""
    files: list[KeptFile] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Files that the register knows and the storage did not have: `bucket/key`."""
    format: int = FORMAT

    def encode(self) -> bytes:
        """As JSON."""
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, content: bytes, sha256: str) -> Manifest:
        """Read one, checked against its own checksum.

        Raises:
            BackupError: it is damaged, or of a newer release.
        """
        if hashlib.sha256(content).hexdigest() != sha256.strip():
            raise BackupError("The manifest does not have the checksum that was stored beside it.")
        try:
            values: dict[str, Any] = orjson.loads(content)
            if values["format"] > FORMAT:
                raise BackupError("The backup was made by a newer release; restore it with that.")
            files = [KeptFile(**one) for one in values.pop("files")]
            return cls(**{**values, "database": Part(**values["database"]), "files": files})
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise BackupError("The manifest can't be read.") from error
