"""The log in the order in which its events became true: numbering, reading on, and cursors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Select,
    Update,
    Uuid,
    bindparam,
    cast,
    column,
    delete,
    exists,
    func,
    literal,
    select,
    true,
    update,
    values,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import ApiEvent, EventCursor, EventLogEntry
from kitsu_api.db.prepared import Statements

NUMBERING = 0x6B69_7473_756E_756D
"""Key of the advisory lock that lets one process give numbers at a time ("kitsunum" in ASCII)."""

BATCH = 10_000
"""Numbers that one statement gives: few enough that nobody waits for it."""

LAST, FORGOTTEN = "last", "forgotten"


@dataclass(frozen=True)
class LogEntry:
    """An event with its number."""

    sequence: int
    event_id: UUID | None
    """None for a message that is told and not kept in `api_event`."""
    name: str
    data: dict[str, Any]
    project_id: UUID | None
    user_id: UUID | None
    audience_id: UUID | None
    for_managers: bool
    created_at: dt.datetime


@dataclass(frozen=True)
class Address:
    """Who hears of an event of the log, where that differs from the people of its production."""

    event_id: UUID
    audience_id: UUID | None
    for_managers: bool


class EventFeed:
    """Rows of `kitsu_api_event_log`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def address(self, addresses: Collection[Address]) -> None:
        """Say who hears of events that this transaction has logged."""
        if not addresses:
            return
        wanted = values(
            column("event_id", Uuid),
            column("audience_id", Uuid),
            column("for_managers", Boolean),
            name="wanted",
        ).data([(one.event_id, one.audience_id, one.for_managers) for one in addresses])
        await self.session.execute(
            update(EventLogEntry)
            .where(EventLogEntry.event_id == wanted.c.event_id)
            .values(audience_id=cast(wanted.c.audience_id, Uuid), for_managers=wanted.c.for_managers)
            .execution_options(synchronize_session=False)
        )

    async def number(self) -> int:
        """Number what has committed and has no number yet; the last number given.

        What a process sees without a number has committed, and the lock lets one process number at a time:
        whatever commits later gets a higher number. Within a round, transactions keep the order in which they
        first wrote, so that what was caused comes after its cause.

        The lock is held until the caller commits, which is also when others see the numbers.
        """
        while await self.session.scalar(select(exists().where(EventLogEntry.sequence.is_(None)))):
            await self.session.execute(select(func.pg_advisory_xact_lock(NUMBERING)))
            if await self._number_batch() < BATCH:
                break
        return await self.cursor(LAST)

    async def number_at_once(self) -> None:
        """`number`, by one message to PostgreSQL; it commits at once, and so does what the session does next.

        Whoever is told of events waits for this: on a busy machine each way to PostgreSQL and back takes
        several milliseconds. Beyond a batch there is more to number. Call it on a new session.

        Raises:
            OperationalError: the database is away.
        """
        connection = await self.session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        try:
            # each statement sees what was committed before it began: the second one what the lock waited for
            await driver.execute(_locked_numbering())
        except (PostgresError, InterfaceError, OSError) as error:
            # the pool does not know that this connection may be of no use any more
            await self.session.invalidate()
            raise OperationalError("numbering of events", None, error) from error

    async def _number_batch(self) -> int:
        done = await self.session.execute(_numbering(), execution_options={"synchronize_session": False})
        return int(done.rowcount)  # type: ignore[attr-defined]  # the result of an UPDATE has one

    async def after(
        self, sequence: int, limit: int, *, until: int | None = None, logged: bool = False
    ) -> list[LogEntry]:
        """The events that follow a number, in order; with `logged` those alone that `api_event` keeps."""
        given = {"sequence": sequence, "limit": limit} | ({} if until is None else {"until": until})
        rows: list[Any] = await _following(until is not None, logged).rows(self.session, **given)
        return [LogEntry(row[0], row[1], row[2], _payload(row[3]), *row[4:]) for row in rows]

    async def cursor(self, name: str) -> int:
        """Where a cursor stands; 0 when there is none."""
        query = select(EventCursor.sequence).where(EventCursor.name == name)
        return int(await self.session.scalar(query) or 0)

    async def claim(self, name: str) -> int | None:
        """Where a cursor stands, locked until the end of the transaction; None while somebody else has it.

        A cursor that nobody had yet starts at the end of the log.
        """
        place: ColumnElement[int] = EventCursor.sequence.expression
        query = select(place).where(EventCursor.name == name).with_for_update(skip_locked=True)
        found = await self.session.scalar(query)
        if found is None:
            last = select(EventCursor.sequence).where(EventCursor.name == LAST).scalar_subquery()
            start = func.coalesce(last, 0)
            made = insert(EventCursor).values(name=name, sequence=start).on_conflict_do_nothing()
            found = await self.session.scalar(made.returning(EventCursor.sequence))
        return None if found is None else int(found)

    async def move(self, name: str, sequence: int) -> None:
        """Put a cursor that was claimed onto a number."""
        await self.session.execute(
            update(EventCursor).where(EventCursor.name == name).values(sequence=sequence)
        )

    async def forget_told(self, moment: dt.datetime) -> None:
        """Delete the messages before a moment that are told and not kept."""
        await self.session.execute(
            delete(EventLogEntry).where(EventLogEntry.event_id.is_(None), EventLogEntry.created_at < moment)
        )

    async def note_forgotten(self, moment: dt.datetime) -> None:
        """Remember that the events before a moment are about to go: nobody reads on from before them."""
        highest = (
            select(func.coalesce(func.max(EventLogEntry.sequence), 0))
            .join(ApiEvent, ApiEvent.id == EventLogEntry.event_id)
            .where(ApiEvent.created_at < moment)
            .scalar_subquery()
        )
        await self.session.execute(
            update(EventCursor)
            .where(EventCursor.name == FORGOTTEN)
            .values(sequence=func.greatest(EventCursor.sequence, highest, type_=BigInteger))
        )


