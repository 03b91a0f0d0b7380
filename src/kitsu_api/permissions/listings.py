"""The session of a listing: on the replica where there is one, on the primary otherwise.

Who asks and what they may see is read from the primary in any case: a right that was taken away counts at
once, however far the replica is behind.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from kitsu_api.db.engine import Session
from kitsu_api.db.replica import OPENER, Opener, Replica
from kitsu_api.db.straight import reading
from kitsu_api.permissions.authentication import CurrentActor


async def open_listing(
    connection: HTTPConnection, session: Session, actor: CurrentActor
) -> AsyncIterator[AsyncSession]:
    """A session that reads and never writes, for a caller who is known by now."""
    replica: Replica | None = connection.app.state.replica
    if replica is None or hasattr(connection.state, "on_primary"):
        yield session
        return
    async with replica.reading() as copy:
        if copy is None:
            yield session
            return
        # the connection to the primary is somebody else's meanwhile; a guard that follows gets another
        await session.close()
        try:
            yield copy
        except Exception as error:
            connection.state.failed_on_replica = replica.failed(error)
            raise


def opener_of(connection: HTTPConnection, session: AsyncSession) -> Opener:
    """Opens sessions for the parts of a streamed answer, on the server that the listing's session is on:
    what the version of an answer was read from must not be newer than its content."""
    opener: Opener | None = session.info.get(OPENER)
    if opener is None:
        return reading(connection.app.state.sessions)
    replica: Replica = connection.app.state.replica
    on_copy = opener

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[AsyncSession]:
        try:
            async with on_copy() as another:
                yield another
        except Exception as error:
            connection.state.failed_on_replica = replica.failed(error)
            raise

    return opened


Listing = Annotated[AsyncSession, Depends(open_listing, scope="function")]
"""Name it after the guards of a route, so that these are done with the primary when it is opened."""
