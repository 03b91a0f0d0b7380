"""Files of storage as answers: in parts, from the cache of the client, and never as something that runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Request, Response
from starlette.responses import StreamingResponse

from kitsu_api.errors import NotFound, RangeNotSatisfiable
from kitsu_api.storage.files import Bucket, FileState, FileStorage, MissingFile

SHOWN = frozenset(
    {
        *("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"),
        *("video/mp4", "video/webm", "video/quicktime", "audio/mpeg", "audio/wav"),
        *("application/pdf", "text/plain", "image/vnd.radiance", "image/x-exr"),
        *("model/gltf-binary", "application/zip"),
    }
)
"""Types that are told to browsers. What could run scripts is only ever downloaded, as mere bytes."""

OCTETS = "application/octet-stream"
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")

FILE_ANSWERS: Mapping[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {OCTETS: {}}},
    206: {"description": "The part of the file that was asked for.", "content": {OCTETS: {}}},
    304: {"description": "The client has it already."},
}
"""What `answer_file` may answer, for the document."""


def asked_part(header: str, size: int) -> tuple[int, int] | None:
    """The bytes that a `Range` header asks for: start, and end without it; None for the whole file.

    Several ranges in one header, and what is no range of bytes, count as none (RFC 9110, section 14.2).

    Raises:
        RangeNotSatisfiable: the file is shorter.
    """
    match = RANGE.fullmatch(header.strip())
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise RangeNotSatisfiable(size=size)
    return start, end


def _has(header: str | None, state: FileState) -> bool:
    """Whether a list of etags names the one of the file."""
    if header is None or state.etag is None:
        return False
    known = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in known or state.etag.removeprefix("W/") in known


def disposition(name: str, *, inline: bool) -> str:
    """A `Content-Disposition` header: the name in plain ASCII for old clients, and as it is."""
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in name)
    plain = plain.replace("\\", "_").replace('"', "_")
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def answer_file(
    request: Request,
    storage: FileStorage,
    place: tuple[Bucket, str, UUID],
    *,
    name: str,
    kind: str | None,
    download: bool = False,
    max_age: int = 604_800,
) -> Response:
    """A file from its bucket, prefix and id, streamed; `kind` is its media type, `max_age` in seconds.

    Raises:
        NotFound: it is not in storage.
        RangeNotSatisfiable: the part that was asked for lies beyond its end.
    """
    known = kind in SHOWN
    headers = {
        "content-disposition": disposition(name, inline=known and not download),
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": f"private, max-age={max_age}",
        "accept-ranges": "bytes",
    }
    part = None
    try:
        if "range" in request.headers or "if-none-match" in request.headers:
            state = await storage.stat(*place)
            if _has(request.headers.get("if-none-match"), state):
                return Response(status_code=304, headers={**headers, "etag": state.etag or ""})
            if request.headers.get("if-range", state.etag) == state.etag:
                part = asked_part(request.headers.get("range", ""), state.size)
        stored = await storage.open(*place, part)
    except MissingFile as error:
        raise NotFound("The file is not in storage.") from error
    headers["last-modified"] = format_datetime(stored.modified, usegmt=True)
    if stored.etag:
        headers["etag"] = stored.etag
    start, end = part or (0, stored.size)
    headers["content-length"] = str(end - start)
    if part is not None:
        headers["content-range"] = f"bytes {start}-{end - 1}/{stored.size}"
    return StreamingResponse(
        stored.chunks,
        status_code=200 if part is None else 206,
        media_type=kind if known else OCTETS,
        headers=headers,
    )
