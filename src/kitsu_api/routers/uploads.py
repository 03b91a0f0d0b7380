"""Resumable uploads: the tus protocol 1.0, as https://tus.io/protocols/resumable-upload has it."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.requests import ClientDisconnect

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Upload
from kitsu_api.errors import (
    BadRequest,
    ChecksumMismatch,
    Conflict,
    Forbidden,
    Locked,
    NotFound,
    PreconditionFailed,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnsupportedMediaType,
    errors,
)
from kitsu_api.middleware import TUS, UPLOADS
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings, CurrentActor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.upload_places import OwnUpload
from kitsu_api.routers.storage import Storage
from kitsu_api.routing import add_routes
from kitsu_api.schemas.bodies import reference
from kitsu_api.schemas.uploads import UploadBytes, UploadRead
from kitsu_api.services import uploads as service
from kitsu_api.unit_of_work import Uow
from kitsu_api.workers.context import JobContext

EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
CONTENT = "application/offset+octet-stream"
NUMBER = re.compile(r"\d{1,18}")
BODY: dict[str, Any] = {
    "requestBody": {
        "description": "The next bytes of the file.",
        "content": {CONTENT: {"schema": reference(UploadBytes)}},
    }
}
GROWN = {
    "headers": {
        "Upload-Offset": {"description": "Bytes that are stored.", "schema": {"type": "integer"}},
        "Upload-Expires": {"description": "When it is dropped.", "schema": {"type": "string"}},
    }
}


async def spoken(
    actor: CurrentActor,
    tus_resumable: Annotated[str | None, Header(description="Version of the protocol: 1.0.0.")] = None,
) -> None:
    """Refuse what speaks another version of the protocol; strangers are not even told so.

    Raises:
        PreconditionFailed: it does, or says nothing of it.
    """
    if tus_resumable != TUS:
        raise PreconditionFailed(f"Uploads are sent by version {TUS} of tus. Say so in Tus-Resumable.")


router = APIRouter(tags=["Uploads"])
talk = APIRouter(
    prefix=UPLOADS,
    tags=["Uploads"],
    dependencies=[Depends(spoken)],
    responses=errors(Unauthorized, Forbidden, PreconditionFailed),
)
Writes = errors(
    BadRequest, NotFound, Conflict, TooLarge, UnsupportedMediaType, Locked, ChecksumMismatch, Unavailable
)


def _number(name: str, text: str | None) -> int:
    if text is None or not NUMBER.fullmatch(text):
        raise BadRequest(f"{name} takes a number of bytes.")
    return int(text)


def _headers(settings: Any, offset: int) -> dict[str, str]:
    expires = service.expiry(settings).replace(tzinfo=dt.UTC)
    return {"Upload-Offset": str(offset), "Upload-Expires": format_datetime(expires, usegmt=True)}


def _checked(request: Request, size: int, offset: int) -> service.Checksum | None:
    """Look at what is said of a body before it is read: its type, its length, its checksum.

    Raises:
        UnsupportedMediaType: it is no piece of an upload.
        TooLarge: it is longer than what is missing.
        BadRequest: the checksum is none.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != CONTENT:
        raise UnsupportedMediaType(f"Send the bytes as {CONTENT}.")
    length = request.headers.get("content-length")
    if length is not None and offset + _number("Content-Length", length) > size:
        raise TooLarge(f"The upload was begun as one of {size} bytes.")
    return service.read_checksum(request.headers.get("upload-checksum"))


async def _append(
    request: Request, storage: Storage, upload: Upload, offset: int, checksum: service.Checksum | None
) -> int:
    """Add the body of a request to an upload; how many bytes it has then."""
    context: JobContext = request.app.state.jobs
    try:
        return await service.append(context.unit_of_work, storage, upload, offset, request.stream(), checksum)
    except ClientDisconnect:
        # nobody is there to hear it
        return offset


@router.options(
    UPLOADS,
    status_code=204,
    response_class=Response,
    operation_id="describe_uploads",
    summary="Describe resumable uploads",
)
async def describe_uploads(settings: AppSettings) -> Response:
    """What of the protocol is understood, in headers."""
    found = {
        "Tus-Version": TUS,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(settings.max_upload_mb * service.MEGABYTE),
        "Tus-Checksum-Algorithm": ",".join(service.ALGORITHMS),
    }
    return Response(status_code=204, headers=found)


