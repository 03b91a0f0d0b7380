"""The connection pool, and the session of a request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, cast

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from starlette.requests import HTTPConnection

from kitsu_api.db.attribution import note_author
from kitsu_api.db.positions import NotingSession, Positions
from kitsu_api.db.straight import StraightSession
from kitsu_api.db.urls import asyncpg_url
from kitsu_api.settings import Settings

Sessions = async_sessionmaker[AsyncSession]


def make_engine(settings: Settings, program: str = "", url: str | None = None) -> AsyncEngine:
    """An engine with a pool of the settings' size and a statement time-out, on the primary or on `url`.

    `program` says which of ours works with it: PostgreSQL shows it, and so does the history where it knows
    nothing better.

    Raises:
        RuntimeError: nothing says where the database is.
    """
    url = url or settings.postgres_url
    if url is None:
        raise RuntimeError(
            "No database: set DATABASE_URL (postgresql://user:password@host/name),"
            " or start with `kitsu-api up`."
        )
    server_settings = {
        "application_name": f"kitsu-api {program}".strip(),
        "statement_timeout": str(settings.db_statement_timeout),
        "timezone": "UTC",
        "work_mem": "16MB",  # sorts of ten thousand wide rows stay in memory
        "jit": "off",  # planning time of JIT outweighs its gain on short statements
    }
    arguments: dict[str, Any] = {
        "server_settings": server_settings,
        "statement_cache_size": 500,
        "prepared_statement_cache_size": 500,
        # the longest statements gain most by being kept, and kept ones are as good after five minutes
        "max_cacheable_statement_size": 0,
        "max_cached_statement_lifetime": 0,
    }
    return create_async_engine(
        asyncpg_url(url),
        pool_size=settings.db_pool_size,
        max_overflow=settings.db_max_overflow,
        pool_timeout=settings.db_pool_timeout,
        pool_recycle=settings.db_pool_recycle,
        pool_pre_ping=settings.db_pool_pre_ping,
        echo=settings.debug,
        hide_parameters=True,
        connect_args=arguments,
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

    Until something wants a unit of work, that of a GET only reads.
    """
    sessions: Sessions = connection.app.state.sessions
    note_author(None)
    try:
        async with sessions() as session:
            if connection.scope.get("method") == "GET" and isinstance(session, StraightSession):
                session.only_reads()
            yield session
    finally:
        note_author(None)


Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