def _payload(data: Any) -> dict[str, Any]:
    """The payload of an event; other servers may have logged none, or no object."""
    return data if isinstance(data, dict) else {}


def _numbering() -> Update:
    """The statement that gives a batch of events their numbers; it changes nothing where none waits."""
    order = (EventLogEntry.transaction, EventLogEntry.id)
    waiting = (
        select(EventLogEntry.id, EventLogEntry.transaction)
        .where(EventLogEntry.sequence.is_(None))
        .order_by(*order)
        .limit(BATCH)
        .subquery("waiting")
    )
    place = func.row_number().over(order_by=(waiting.c.transaction, waiting.c.id))
    fresh = select(waiting.c.id, place.label("place")).cte("fresh")
    count = select(func.count()).select_from(fresh).scalar_subquery()
    highest = select(func.coalesce(func.max(EventLogEntry.sequence), 0)).scalar_subquery()
    counted = (
        # a database that was emptied, or restored in part, has lost the cursor
        insert(EventCursor)
        .from_select(["name", "sequence"], select(literal(LAST), highest + count).where(count > 0))
        .on_conflict_do_update(index_elements=["name"], set_={"sequence": EventCursor.sequence + count})
        .returning(EventCursor.sequence)
        .cte("counted")
    )
    number = counted.c.sequence - count + fresh.c.place
    numbered = select(fresh.c.id, number.label("number")).join(counted, true()).cte("numbered")
    return update(EventLogEntry).where(EventLogEntry.id == numbered.c.id).values(sequence=numbered.c.number)


@lru_cache(maxsize=1)
def _locked_numbering() -> str:
    """The lock and the statement after it as text, without parameters."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types there
    numbering = _numbering().compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return f"SELECT pg_advisory_xact_lock({NUMBERING}); {numbering}"


def _reading(is_bounded: bool, logged: bool) -> Select[Any]:
    """The events that follow a number."""
    query = (
        select(
            EventLogEntry.sequence,
            EventLogEntry.event_id,
            func.coalesce(ApiEvent.name, EventLogEntry.name),
            func.coalesce(ApiEvent.data, EventLogEntry.data),
            ApiEvent.project_id,
            func.coalesce(ApiEvent.user_id, EventLogEntry.user_id),
            EventLogEntry.audience_id,
            EventLogEntry.for_managers,
            func.coalesce(ApiEvent.created_at, EventLogEntry.created_at),
        )
        .outerjoin(ApiEvent, ApiEvent.id == EventLogEntry.event_id)
        .where(EventLogEntry.sequence > bindparam("sequence", type_=BigInteger))
        .order_by(EventLogEntry.sequence)
        .limit(bindparam("limit", type_=BigInteger))
    )
    if is_bounded:
        query = query.where(EventLogEntry.sequence <= bindparam("until", type_=BigInteger))
    return query.where(EventLogEntry.event_id.is_not(None)) if logged else query


_following = Statements(_reading)