@talk.post(
    "",
    status_code=201,
    response_model=UploadRead,
    responses={201: GROWN, **Writes},
    openapi_extra=BODY,
    operation_id="begin_upload",
    summary="Begin a resumable upload",
)
async def begin_upload(
    request: Request,
    session: Session,
    settings: AppSettings,
    storage: Storage,
    actor: Annotated[Actor, allow(anyone)],
    upload_length: Annotated[str | None, Header(description="Bytes that the file has.")] = None,
    upload_metadata: Annotated[
        str, Header(description="What the file is: `filename <Base64>`, with commas between such pairs.")
    ] = "",
) -> Response:
    """Begin an upload; its address is in `Location`. The first bytes may come along."""
    size, with_bytes = _number("Upload-Length", upload_length), "content-type" in request.headers
    checksum = _checked(request, size, 0) if with_bytes else None
    context: JobContext = request.app.state.jobs
    await session.close()
    async with context.unit_of_work() as uow:
        upload = await service.create(uow, actor, size, upload_metadata)
    offset = await _append(request, storage, upload, 0, checksum) if with_bytes else 0
    # relative, so that it is right behind any proxy and under /api too
    last = "" if request.scope.get("trailing_slash") else f"{UPLOADS.strip('/')}/"
    headers = {"Location": f"{last}{upload.id}", **_headers(settings, offset)}
    told = UploadRead(id=upload.id, filename=upload.filename, size=upload.size, offset=offset)
    return Response(told.model_dump_json(), 201, headers, media_type="application/json")


@talk.head(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    responses=errors(NotFound),
    operation_id="look_at_upload",
    summary="Ask how far an upload is",
)
async def look_at_upload(upload: OwnUpload) -> Response:
    """From which byte on to go on: `Upload-Offset`."""
    expires = format_datetime(upload.expires_at.replace(tzinfo=dt.UTC), usegmt=True)
    found = {
        "Upload-Offset": str(upload.offset),
        "Upload-Length": str(upload.size),
        "Upload-Expires": expires,
    }
    if upload.told:
        found["Upload-Metadata"] = upload.told
    return Response(status_code=204, headers=found)


@talk.patch(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    responses={204: GROWN, **Writes},
    openapi_extra=BODY,
    operation_id="continue_upload",
    summary="Go on with an upload",
)
async def continue_upload(
    upload: OwnUpload,
    request: Request,
    session: Session,
    settings: AppSettings,
    storage: Storage,
    upload_offset: Annotated[str | None, Header(description="Where these bytes belong.")] = None,
    upload_checksum: Annotated[
        str | None, Header(description="Algorithm, and checksum of the body in Base64.")
    ] = None,
) -> Response:
    """Add bytes to an upload, from where it ends. One request writes at a time."""
    start = _number("Upload-Offset", upload_offset)
    checksum = _checked(request, upload.size, start)
    # the bytes may take hours: the request's own connection goes back to the pool meanwhile
    await session.close()
    offset = await _append(request, storage, upload, start, checksum)
    return Response(status_code=204, headers=_headers(settings, offset))


@talk.delete(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    responses=errors(NotFound),
    operation_id="delete_upload",
    summary="Give an upload up",
)
async def delete_upload(upload: OwnUpload, uow: Uow) -> Response:
    """Forget an upload and what has arrived of it."""
    await service.remove(uow, [upload.id])
    return Response(status_code=204)


@talk.post(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    responses={204: GROWN, **Writes},
    openapi_extra=BODY,
    operation_id="override_method_of_upload",
    summary="Go on with an upload, or give it up, by POST",
)
async def override_method(
    upload: OwnUpload,
    request: Request,
    session: Session,
    uow: Uow,
    settings: AppSettings,
    storage: Storage,
    x_http_method_override: Annotated[str | None, Header(description="PATCH or DELETE.")] = None,
    upload_offset: Annotated[str | None, Header(description="Where these bytes belong.")] = None,
) -> Response:
    """For clients whose network lets neither PATCH nor DELETE through."""
    match (x_http_method_override or "").upper():
        case "PATCH":
            return await continue_upload(upload, request, session, settings, storage, upload_offset)
        case "DELETE":
            return await delete_upload(upload, uow)
    raise BadRequest("Say in X-HTTP-Method-Override what to do: PATCH or DELETE.")


add_routes(router, talk.routes)
