"""Bytes made smaller for a client that takes them so."""

from __future__ import annotations

import gzip

import brotli

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""The encodings that are offered, best first, and how files in them end."""

BROTLI_QUALITY = 5
"""Smaller than gzip, and as quick."""


def accepted_encoding(header: str) -> str | None:
    """The best encoding that `Accept-Encoding` takes; None: the bytes as they are."""
    taken = {}
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        taken[name.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((encoding for encoding in ENCODINGS if taken.get(encoding, taken.get("*", False))), None)


def compress(body: bytes, encoding: str) -> bytes:
    """Bytes in one of the encodings."""
    if encoding == "br":
        return bytes(brotli.compress(body, quality=BROTLI_QUALITY))
    return gzip.compress(body, 6, mtime=0)
