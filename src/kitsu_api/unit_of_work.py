"""One transaction, and what the world is told once it has committed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Protocol
from uuid import UUID, uuid4

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction
from starlette.requests import HTTPConnection

from kitsu_api.db.engine import Session
from kitsu_api.db.models import OutboxMessage
from kitsu_api.db.repositories.event_feed import Address, EventFeed
from kitsu_api.db.repositories.event_writing import log_events, tell_events
from kitsu_api.db.straight import StraightSession
from kitsu_api.events import Event
from kitsu_api.settings import Settings, get_settings

LOGGED_AT_A_TIME = 1_000
"""Events that one statement writes: to write out tens of thousands at once would hold the event loop."""


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

    async def deliver(self, message: OutboxMessage | None) -> None:
        """Wake those who read the log, queue the jobs of the message, and forget it.

        Never raises: readers look by themselves before long, and the relay tries again.
        """


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
        self._logged = False

    @property
    def settings(self) -> Settings:
        """What the operator chose."""
        return self._settings or get_settings()

    async def pause(self) -> None:
        """Give the connection back while something long happens that needs none: an upload, a transcode.

        What was read stays readable, as it was; what was locked is not any more. Call it before anything is
        written: that would be committed on its own.
        """
        await self.session.commit()

    def emit(self, event: Event) -> None:
        """Log the event in this transaction, and tell the world after it."""
        self._events.append(event)

    def enqueue(self, name: str, *, key: str | None = None, **arguments: Any) -> None:
        """Queue a job after the commit; arguments must be JSON (ids as text)."""
        self._jobs.append(Job(name, arguments, key))

    async def undo(self) -> None:
        """Forget everything so far: what was written, and what the world was to be told of it."""
        self._events, self._jobs, self._logged = [], [], False
        await self.session.rollback()

    def attempt(self) -> AsyncSessionTransaction:
        """`async with uow.attempt():` what is written in the block is undone alone when the block fails."""
        return self.session.begin_nested()

    async def store_events(self) -> None:
        """Write the events so far into the log, and forget them: a transaction that writes tens of thousands
        of rows does not hold all of its events."""
        events, self._events = self._events, []
        if events:
            self._logged = True
            await self.session.flush()
            await self._log(events)

    async def commit(self) -> None:
        """Commit rows, event log and outbox together, then send the outbox."""
        events, jobs = self._events, self._jobs
        self._events, self._jobs = [], []
        await self.session.flush()
        await self._log(events)
        message: OutboxMessage | None = None
        if jobs:
            message = OutboxMessage(jobs=[asdict(job) for job in jobs])
            self.session.add(message)
        await self.session.commit()
        logged, self._logged = self._logged, False
        if events or jobs or logged:
            await self._outbox.deliver(message)

    async def _log(self, events: Sequence[Event]) -> None:
        """Write the events into the log, with those who hear of them."""
        for start in range(0, len(events), LOGGED_AT_A_TIME):
            await self._log_some(events[start : start + LOGGED_AT_A_TIME])

    async def _log_some(self, events: Sequence[Event]) -> None:
        rows: list[dict[str, Any]] = []
        told: list[dict[str, Any]] = []
        addresses: list[Address] = []
        for event in events:
            audience = event.audience or event.project_id
            if not event.persist:
                told.append(
                    {
                        "name": event.name,
                        "data": event.data,
                        "user_id": None if event.by_server else self.actor_id,
                        "audience_id": audience,
                        "for_managers": event.for_managers,
                    }
                )
                continue
            id = uuid4()
            rows.append(
                {
                    "id": id,
                    "name": event.name,
                    "data": event.data,
                    "project_id": event.project_id,
                    "user_id": None if event.by_server else self.actor_id,
                }
            )
            if event.for_managers or audience != event.project_id:
                addresses.append(Address(id, audience, event.for_managers))
        await log_events(self.session, rows)
        await tell_events(self.session, told)
        # the trigger has noted those of the log by now
        await EventFeed(self.session).address(addresses)


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
    if isinstance(session, StraightSession):
        session.may_write()
    uow = UnitOfWork(session, state.outbox, settings=state.settings)
    yield uow
    actor = getattr(connection.state, "actor", None)
    if uow.actor_id is None and actor is not None:
        uow.actor_id = actor.id
    await uow.commit()


# scope="function": the commit happens before the answer leaves, so that nobody reads a 201 for a row
# that was not stored.
Uow = Annotated[UnitOfWork, Depends(open_unit_of_work, scope="function")]
