"""One transaction, and what the world is told once it has committed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Protocol
from uuid import UUID, uuid4

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from kitsu_api.db.engine import Session
from kitsu_api.db.models import ApiEvent, OutboxMessage
from kitsu_api.db.repositories.bulk import insert_rows
from kitsu_api.events import Event
from kitsu_api.settings import Settings, get_settings


@dataclass(frozen=True)
class Job:
    """Work to be done after the commit: the name of a worker's function and its keyword arguments.

    `key` makes the job id: two jobs of one key at a time are one job.
    """

    name: str
    arguments: dict[str, Any]
    key: str | None = None


class Outbox(Protocol):
    """Sends what was committed."""

    async def deliver(self, message: OutboxMessage) -> None:
        """Publish the events, queue the jobs, and forget the message. Never raises: the relay tries again."""

    async def deliver_stored(self, id: int) -> None:
        """Do the same with a message that is not at hand; one that was sent already is no error."""


def _told(event: Event) -> dict[str, Any]:
    """An event as the outbox keeps it."""
    return {
        "name": event.name,
        "data": event.data,
        "project_id": str(event.audience or event.project_id or "") or None,
        "for_managers": event.for_managers,
    }


class UnitOfWork:
    """A transaction that tells what it did: `emit` and `enqueue` take effect when it commits."""

    def __init__(
        self,
        session: AsyncSession,
        outbox: Outbox,
        actor_id: UUID | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.session = session
        self.actor_id = actor_id
        self._settings = settings
        self._outbox = outbox
        self._events: list[Event] = []
        self._jobs: list[Job] = []
        self._stored: list[int] = []

    @property
    def settings(self) -> Settings:
        """What the operator chose."""
        return self._settings or get_settings()

    def emit(self, event: Event) -> None:
        """Log the event in this transaction, and tell the world after it."""
        self._events.append(event)

    def enqueue(self, name: str, *, key: str | None = None, **arguments: Any) -> None:
        """Queue a job after the commit; arguments must be JSON (ids as text)."""
        self._jobs.append(Job(name, arguments, key))

    async def store_events(self) -> None:
        """Write the events so far into the log and the outbox, many in one statement, and forget them: a
        transaction that writes tens of thousands of rows does not hold all of its events."""
        events, self._events = self._events, []
        if not events:
            return
        logged = [
            {"id": uuid4(), "name": event.name, "data": event.data, "project_id": event.project_id}
            for event in events
            if event.persist
        ]
        await insert_rows(self.session, ApiEvent, logged, user_id=self.actor_id)
        message = OutboxMessage(events=[_told(event) for event in events], jobs=[])
        self.session.add(message)
        await self.session.flush()
        self.session.expunge(message)
        self._stored.append(message.id)

    async def commit(self) -> None:
        """Commit rows, event log and outbox together, then send the outbox."""
        if self._stored:
            await self.store_events()
        events, jobs = self._events, self._jobs
        self._events, self._jobs = [], []
        await self.session.flush()
        self.session.add_all(
            ApiEvent(name=event.name, data=event.data, project_id=event.project_id, user_id=self.actor_id)
            for event in events
            if event.persist
        )
        message: OutboxMessage | None = None
        if events or jobs:
            message = OutboxMessage(
                events=[_told(event) for event in events],
                jobs=[asdict(job) for job in jobs],
            )
            self.session.add(message)
        await self.session.commit()
        stored, self._stored = self._stored, []
        for id in stored:
            await self._outbox.deliver_stored(id)
        if message is not None:
            await self._outbox.deliver(message)


@asynccontextmanager
async def unit_of_work(
    session: AsyncSession,
    outbox: Outbox,
    actor_id: UUID | None = None,
    settings: Settings | None = None,
) -> AsyncIterator[UnitOfWork]:
    """Commit when the block succeeds; forget everything when it does not."""
    uow = UnitOfWork(session, outbox, actor_id, settings)
    yield uow
    await uow.commit()


async def open_unit_of_work(connection: HTTPConnection, session: Session) -> AsyncIterator[UnitOfWork]:
    """The unit of work of a request; who acts is known by the time it commits."""
    state = connection.app.state
    uow = UnitOfWork(session, state.outbox, settings=state.settings)
    yield uow
    actor = getattr(connection.state, "actor", None)
    if uow.actor_id is None and actor is not None:
        uow.actor_id = actor.id
    await uow.commit()


# scope="function": the commit happens before the answer leaves, so that nobody reads a 201 for a row
# that was not stored.
Uow = Annotated[UnitOfWork, Depends(open_unit_of_work, scope="function")]
