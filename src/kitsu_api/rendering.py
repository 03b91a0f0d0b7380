"""How errors become answers: always JSON, always the same shape, never with internals."""

from __future__ import annotations

import logging
from socket import gaierror
from typing import Any

from asyncpg.exceptions import CannotConnectNowError, PostgresConnectionError, PostgresError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from redis.exceptions import ConnectionError as ValkeyConnectionError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from kitsu_api.errors import FULL, ApiError, BadRequest, InsufficientStorage, NotFound, Unavailable
from kitsu_api.observability.requests import HEADER, request_id, route_of
from kitsu_api.permissions.idempotency import Replay
from kitsu_api.storage.files import MissingBucket, StoreFailure

logger = logging.getLogger(__name__)

DATA_ERROR = "22"
"""SQLSTATE class 22: a value that PostgreSQL can't store (too long, out of range, a NUL character)."""

REFERENCED = "23503"
NOT_NULL = "23502"
TAKEN = "23505"
CHECK = "23514"
OUT_OF_TIME = "57014"
IN_EACH_OTHERS_WAY = frozenset({"40P01", "40001", "55P03"})
"""Two writers that waited for each other, of which PostgreSQL ended one: nothing of that one was stored."""

AWAY = ("08", "57P", "53")
"""Classes of SQLSTATE of a server that goes down, comes up, or has no more room or connections."""

DISK_FULL = "53100"

ADVICE = {
    TAKEN: "A record with the same unique values already exists.",
    REFERENCED: "A record that this one refers to does not exist, or this one is still referred to.",
    NOT_NULL: "A required field is missing.",
    CHECK: "A value breaks a rule of this table.",
}


def answer(error: ApiError) -> Response:
    """The response that an error of ours stands for."""
    return JSONResponse(error.body(), status_code=int(error.status), headers=error.headers)


def validation_message(error: RequestValidationError) -> str:
    """One sentence a problem: where it is and what is wrong."""
    parts = []
    for problem in error.errors()[:5]:
        place = ".".join(str(step) for step in problem["loc"] if step not in ("body", "query", "path"))
        parts.append(f"{place}: {problem['msg']}" if place else str(problem["msg"]))
    return "; ".join(parts) or "The request is not valid."


def sqlstate_of(error: DBAPIError) -> str:
    """PostgreSQL's five-character code of what went wrong, or nothing."""
    cause: Any = error.orig
    while cause is not None:
        if isinstance(cause, PostgresError):
            return cause.sqlstate or ""
        code = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
        if code:
            return str(code)
        cause = cause.__cause__
    return ""


async def on_api_error(request: Request, error: Exception) -> Response:
    """Ours: it knows its answer."""
    assert isinstance(error, ApiError)
    return answer(error)


async def on_replay(request: Request, error: Exception) -> Response:
    """What was answered before."""
    assert isinstance(error, Replay)
    return Response(error.body, error.status, {**error.headers, "idempotent-replayed": "true"})


async def on_invalid(request: Request, error: Exception) -> Response:
    """A body, query or path that does not fit the schema: 400."""
    assert isinstance(error, RequestValidationError)
    in_path = all(problem["loc"] and problem["loc"][0] == "path" for problem in error.errors())
    return answer(NotFound() if in_path else BadRequest(validation_message(error)))


async def on_http(request: Request, error: Exception) -> Response:
    """The framework's own: unknown path, method not allowed, broken JSON."""
    assert isinstance(error, HTTPException)
    message = NotFound.message if error.status_code == 404 else str(error.detail)
    return JSONResponse(
        {"error": True, "message": message}, status_code=error.status_code, headers=error.headers
    )


def refusal_of(error: DBAPIError) -> BadRequest | None:
    """What PostgreSQL refused, where that is the caller's fault; without its text."""
    state = sqlstate_of(error)
    if isinstance(error, IntegrityError) or state in ADVICE:
        return BadRequest(ADVICE.get(state, BadRequest.message))
    if state.startswith(DATA_ERROR) or "invalid input for query argument" in str(error.orig):
        return BadRequest("A value is too long, out of range or of the wrong type.")
    return None


async def on_database(request: Request, error: Exception) -> Response:
    """What PostgreSQL refused: the caller's fault where the code says so, else ours, without its text."""
    assert isinstance(error, DBAPIError)
    state, refusal = sqlstate_of(error), refusal_of(error)
    if refusal is not None:
        return answer(refusal)
    if state == OUT_OF_TIME:
        return answer(Unavailable("The request took too long. Narrow it and try again."))
    if state in IN_EACH_OTHERS_WAY:
        logger.warning("Another writer was in the way on %s %s", request.method, route_of(request.scope))
        return answer(Unavailable("Somebody else was changing the same records. Try again in a moment."))
    if state == DISK_FULL:
        logger.error("The disk of the database is full.")
        return answer(InsufficientStorage())
    if isinstance(error, OperationalError) or error.connection_invalidated or state.startswith(AWAY):
        logger.error("The database can't be reached: %s", type(error.orig).__name__)
        return answer(Unavailable("The database can't be reached. Try again in a moment."))
    return await on_unexpected(request, error)


async def on_busy(request: Request, error: Exception) -> Response:
    """No connection in time, or Valkey away: 503."""
    logger.error("Out of capacity or a part is away: %s", type(error).__name__)
    return answer(Unavailable())


async def on_store(request: Request, error: Exception) -> Response:
    """An object store that refuses, or does not answer: 503, without its text, which names places."""
    kind, told = type(error.__cause__ or error).__name__, str(error).partition("\n")[0]
    logger.error("The storage failed on %s %s: %s: %s", request.method, request.url.path, kind, told)
    return answer(Unavailable("The storage of files does not answer. Try again in a moment."))


async def on_system(request: Request, error: Exception) -> Response:
    """What the operating system refused: a full disk is told, everything else is a fault of ours."""
    assert isinstance(error, OSError)
    if error.errno not in FULL:
        raise error
    logger.error("The disk is full on %s %s", request.method, route_of(request.scope))
    return answer(InsufficientStorage())


async def on_unexpected(request: Request, error: Exception) -> Response:
    """A fault of ours: logged whole, told without details."""
    logger.error("Unexpected error on %s %s", request.method, route_of(request.scope), exc_info=error)
    # whoever reports it can name the lines of the log; the usual headers are added before this answer is made
    headers = {HEADER: request_id.get()} if request_id.get() else None
    body = {"error": True, "message": "Something went wrong on the server."}
    return JSONResponse(body, status_code=500, headers=headers)


def install(app: FastAPI) -> None:
    """Let the app render errors in this way."""
    app.add_exception_handler(ApiError, on_api_error)
    app.add_exception_handler(Replay, on_replay)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(DBAPIError, on_database)
    app.add_exception_handler(PoolTimeout, on_busy)
    app.add_exception_handler(ValkeyConnectionError, on_busy)
    # a server that takes no connection: the driver's own errors come through as they are
    for away in (ConnectionError, gaierror, TimeoutError, PostgresConnectionError, CannotConnectNowError):
        app.add_exception_handler(away, on_busy)
    app.add_exception_handler(OSError, on_system)
    app.add_exception_handler(StoreFailure, on_store)
    app.add_exception_handler(MissingBucket, on_store)
    app.add_exception_handler(Exception, on_unexpected)
