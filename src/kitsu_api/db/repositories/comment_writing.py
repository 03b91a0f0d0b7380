"""Comments as they are written: with mentions, news and notifications, in one statement for all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    Boolean,
    DateTime,
    Insert,
    Select,
    String,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.base import Base, Json
from kitsu_api.db.prepared import Statements
from kitsu_api.db.repositories.bulk import moments

COMMENT, MENTION = "comment", "mention"
"""Types of the notifications of a comment: it is about something of theirs, it calls them by name."""


@dataclass(frozen=True)
class Said:
    """A comment, and whom it calls."""

    task: m.Task
    person_id: UUID
    """Who says it."""
    task_status_id: UUID | None
    created_at: dt.datetime
    change: bool
    """Whether it gave the task another status."""
    for_client: bool = False
    people: frozenset[UUID] = frozenset()
    """The people whom it mentions."""
    departments: frozenset[UUID] = frozenset()
    """The departments that it mentions."""
    called: frozenset[UUID] = frozenset()
    """The people mentioned, and those of the departments."""
    text: str = ""
    checklist: Json = None
    links: Sequence[str] = ()
    id: UUID = field(default_factory=uuid4)
    news_id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Told:
    """A notification: its id, and whose it is."""

    id: UUID
    person_id: UUID


_COLUMNS: dict[str, Any] = {
    "id": Uuid(),
    "news_id": Uuid(),
    "task_id": Uuid(),
    "task_type_id": Uuid(),
    "entity_id": Uuid(),
    "project_id": Uuid(),
    "person_id": Uuid(),
    "task_status_id": Uuid(),
    "created_at": DateTime(),
    "change": Boolean(),
    "for_client": Boolean(),
    "text": Text(),
    "checklist": JSONB(),
    "links": JSONB(),
    "moment": DateTime(),
}
"""What is known of each comment; the values come as arrays, one for each column."""


def _unnested(name: str, columns: dict[str, Any], prefix: str = "") -> Any:
    """Rows whose values come as arrays, as something to select from."""
    # of one dimension: SQLAlchemy would take a document that is a list for another one
    parts = [
        func.unnest(bindparam(prefix + column, type_=ARRAY(kind, dimensions=1))).label(column)
        for column, kind in columns.items()
    ]
    return select(*parts).cte(name)


def _pairs(name: str, other: str) -> Any:
    """Comments, and whom they call."""
    return _unnested(name, {"comment": Uuid(), other: Uuid()}, f"{name}_")


def _insert(model: type[Base], columns: dict[str, Any], source: Any) -> Insert:
    return insert(model).from_select(
        list(columns), select(*columns.values()).select_from(source), include_defaults=False
    )


def _comments(said: Any) -> Insert:
    links = select(func.jsonb_array_elements_text(said.c.links)).correlate(said).scalar_subquery()
    columns = {
        "id": said.c.id,
        "object_id": said.c.task_id,
        "object_type": literal("Task", String()),
        "text": said.c.text,
        "task_status_id": said.c.task_status_id,
        "person_id": said.c.person_id,
        "checklist": said.c.checklist,
        "links": func.array(links, type_=ARRAY(String())),
        "replies": literal_column("'[]'::jsonb", JSONB),
        "for_client": said.c.for_client,
        "created_at": said.c.created_at,
        "updated_at": said.c.moment,
    }
    return _insert(m.Comment, columns, said)


def _news(said: Any) -> Insert:
    columns = {
        "id": said.c.news_id,
        "author_id": said.c.person_id,
        "comment_id": said.c.id,
        "task_id": said.c.task_id,
        "change": said.c.change,
        "created_at": func.date_trunc("second", said.c.created_at),
        "updated_at": said.c.moment,
    }
    return _insert(m.News, columns, said)


def _involved(said: Any) -> list[Select[Any]]:
    """Comments and the people whose matter they are: who work on the task, who follow it or the tasks of its
    type on its entity or in its sequence."""
    work, follow, holder = m.TaskPersonLink, aliased(m.Subscription), aliased(m.Entity)
    own, held = aliased(m.Subscription), aliased(m.Subscription)
    of_own = and_(own.entity_id == said.c.entity_id, own.task_type_id == said.c.task_type_id)
    of_holder = and_(held.entity_id == holder.parent_id, held.task_type_id == said.c.task_type_id)
    return [
        select(said.c.id, work.person_id).join(work, work.task_id == said.c.task_id),
        select(said.c.id, follow.person_id).join(follow, follow.task_id == said.c.task_id),
        select(said.c.id, own.person_id).join(own, of_own),
        select(said.c.id, held.person_id).join(holder, holder.id == said.c.entity_id).join(held, of_holder),
    ]


def _readers(said: Any, called: Any) -> Any:
    """Who is told of which comment, and by which notification: of those who are meant the active ones who did
    not say it themselves, clients only of what is for clients."""
    person, link = aliased(m.Person), aliased(m.ProjectPersonLink)
    meant = union_all(
        *(query.add_columns(literal(COMMENT, Text()).label("type")) for query in _involved(said)),
        select(called.c.comment, called.c.person, literal(MENTION, Text())),
    ).subquery("meant")
    comment, person_id, kind = meant.c
    columns = (said.c.id, said.c.task_id, said.c.person_id.label("author_id"), said.c.change, said.c.moment)
    return (
        select(*columns, person.id.label("reader_id"), kind)
        .distinct()
        .select_from(meant)
        .join(said, said.c.id == comment)
        .join(person, person.id == person_id)
        .outerjoin(link, and_(link.person_id == person.id, link.project_id == said.c.project_id))
        .where(
            person.id != said.c.person_id,
            person.active.is_(True),
            or_(said.c.for_client, func.coalesce(link.role, person.role) != "client"),
        )
        .cte("readers")
    )


def _notifications(said: Any, called: Any) -> Any:
    readers = _readers(said, called)
    columns = {
        "id": func.gen_random_uuid(),
        "person_id": readers.c.reader_id,
        "author_id": readers.c.author_id,
        "comment_id": readers.c.id,
        "task_id": readers.c.task_id,
        "type": readers.c.type,
        "read": literal_column("false", Boolean),
        "change": and_(readers.c.change, readers.c.type == COMMENT),
        "created_at": readers.c.moment,
        "updated_at": readers.c.moment,
    }
    rows = (
        select(*columns.values())
        .select_from(readers)
        .order_by(readers.c.moment, readers.c.type, readers.c.reader_id)
    )
    row = m.Notification
    statement = insert_or_skip(row).from_select(list(columns), rows, include_defaults=False)
    return (
        statement.on_conflict_do_nothing()
        .returning(row.comment_id, row.type, row.id, row.person_id)
        .cte("notifications")
    )


def _written(is_new: bool) -> Select[Any]:
    """The notifications of comments, which are written with their news; new comments are written as well."""
    said, called = _unnested("said", _COLUMNS), _pairs("called", "person")
    told = _notifications(said, called)
    query = select(*told.c).add_cte(_news(said).cte("news_of_them"))
    if not is_new:
        return query
    people, departments = _pairs("mentioned", "person"), _pairs("departments", "department")
    return query.add_cte(
        _comments(said).cte("comments_said"),
        _insert(m.CommentMentions, dict(people.c), people).cte("mentions"),
        _insert(m.CommentDepartmentMentions, dict(departments.c), departments).cte("mentions_of_departments"),
    )


_WRITTEN = Statements(_written)


def _pair_values(name: str, other: str, pairs: Sequence[tuple[UUID, UUID]]) -> dict[str, list[UUID]]:
    return {f"{name}_comment": [pair[0] for pair in pairs], f"{name}_{other}": [pair[1] for pair in pairs]}


def _values(comments: Sequence[Said]) -> dict[str, list[Any]]:
    rows = [
        (
            *(one.id, one.news_id, one.task.id, one.task.task_type_id, one.task.entity_id),
            *(one.task.project_id, one.person_id, one.task_status_id, one.created_at, one.change),
            *(one.for_client, one.text, one.checklist or [], list(one.links)),
            moment,
        )
        for one, moment in zip(comments, moments(len(comments)), strict=True)
    ]
    return {name: [row[place] for row in rows] for place, name in enumerate(_COLUMNS)}


async def write_comments(
    session: AsyncSession, comments: Sequence[Said], *, is_new: bool = True
) -> dict[UUID, list[Told]]:
    """Write comments with their mentions, and news and notifications of them; who was told of each.

    Without `is_new` the comments and their mentions are there already.
    """
    await session.flush()
    values = _values(comments) | _pair_values(
        "called", "person", [(one.id, id) for one in comments for id in sorted(one.called)]
    )
    if is_new:
        values |= _pair_values(
            "mentioned", "person", [(one.id, id) for one in comments for id in sorted(one.people)]
        )
        values |= _pair_values(
            "departments", "department", [(one.id, id) for one in comments for id in sorted(one.departments)]
        )
    found: dict[UUID, list[Told]] = {one.id: [] for one in comments}
    for comment_id, _, id, person_id in await _WRITTEN(is_new).rows(session, **values):
        found[comment_id].append(Told(id, person_id))
    return found
