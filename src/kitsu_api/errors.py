"""Errors that the API answers with. Raise them anywhere; `app.py` renders them."""

from __future__ import annotations

import errno
from http import HTTPStatus
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the operating system says when no more can be written."""


class ErrorBody(BaseModel):
    """What every refusal looks like."""

    model_config = ConfigDict(extra="allow", title="Error", defer_build=True)

    error: bool = Field(default=True, description="Always true.")
    message: str = Field(description="What happened, and what to do about it.")


class ApiError(Exception):
    """A refusal that the client can understand and act upon."""

    status: ClassVar[int]
    message: ClassVar[str]

    def __init__(self, message: str | None = None, **details: Any) -> None:
        self.text = message or self.message
        self.details = details
        super().__init__(self.text)

    @property
    def headers(self) -> dict[str, str]:
        """Headers that go with the answer."""
        return {}

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        return {"error": True, "message": self.text, **self.details}


class BadRequest(ApiError):
    """The request can't be understood or breaks a rule; the message says which part to mend."""

    status = HTTPStatus.BAD_REQUEST
    message = "The request is not valid."


class Unauthorized(ApiError):
    """Nobody is signed in."""

    status = HTTPStatus.UNAUTHORIZED
    message = "Log in to reach this resource."


class Forbidden(ApiError):
    """Somebody is signed in who may not do this."""

    status = HTTPStatus.FORBIDDEN
    message = "You don't have the permission to access the requested resource."


class NotFound(ApiError):
    """Nothing there, or nothing that the caller may know of."""

    status = HTTPStatus.NOT_FOUND
    message = "This resource does not exist, or you may not see it."


class MethodNotAllowed(ApiError):
    """The path is known, but not for this."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    message = "This path can only be read."

    @property
    def headers(self) -> dict[str, str]:
        """What the path takes."""
        return {"Allow": "GET"}


class Conflict(ApiError):
    """The request clashes with what is stored."""

    status = HTTPStatus.CONFLICT
    message = "A record with the same unique values already exists."


class Gone(ApiError):
    """It was there, and is no more."""

    status = HTTPStatus.GONE
    message = "This is no longer kept."


class TooLarge(ApiError):
    """The body is over the limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    message = "The request is too large."


class TookTooLong(ApiError):
    """The body of the request did not come in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    message = "The request did not arrive in time. Send it again, faster."

    @property
    def headers(self) -> dict[str, str]:
        """What is on its way still is not read any more."""
        return {"Connection": "close"}


class PreconditionFailed(ApiError):
    """The request needs something of the server that it does not have."""

    status = HTTPStatus.PRECONDITION_FAILED
    message = "The server does not meet what the request asks for."


class UnsupportedMediaType(ApiError):
    """The body is of another type than the route takes."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    message = "The route takes bodies of another type."


class Locked(ApiError):
    """Somebody else is changing the resource; `Retry-After` says for how many seconds to wait."""

    status = HTTPStatus.LOCKED
    message = "Another request is writing. Wait a moment and go on from where it got to."

    @property
    def headers(self) -> dict[str, str]:
        """`Retry-After` in seconds."""
        return {"Retry-After": "5"}


class ChecksumMismatch(ApiError):
    """What arrived is not what was sent. The status is that of tus, which HTTP does not know."""

    status = 460
    message = "The bytes that arrived don't have the checksum that came with them. Send them again."


class RangeNotSatisfiable(ApiError):
    """The part of a file that was asked for lies beyond its end."""

    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    message = "The file is shorter than the range that was asked for."

    def __init__(self, message: str | None = None, *, size: int = 0, **details: Any) -> None:
        super().__init__(message, **details)
        self.size = size

    @property
    def headers(self) -> dict[str, str]:
        """How many bytes the file has."""
        return {"Content-Range": f"bytes */{self.size}"}


class Malformed(ApiError):
    """The token is not a token."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    message = "The token is malformed. Log in again."


class TooManyRequests(ApiError):
    """A limit is reached; `Retry-After` says for how many seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    message = "Too many attempts. Wait a moment and try again."

    def __init__(self, message: str | None = None, *, retry_after: int = 60, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """`Retry-After` in seconds."""
        return {"Retry-After": str(self.retry_after)}


class InsufficientStorage(ApiError):
    """The disk is full."""

    status = HTTPStatus.INSUFFICIENT_STORAGE
    message = "The server's disk is full: nothing was stored. Tell whoever runs it."


class QuotaExceeded(InsufficientStorage):
    """A person or a production has stored as much as the operator allows."""

    message = "There is no room for this file: delete some, or ask whoever runs the server for more."


class Unavailable(ApiError):
    """A part of the server is not reachable or is out of capacity for the moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    message = "The server is busy. Try again in a moment."

    @property
    def headers(self) -> dict[str, str]:
        """`Retry-After` in seconds."""
        return {"Retry-After": "2"}


def errors(*types: type[ApiError]) -> dict[int | str, dict[str, Any]]:
    """Document the given errors in a route's OpenAPI responses."""
    return {int(t.status): {"model": ErrorBody, "description": t.message} for t in types}
