"""News of productions, by page, with all that a client shows of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.entity_names import episode_of, full_name
from kitsu_api.db.prepared import Statements
from kitsu_api.db.projection import array_of, bracketed, json_array, json_object, moment

Condition = ColumnElement[bool]


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


def _page(wanted: NewsFilter, seen: Sequence[Condition], limit: Any, offset: Any) -> Any:
    newest_first = (m.News.created_at.desc(), m.News.id.desc())
    ids = _joined(select(m.News.id)).where(*wanted.conditions(TASK, COMMENT), *seen)
    page = ids.order_by(*newest_first).limit(limit).offset(offset).subquery("page")
    query = _joined(select(*_columns())).where(m.News.id.in_(select(page.c.id)))
    return query.order_by(*newest_first)


def _stats(wanted: NewsFilter, seen: Sequence[Condition]) -> Any:
    counted = (
        _joined(
            select(
                COMMENT.task_status_id,
                func.count().label("amount"),
                func.count().filter(m.News.change.is_(True)).label("changes"),
            )
        )
        .where(*wanted.conditions(TASK, COMMENT), *seen)
        .group_by(COMMENT.task_status_id)
        .subquery("counted")
    )
    stats = func.json_object_agg(cast(counted.c.task_status_id, Text), counted.c.changes).filter(
        counted.c.changes > 0, counted.c.task_status_id.is_not(None)
    )
    return select(func.coalesce(func.sum(counted.c.amount), 0), cast(stats, Text))


_PAGE = Statements(
    lambda *names: array_of(
        _page(
            NewsFilter.of_shape(names),
            (),
            bindparam("limit", type_=Integer()),
            bindparam("offset", type_=Integer()),
        )
    )
)
_STATS = Statements(lambda *names: _stats(NewsFilter.of_shape(names), ()))
"""Pages and counts for those who see all news that a filter finds, by the names of what it asks for."""


class NewsRepository:
    """What happened in productions."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def page_json(
        self, wanted: NewsFilter, seen: Sequence[Condition], *, limit: int, offset: int
    ) -> bytes:
        """A page of news, newest first. Only the page's own rows are looked up in other tables."""
        if seen:
            return await json_array(self.session, _page(wanted, seen, limit, offset))
        shape, values = wanted.shape()
        return bracketed(await _PAGE(*shape).scalar(self.session, **values, limit=limit, offset=offset))

    async def stats_json(self, wanted: NewsFilter, seen: Sequence[Condition]) -> tuple[int, bytes]:
        """How many news there are, and how many changes to each status among them."""
        row: Any
        if seen:
            row = (await self.session.execute(_stats(wanted, seen))).one()
        else:
            shape, values = wanted.shape()
            row = await _STATS(*shape).row(self.session, **values)
        return int(row[0]), (row[1] or "{}").encode()

    async def one_json(self, project_id: UUID, news_id: UUID, seen: Sequence[Condition]) -> bytes | None:
        """One news of a production; None when there is no such."""
        query = _joined(select(*_columns()))
        return await json_object(
            self.session, query.where(m.News.id == news_id, TASK.project_id == project_id, *seen)
        )
