"""The log of events: what happened, newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Text, and_, bindparam, cast, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db.models import ApiEvent, EventLogEntry
from kitsu_api.db.prepared import Statements
from kitsu_api.db.projection import TIMESTAMP_FORMAT, array_of, bracketed, json_array

Condition = ColumnElement[bool]

FILE_EVENTS = (
    "preview-file:add-file",
    "organisation:set-thumbnail",
    "person:set-thumbnail",
    "project:set-thumbnail",
)
"""Events after which a file is there that was not."""


@dataclass(frozen=True)
class EventFilter:
    """Which events are asked for; None and nothing stand for all."""

    projects: Collection[UUID] | None = None
    before: dt.datetime | None = None
    after: dt.datetime | None = None
    name: str | None = None
    prefixes: Sequence[str] = ()
    suffixes: Sequence[str] = ()
    person_ids: Sequence[UUID] = ()
    only_files: bool = False
    after_sequence: int | None = None
    """The number of the last event that the caller has: those after it, in order."""
    older_than: UUID | None = None
    """The last event of the page before."""

    def conditions(self) -> list[Condition]:
        """The events that meet all of it."""
        found: list[Condition] = []
        if self.projects is not None:
            found.append(ApiEvent.project_id.in_(list(self.projects)))
        if self.before is not None:
            found.append(ApiEvent.created_at < self.before)
        if self.after is not None:
            found.append(ApiEvent.created_at > self.after)
        if self.name is not None:
            found.append(ApiEvent.name == self.name)
        if self.prefixes:
            found.append(func.split_part(ApiEvent.name, ":", 1).in_(list(self.prefixes)))
        if self.suffixes:
            found.append(func.split_part(ApiEvent.name, ":", 2).in_(list(self.suffixes)))
        if self.person_ids:
            found.append(ApiEvent.user_id.in_(list(self.person_ids)))
        if self.only_files:
            found.append(ApiEvent.name.in_(FILE_EVENTS))
        if self.older_than is not None:
            found.append(_older_than(self.older_than))
        return found


def _older_than(event_id: UUID) -> Condition:
    cursor = aliased(ApiEvent)
    moment = select(cursor.created_at).where(cursor.id == event_id).scalar_subquery()
    return or_(ApiEvent.created_at < moment, and_(ApiEvent.created_at == moment, ApiEvent.id < event_id))


def _newest(limit: Any, *where: Condition) -> Select[Any]:
    return (
        select(
            ApiEvent.id,
            func.to_char(ApiEvent.created_at, TIMESTAMP_FORMAT).label("created_at"),
            ApiEvent.name,
            ApiEvent.user_id,
            ApiEvent.project_id,
            ApiEvent.data,
        )
        .where(*where)
        .order_by(ApiEvent.created_at.desc(), ApiEvent.id.desc())
        .limit(limit)
    )


_NEWEST = Statements(lambda: array_of(_newest(bindparam("limit", type_=Integer()))))
"""The newest events of all."""


class EventLog:
    """Rows of `api_event`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def last_json(self, wanted: EventFilter, limit: int) -> bytes:
        """The newest events that meet a filter, newest first; after a number those that follow, in order."""
        where = wanted.conditions()
        if not where and wanted.after_sequence is None:
            return bracketed(await _NEWEST().scalar(self.session, limit=limit))
        query = _newest(limit, *where)
        if wanted.after_sequence is not None:
            query = (
                query.add_columns(EventLogEntry.sequence)
                .join(EventLogEntry, EventLogEntry.event_id == ApiEvent.id)
                .where(EventLogEntry.sequence > wanted.after_sequence)
                .order_by(None)
                .order_by(EventLogEntry.sequence)
            )
        return await json_array(self.session, query)

    async def names_json(self) -> bytes:
        """The names of all events in the log, in alphabetical order.

        PostgreSQL knows no way to jump from one value of an index to the next: each step is a query of
        its own within one recursive statement, which reads a few rows where a plain DISTINCT reads all.
        """
        first = select(func.min(ApiEvent.name).label("name")).cte("names", recursive=True)
        following = aliased(ApiEvent)
        step = (
            select(func.min(following.name))
            .where(following.name > first.c.name)
            .correlate(first)
            .scalar_subquery()
        )
        names = first.union_all(select(step).where(first.c.name.is_not(None)))
        found = func.json_agg(names.c.name).filter(names.c.name.is_not(None))
        text = await self.session.scalar(select(cast(found, Text)))
        return str(text or "[]").encode()

    async def delete_before(self, moment: dt.datetime, limit: int) -> int:
        """Delete at most so many events older than a moment; how many there were."""
        old = (
            select(ApiEvent.id).where(ApiEvent.created_at < moment).order_by(ApiEvent.created_at).limit(limit)
        )
        done = await self.session.execute(delete(ApiEvent).where(ApiEvent.id.in_(old)))
        return int(done.rowcount)  # type: ignore[attr-defined]  # the result of a DELETE has one
