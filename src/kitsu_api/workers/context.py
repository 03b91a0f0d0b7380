"""What a job has at hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from redis.asyncio import Redis

from kitsu_api.db.engine import Sessions
from kitsu_api.settings import Settings
from kitsu_api.storage.files import FileStorage
from kitsu_api.storage.temporary import temporary_folder
from kitsu_api.unit_of_work import Outbox, UnitOfWork


@dataclass
class JobContext:
    """Settings, sessions and Valkey of the process that does the job, and where its events go."""

    settings: Settings
    sessions: Sessions
    valkey: Redis
    outbox: Outbox | None = None

    @cached_property
    def storage(self) -> FileStorage:
        """Where the files of this server lie."""
        return FileStorage(self.settings)

    def temporary_folder(self) -> AbstractContextManager[Path]:
        """A folder for what a job writes on its way; gone after the block."""
        return temporary_folder(self.settings)

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
        """A transaction of its own, whose events are sent once it commits."""
        if self.outbox is None:
            raise RuntimeError("This context was built without an outbox.")
        async with self.sessions() as session:
            uow = UnitOfWork(session, self.outbox, settings=self.settings)
            yield uow
            await uow.commit()
