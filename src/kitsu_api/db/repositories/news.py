"""News of productions, by page, with all that a client shows of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.entity_names import episode_of, full_name
from kitsu_api.db.prepared import Statements
from kitsu_api.db.projection import array_of, bracketed, json_array, json_object, moment
from kitsu_api.db.repositories.row_states import States

Condition = ColumnElement[bool]

DEEP = 1000
"""News before a page from which on it is found by other means."""


@dataclass(frozen=True)
class NewsFilter:
    """Which news are asked for; None stands for all."""

    project_id: UUID | None = None
    entity_id: UUID | None = None
    task_type_id: UUID | None = None
    task_status_id: UUID | None = None
    person_id: UUID | None = None
    episode_id: UUID | None = None
    only_preview: bool = False
    before: dt.datetime | None = None
    after: dt.datetime | None = None

    def shape(self) -> tuple[tuple[str, ...], dict[str, Any]]:
        """The names of what is asked for, and its values."""
        asked = {each.name: getattr(self, each.name) for each in fields(self)}
        values = {name: value for name, value in asked.items() if value is not None and value is not False}
        return tuple(values), {name: value for name, value in values.items() if value is not True}

    @classmethod
    def of_shape(cls, names: Collection[str]) -> NewsFilter:
        """A filter whose values are parameters of these names."""
        values: dict[str, Any] = {
            name: bindparam(name, type_=DateTime() if name in {"before", "after"} else Uuid())
            for name in names
            if name != "only_preview"
        }
        return cls(**values, only_preview="only_preview" in names)

    def conditions(self, task: Any, comment: Any) -> list[Condition]:
        """The news that meet all of it, of a query that has joined the task and the comment."""
        found: list[Condition] = []
        for column, value in (
            (task.project_id, self.project_id),
            (task.entity_id, self.entity_id),
            (task.task_type_id, self.task_type_id),
            (comment.task_status_id, self.task_status_id),
            (m.News.author_id, self.person_id),
        ):
            if value is not None:
                found.append(column == value)
        if self.episode_id is not None:
            found.append(_in_episode(task.entity_id, self.episode_id))
        if self.only_preview:
            found.append(m.News.preview_file_id.is_not(None))
        if self.before is not None:
            found.append(m.News.created_at < self.before)
        if self.after is not None:
            found.append(m.News.created_at > self.after)
        return found


def _in_episode(entity_id: Any, episode_id: UUID) -> Condition:
    """What lies in an episode: itself, what it holds, what its sequences hold, and what was made for it."""
    entity, holder = aliased(m.Entity), aliased(m.Entity)
    inside = (
        select(entity.id)
        .outerjoin(holder, holder.id == entity.parent_id)
        .where(
            or_(
                entity.id == episode_id,
                entity.parent_id == episode_id,
                holder.parent_id == episode_id,
                entity.source_id == episode_id,
            )
        )
    )
    condition: Condition = entity_id.in_(inside)
    return condition


TASK = aliased(m.Task, name="task_of_news")
COMMENT = aliased(m.Comment, name="comment_of_news")


def rows_of_news(seen: Sequence[Condition]) -> Condition:
    """News that meet conditions on their task and comment, as a condition for queries of any shape."""
    query = (
        select(TASK.id)
        .outerjoin(COMMENT, COMMENT.id == m.News.comment_id)
        .where(TASK.id == m.News.task_id, *seen)
        .correlate(m.News)
    )
    found: Condition = query.exists()
    return found


def _joined(query: Any) -> Any:
    return (
        query.select_from(m.News)
        .join(TASK, TASK.id == m.News.task_id)
        .outerjoin(COMMENT, COMMENT.id == m.News.comment_id)
    )


@cache
def _columns() -> list[Any]:
    preview, person, entity, project = (
        aliased(m.PreviewFile),
        aliased(m.Person),
        aliased(m.Entity),
        aliased(m.Project),
    )

    def of(column: Any, *where: Condition) -> ColumnElement[Any]:
        return select(column).where(*where).correlate(m.News, TASK, COMMENT).scalar_subquery()

    card = func.json_build_object(
        *("id", person.id, "first_name", person.first_name, "last_name", person.last_name),
        *("full_name", func.btrim(func.concat_ws(" ", person.first_name, person.last_name))),
        *("has_avatar", person.has_avatar, "role", person.role),
    )
    shown: dict[str, Any] = {
        "id": m.News.id,
        "type": literal("News", Text),
        "author_id": m.News.author_id,
        "comment_id": m.News.comment_id,
        "task_id": m.News.task_id,
        "task_type_id": TASK.task_type_id,
        "task_status_id": COMMENT.task_status_id,
        "task_entity_id": TASK.entity_id,
        "preview_file_id": m.News.preview_file_id,
        "preview_file_extension": of(preview.extension, preview.id == m.News.preview_file_id),
        "preview_file_revision": of(preview.revision, preview.id == m.News.preview_file_id),
        "project_id": TASK.project_id,
        "project_name": of(project.name, project.id == TASK.project_id),
        "created_at": moment(m.News.created_at),
        "change": m.News.change,
        "full_entity_name": full_name(TASK.entity_id),
        "episode_id": episode_of(TASK.entity_id),
        "entity_preview_file_id": of(entity.preview_file_id, entity.id == TASK.entity_id),
        "person": of(card, person.id == m.News.author_id),
    }
    return [column.label(name) for name, column in shown.items()]


def _page(wanted: NewsFilter, seen: Sequence[Condition], limit: Any, offset: Any, *, deep: bool) -> Any:
    newest_first = (m.News.created_at.desc(), m.News.id.desc())
    if deep:
        ids = select(m.News.id).where(_of_project(wanted.project_id))
    else:
        ids = _joined(select(m.News.id)).where(*wanted.conditions(TASK, COMMENT), *seen)
    page = ids.order_by(*newest_first).limit(limit).offset(offset).subquery("page")
    query = _joined(select(*_columns())).where(m.News.id.in_(select(page.c.id)))
    return query.order_by(*newest_first)


def _of_project(project_id: Any) -> Condition:
    """The news of a production, for many of them: its tasks are a set that is made once. `coalesce` keeps
    PostgreSQL from looking up the task of each news instead, as is best for few."""
    task = aliased(m.Task)
    own = m.News.task_id.in_(select(task.id).where(task.project_id == project_id))
    return func.coalesce(own, literal_column("false", Boolean))


def _is_deep(wanted: NewsFilter, seen: Sequence[Condition], offset: int) -> bool:
    """Whether many news come before a page of all those of a production."""
    return offset >= DEEP and not seen and wanted == NewsFilter(project_id=wanted.project_id)


def _total(wanted: NewsFilter, seen: Sequence[Condition]) -> Any:
    """How many news there are. The comments are looked at if it depends on them alone: they don't change the
    number otherwise, and PostgreSQL knows it."""
    counted = _joined(select(func.count())).where(*wanted.conditions(TASK, COMMENT), *seen)
    return counted.scalar_subquery()


def _stats(wanted: NewsFilter, seen: Sequence[Condition]) -> tuple[ColumnElement[str], ColumnElement[str]]:
    changes = (
        _joined(select(COMMENT.task_status_id, func.count().label("amount")))
        .where(*wanted.conditions(TASK, COMMENT), *seen)
        .where(m.News.change.is_(True), COMMENT.task_status_id.is_not(None))
        .group_by(COMMENT.task_status_id)
        .subquery("changes")
    )
    amount = aggregate_order_by(changes.c.amount, changes.c.task_status_id)
    pairs = func.json_object_agg(cast(changes.c.task_status_id, Text), amount)
    stats = select(cast(pairs, Text))
    empty = literal_column("'{}'", Text)
    return cast(_total(wanted, seen), Text), func.coalesce(stats.scalar_subquery(), empty)


_PAGE = Statements(
    lambda deep, *names: array_of(
        _page(
            NewsFilter.of_shape(names),
            (),
            bindparam("limit", type_=Integer()),
            bindparam("offset", type_=Integer()),
            deep=deep,
        )
    )
)
_STATS = States(lambda *names: _stats(NewsFilter.of_shape(names), ()))
"""Pages and counts for those who see all news that a filter finds, by the names of what it asks for. To count
takes the longest by far, so that it is not done again while nothing was written."""


class NewsRepository:
    """What happened in productions."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def page_json(
        self, wanted: NewsFilter, seen: Sequence[Condition], *, limit: int, offset: int
    ) -> bytes:
        """A page of news, newest first. Only the page's own rows are looked up in other tables."""
        if seen:
            return await json_array(self.session, _page(wanted, seen, limit, offset, deep=False))
        shape, values = wanted.shape()
        page = _PAGE(_is_deep(wanted, seen, offset), *shape)
        return bracketed(await page.scalar(self.session, **values, limit=limit, offset=offset))

    async def stats_json(self, wanted: NewsFilter, seen: Sequence[Condition]) -> tuple[int, bytes]:
        """How many news there are, and how many changes to each status among them."""
        if seen:
            row = (await self.session.execute(select(*_stats(wanted, seen)))).one()
            return int(row[0]), str(row[1]).encode()
        shape, values = wanted.shape()
        total, _, stats = (await _STATS(self.session, *shape, **values)).partition(",")
        return int(total), stats.encode()

    async def one_json(self, project_id: UUID, news_id: UUID, seen: Sequence[Condition]) -> bytes | None:
        """One news of a production; None when there is no such."""
        query = _joined(select(*_columns()))
        return await json_object(
            self.session, query.where(m.News.id == news_id, TASK.project_id == project_id, *seen)
        )
