"""Bodies of comments: JSON, or a form with files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.types import Message

from kitsu_api.errors import BadRequest, TooLarge
from kitsu_api.schemas.bodies import reference
from kitsu_api.services.attachments import Upload
from kitsu_api.settings import Settings

P = TypeVar("P", bound=BaseModel)

LISTS = ("checklist", "links", "comments")
"""Fields that a form holds as JSON text."""

MEGABYTE = 1024 * 1024
JSON_MEGABYTES = 16
"""What a body without files may have: it is read into memory."""

MOST_FILES = 100
NUMBERED = re.compile(r"(attachment|preview)_file-(\d{1,6})(?:-\d{1,6})?")
"""Names of files of the n-th comment of a batch."""

Numbered = Mapping[int, list[Upload]]
"""Files by the place of their comment in a batch."""


def check_size(request: Request, settings: Settings) -> None:
    """Refuse a body that says it is larger than the operator allows, before anything is read.

    Raises:
        TooLarge: it is.
    """
    _check_length(request, settings.max_upload_mb)


def _check_length(request: Request, megabytes: int) -> None:
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > megabytes * MEGABYTE):
        raise TooLarge(f"A request may have at most {megabytes} MB.")


def limited(request: Request, megabytes: int) -> Request:
    """The request, broken off as soon as its body is larger, whatever its headers say of the size.

    Raises:
        TooLarge: they say that it is larger; while it is read, it is.
    """
    _check_length(request, megabytes)
    received = 0
    pieces = request.stream()  # what was read before, for an `Idempotency-Key`, comes again

    async def receive() -> Message:
        nonlocal received
        piece = await anext(pieces, b"")
        received += len(piece)
        if received > megabytes * MEGABYTE:
            raise TooLarge(f"A request may have at most {megabytes} MB.")
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    return Request(request.scope, receive)


async def read_body(
    request: Request, megabytes: int | None = None
) -> tuple[Any, list[tuple[str, UploadFile]]]:
    """The values of a body, and its files by the names of their fields; large files wait on disk.

    `megabytes` is what a form may have, where that is less than the operator allows for uploads.

    Raises:
        BadRequest: it is neither JSON nor a form.
        TooLarge: it is larger than the operator allows.
    """
    settings: Settings = request.app.state.settings
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        try:
            return await limited(request, JSON_MEGABYTES).json(), []
        except (ValueError, UnicodeDecodeError, RecursionError) as error:
            raise BadRequest("The body is not valid JSON.") from error
    largest = min(megabytes or settings.max_upload_mb, settings.max_upload_mb)
    most = largest if kind == "multipart/form-data" else JSON_MEGABYTES
    try:
        form: FormData = await limited(request, most).form(max_files=MOST_FILES, max_part_size=4 * MEGABYTE)
    except (MultiPartException, HTTPException, ValueError, KeyError) as error:
        raise BadRequest("The form can't be read.") from error
    values: dict[str, Any] = {}
    files: list[tuple[str, UploadFile]] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files.append((name, value))
        else:
            values[name] = _decoded(name, value)
    return values, files


def _decoded(name: str, value: str) -> Any:
    if name not in LISTS:
        return value
    try:
        return json.loads(value) if value.strip() else []
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{name}: not valid JSON.") from error


def validated(model: type[P], values: Any) -> P:
    """The values as their schema has them.

    Raises:
        RequestValidationError: they don't fit it.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = [{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors()]
        raise RequestValidationError(problems) from error


def uploads(files: list[tuple[str, UploadFile]]) -> list[Upload]:
    """The files that were really sent."""
    return [
        Upload(file.filename, file.file, file.size or 0) for _, file in files if file.filename and file.size
    ]


def numbered_uploads(files: list[tuple[str, UploadFile]], count: int) -> tuple[Numbered, Numbered]:
    """The files to attach to each comment of a batch, and the previews that come with it.

    Raises:
        BadRequest: a file belongs to no comment.
    """
    found: dict[str, dict[int, list[Upload]]] = {"attachment": {}, "preview": {}}
    for name, file in files:
        match = NUMBERED.fullmatch(name)
        if match is None or int(match[2]) >= count:
            raise BadRequest(
                f"{name[:80]}: files of a batch are called attachment_file-0 or preview_file-0, -1, …"
            )
        found[match[1]].setdefault(int(match[2]), []).extend(uploads([(name, file)]))
    return found["attachment"], {number: some for number, some in found["preview"].items() if some}


def renumbered_uploads(
    files: list[tuple[str, UploadFile]], places: Sequence[int]
) -> list[tuple[str, UploadFile]]:
    """The files of those comments of a batch alone that are at these places, by their new places."""
    new = {str(old): place for place, old in enumerate(places)}
    kept = []
    for name, file in files:
        match = NUMBERED.fullmatch(name)
        if match and str(int(match[2])) in new:
            kept.append((f"{match[1]}_file-{new[str(int(match[2]))]}", file))
    return kept


def body_of(model: type[BaseModel], form: type[BaseModel]) -> dict[str, Any]:
    """The body of a route that reads it by itself, for the document."""
    content = {
        "application/json": {"schema": reference(model)},
        "multipart/form-data": {"schema": reference(form)},
    }
    return {"requestBody": {"required": True, "content": content}}
