"""How commands end when they can't do what they were asked."""

from __future__ import annotations

import errno
import os
import socket
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from kitsu_api.errors import FULL

FAILED, WRONGLY_CALLED = 1, 2
"""Exit codes: it could not be done; the command was called wrongly. Only those of `import` know more."""

AWAY = (errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT)


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say why on the error output, and exit."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


def fail_of_system(error: OSError) -> NoReturn:
    """Say that a disk is full.

    Raises:
        OSError: it is something else.
    """
    if error.errno not in FULL:
        raise error
    fail("The disk is full: nothing was finished. Make room, and try again.")


class Commands(TyperGroup):
    """Commands that end with a sentence where the surroundings fail; faults of ours keep their trace."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            message = sentence(error)
            if message is None:
                raise
            fail(message)


def _loaded(error: BaseException, module: str, name: str) -> bool:
    """Whether an error is of a class of a module that may not even be loaded."""
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(error, kind)


def sentence(error: BaseException) -> str | None:
    """What an operator is told of an error; None where it is a fault of the program."""
    if _loaded(error, "pydantic", "ValidationError"):
        return _settings(error)
    if _loaded(error, "kitsu_api.db.urls", "DatabaseUrlError") or _loaded(
        error, "kitsu_api.errors", "ApiError"
    ):
        return str(getattr(error, "text", None) or error)
    if _loaded(error, "redis.exceptions", "RedisError"):
        return "Valkey can't be used. Check REDIS_URL and that it runs, with `kitsu-api doctor`."
    if _loaded(error, "sqlalchemy.exc", "TimeoutError"):
        return "No connection to the database was free in time: see DB_POOL_SIZE."
    if _loaded(error, "sqlalchemy.exc", "SQLAlchemyError") or _loaded(error, "asyncpg", "PostgresError"):
        return _database(error)
    if _loaded(error, "kitsu_api.storage.files", "MissingBucket"):
        return f"The object store has no bucket for {error}: see FS_BUCKET_PREFIX."
    if _loaded(error, "kitsu_api.storage.files", "StoreFailure") or _loaded(
        error, "obstore.exceptions", "BaseError"
    ):
        return "The object store refuses, or does not answer: check FS_S3_ENDPOINT and the keys."
    if isinstance(error, OSError):
        return _system(error)
    return None


def _settings(error: BaseException) -> str | None:
    """Which settings are wrong; never what they are, which may be a secret. None for other data."""
    errors: Any = error.errors()  # type: ignore[attr-defined]  # pydantic's, which may not be loaded
    if getattr(error, "title", "") != "Settings":
        return None
    return "\n".join(f"Setting {'.'.join(map(str, each['loc']))}: {each['msg']}." for each in errors)


def _database(error: BaseException) -> str:
    reason = getattr(error, "orig", None) or error
    state = getattr(reason, "sqlstate", None) or ""
    if state == "42P01":
        return "The database has no tables of this server: run `kitsu-api db upgrade`."
    if state.startswith("28"):
        return "The database lets nobody in with this name and password: check DATABASE_URL."
    if state == "3D000":
        return "There is no such database: check DATABASE_URL, or create it."
    return f"The database can't be used ({type(reason).__name__}): see `kitsu-api doctor`."


def _system(error: OSError) -> str | None:
    if error.errno in FULL:
        return "The disk is full: nothing was finished. Make room, and try again."
    if error.filename is not None:
        return f"{error.filename} can't be used: {error.strerror}."
    lost = isinstance(error, ConnectionError | TimeoutError | socket.gaierror)
    if (
        lost or error.errno in AWAY or error.errno is None
    ):  # asyncio tells of several addresses without a number
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else "no answer"
        return f"The database or Valkey can't be reached ({reason}): see `kitsu-api doctor`."
    return None
