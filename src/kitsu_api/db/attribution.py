"""Who writes, as the triggers of the history are told: settings of the transaction, gone when it ends.

A request says it with the statement that reads its caller (`repositories.actors`), so that it costs no round
trip. Transactions that begin after that, and those of jobs, are told as they begin.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, event, func, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

READS = "only reads"
"""In `session.info` of sessions that write nothing: nobody need be told who does."""

ACTOR, CLIENT = "kitsu_api.actor", "kitsu_api.client"
"""Names of the settings that the triggers read."""


@dataclass(frozen=True)
class Author:
    """Who writes, and with which program."""

    person_id: UUID | None
    client: str


_author: ContextVar[Author | None] = ContextVar("author", default=None)

_TELL = text(f"SELECT set_config('{ACTOR}', :actor, true), set_config('{CLIENT}', :client, true)")


def note_author(author: Author | None) -> None:
    """From now on this is who writes, in transactions that begin later; None: nobody knows yet."""
    _author.set(author)


@contextmanager
def writing_as(author: Author) -> Iterator[None]:
    """Have what the block writes be this author's."""
    before = _author.get()
    _author.set(author)
    try:
        yield
    finally:
        _author.set(before)


async def tell(session: AsyncSession, author: Author) -> None:
    """Say who writes in the transaction that the session is in, and from now on."""
    note_author(author)
    await session.execute(_TELL, _values(author))


def _values(author: Author) -> dict[str, str]:
    return {"actor": "" if author.person_id is None else str(author.person_id), "client": author.client}


def told(person_id: ColumnElement[str], client: ColumnElement[str]) -> tuple[ColumnElement[str], ...]:
    """Columns that have a query tell the triggers who writes; the second one is the client."""
    return func.set_config(ACTOR, person_id, True), func.set_config(CLIENT, client, True)


@event.listens_for(Session, "after_begin")
def _tell(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    author = _author.get()
    if author is None or transaction.nested or session.info.get(READS):
        return
    connection.execute(_TELL, _values(author))
