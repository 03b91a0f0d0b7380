"""What a file is by its first bytes: its name says what somebody wants it to be taken for."""

from __future__ import annotations

import codecs
import mimetypes
from typing import BinaryIO

HEAD = 4_096
"""Bytes that are looked at."""

OCTETS = "application/octet-stream"
ZIP = "application/zip"
TEXTS = frozenset({"text/plain", "text/csv", "text/markdown", "application/json"})
"""Texts that nothing runs; any other is plain text."""

SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"%PDF-", "application/pdf"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"PK\x03\x04", ZIP),
)
"""Offset, bytes and media type of formats that begin alike in all files; the first that fits counts."""


def _is_text(head: bytes) -> bool:
    # fed as a part of more, so that a last character that is cut in two is no error
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(head, final=len(head) < HEAD)
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\t\n\r\f\ufeff" for letter in text)


def kind_by_content(name: str, file: BinaryIO) -> str:
    """The media type of a file; of archives, which documents are as well, the one of its name.

    What is no format that is known here, and no text, is a stream of bytes.
    """
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    named = mimetypes.guess_type(name)[0] or ""
    for offset, signature, kind in SIGNATURES:
        if head.startswith(signature, offset):
            return named if kind == ZIP and named.startswith("application/") else kind
    if _is_text(head):
        return named if named in TEXTS else "text/plain"
    return OCTETS
