"""The connection pool, and the session of a request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, cast

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from starlette.requests import HTTPConnection

from kitsu_api.db.attribution import note_author
from kitsu_api.db.pool import LingeringPool
from kitsu_api.db.positions import NotingSession, Positions
from kitsu_api.db.straight import StraightSession
from kitsu_api.db.urls import asyncpg_url
from kitsu_api.settings import Settings

Sessions = async_sessionmaker[AsyncSession]


ONLY_READS = "only_reads"
"""Attribute of a route: it writes nothing."""

KEPT = 500
"""Prepared statements that a connection keeps."""


def habits(settings: Settings) -> dict[str, str]:
    """What every connection is set to, beside its time zone."""
    return {
        "statement_timeout": str(settings.db_statement_timeout),
        "work_mem": "16MB",  # sorts of ten thousand wide rows stay in memory
        "jit": "off",  # planning time of JIT outweighs its gain on short statements
    }


def _arguments(settings: Settings, program: str, *, own_connection: bool) -> dict[str, Any]:
    """How asyncpg connects. A pooler shares its connections among clients: it takes over the time zone and
    the name, the rest is set for the role, once."""
    told = {"application_name": f"kitsu-api {program}".strip(), "timezone": "UTC"}
    arguments: dict[str, Any] = {
        "server_settings": told | (habits(settings) if own_connection else {}),
        "statement_cache_size": KEPT,
        "prepared_statement_cache_size": KEPT,
        # the longest statements gain most by being kept, and kept ones are as good after five minutes
        "max_cacheable_statement_size": 0,
        "max_cached_statement_lifetime": 0,
    }
    if not own_connection and settings.db_pooler == "transaction":
        # The next transaction has another connection, which doesn't know what this one prepared. Statements
        # without a name are sent with each use, so that nothing is left behind and no two names meet.
        arguments |= {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: "",
        }
    return arguments


def make_engine(
    settings: Settings, program: str = "", url: str | None = None, *, direct: bool = False
) -> AsyncEngine:
    """An engine with a pool of the settings' size and a statement time-out, on the primary or on `url`.

    `program` says which of ours works with it: PostgreSQL shows it, and so does the history where it knows
    nothing better. `direct` passes a pooler by, for those who need a session of PostgreSQL to themselves.

    Raises:
        RuntimeError: nothing says where the database is.
    """
    url = url or (settings.direct_postgres_url if direct else settings.postgres_url)
    if url is None:
        raise RuntimeError(
            "No database: set DATABASE_URL (postgresql://user:password@host/name),"
            " or start with `kitsu-api up`."
        )
    own_connection = direct or settings.db_pooler == "none"
    return create_async_engine(
        asyncpg_url(url),
        poolclass=LingeringPool,
        pool_size=settings.db_pool_size,
        max_overflow=settings.db_max_overflow,
        pool_timeout=settings.db_pool_timeout,
        pool_recycle=settings.db_pool_recycle,
        pool_pre_ping=settings.db_pool_pre_ping,
        echo=settings.debug,
        hide_parameters=True,
        connect_args=_arguments(settings, program, own_connection=own_connection),
    )


def make_sessions(engine: AsyncEngine, positions: Positions | None = None) -> Sessions:
    """The factory of sessions: nothing is read again after a commit.

    With `positions` they note how far the database was written, for those who read from a copy of it.
    """
    if positions is None:
        straight = async_sessionmaker(engine, class_=StraightSession, expire_on_commit=False)
        return cast(Sessions, straight)
    noting = async_sessionmaker(
        engine, class_=NotingSession, expire_on_commit=False, info={"positions": positions}
    )
    return cast(Sessions, noting)


async def open_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    """The session of one request, given back to the pool before the answer is sent.

    That of a route which is known to want no unit of work only reads. With one, who asks is looked up in its
    transaction, which is told in the same statement who writes.
    """
    sessions: Sessions = connection.app.state.sessions
    note_author(None)
    try:
        async with sessions() as session:
            reads = getattr(connection.scope.get("route"), ONLY_READS, False)
            if reads and isinstance(session, StraightSession):
                session.only_reads()
            yield session
    finally:
        note_author(None)


Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
