"""Rows found by the words in them, the best first, within what a caller may see.

The scope is a condition of the search itself: pages are full, and totals count nothing hidden.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.entity_names import full_name
from kitsu_api.db.repositories.entity_lists import assets, of_kind

Condition = ColumnElement[bool]

ALIKE = "0.3"
"""How alike a part of a name must be, from 0 to 1, to be what was meant: two letters in each other's place
leave a third of a short word's trigrams."""

MAXIMUM_WORDS = 12
"""Words of a query that count; each is a condition."""

_WORD = re.compile(r"[^\W_]+")


def words_of(query: str) -> list[str]:
    """The words of a query, in lower case."""
    return [word.lower() for word in _WORD.findall(query)][:MAXIMUM_WORDS]


def _says(first: Any, second: Any, query: str) -> Condition:
    """Rows in whose text every word of the query begins a word."""
    found: Condition = func.kitsu_api_document(first, second).op("@@")(func.kitsu_api_words(query))
    return found


def _alike(column: Any, query: str) -> Condition:
    """Rows whose name holds the query, or something that is spelt much like it."""
    folded, name = func.kitsu_api_fold(query), func.kitsu_api_fold(column)
    holds: Condition = name.like(func.concat("%", func.btrim(folded), "%"))
    return or_(func.kitsu_api_alike(folded, name), holds)


def _likeness(column: Any, query: str) -> ColumnElement[Any]:
    likeness: ColumnElement[Any] = func.kitsu_api_likeness(
        func.kitsu_api_fold(query), func.kitsu_api_fold(column)
    )
    return likeness


def _tasks_about(word: str) -> Condition:
    """Tasks of which a word begins a word of their type or of what they are on.

    Two queries, not one with an OR: each finds its tasks by an index.
    """
    entity = select(m.Entity.id).where(_says(m.Entity.name, null(), word))
    kind = select(m.TaskType.id).where(_says(m.TaskType.name, null(), word))
    on, of = aliased(m.Task), aliased(m.Task)
    return m.Task.id.in_(
        union_all(
            select(on.id).where(on.entity_id.in_(entity)), select(of.id).where(of.task_type_id.in_(kind))
        )
    )


def _task_says(query: str) -> Condition:
    """Tasks of which every word begins a word of their type or of what they are on."""
    return and_(*(_tasks_about(word) for word in words_of(query)))


def _task_alike(query: str) -> Condition:
    return m.Task.entity_id.in_(select(m.Entity.id).where(_alike(m.Entity.name, query)))


def _entity_says(query: str) -> Condition:
    return _says(m.Entity.name, m.Entity.description, query)


def _entity_alike(query: str) -> Condition:
    return _alike(m.Entity.name, query)


def _kind_of_task(task_type_id: Any) -> Any:
    return select(m.TaskType.name).where(m.TaskType.id == task_type_id).scalar_subquery()


def _task_name() -> ColumnElement[Any]:
    return func.concat_ws(" / ", full_name(m.Task.entity_id), _kind_of_task(m.Task.task_type_id))


def _of_task(column: Any) -> Any:
    """A column of the task that a comment is on."""
    return select(column).where(m.Task.id == m.Comment.object_id).correlate(m.Comment).scalar_subquery()


_FULL_NAME = m.Person.first_name + literal_column("' '") + m.Person.last_name
_NAME_OF_ENTITY = (
    select(m.Entity.name).where(m.Entity.id == m.Task.entity_id).correlate(m.Task).scalar_subquery()
)


@dataclass(frozen=True, kw_only=True)
class Searched:
    """What of a table is looked through, and how a hit is shown."""

    model: type[Any]
    says: Callable[[str], Condition]
    alike: Callable[[str], Condition] | None
    """What is taken when nothing says the words; None where texts are too long to be spelt alike."""
    order_by: Any
    """The name by which equal hits are put in order; None: the newest first."""
    name: Callable[[], Any]
    text: Any
    project_id: Any
    of_project: Callable[[UUID], Condition]
    picture_id: Any
    kind: Condition | None = None
    last: Any = None
    """A flag of rows that come after all others."""


def _entities(kind: Condition) -> Searched:
    return Searched(
        model=m.Entity,
        says=_entity_says,
        alike=_entity_alike,
        order_by=m.Entity.name,
        name=lambda: full_name(m.Entity.id),
        text=m.Entity.description,
        project_id=m.Entity.project_id,
        of_project=lambda id: m.Entity.project_id == id,
        picture_id=m.Entity.preview_file_id,
        kind=kind,
        last=func.coalesce(m.Entity.canceled, literal_column("false")),
    )


def _team(project_id: UUID) -> Condition:
    link = m.ProjectPersonLink
    return m.Person.id.in_(select(link.person_id).where(link.project_id == project_id))


SEARCHED: Mapping[str, Searched] = {
    "assets": _entities(assets()),
    "shots": _entities(of_kind("Shot")),
    "sequences": _entities(of_kind("Sequence")),
    "episodes": _entities(of_kind("Episode")),
    "persons": Searched(
        model=m.Person,
        says=lambda query: _says(m.Person.first_name, m.Person.last_name, query),
        alike=lambda query: _alike(_FULL_NAME, query),
        order_by=_FULL_NAME,
        name=lambda: func.btrim(_FULL_NAME),
        text=null(),
        project_id=null(),
        of_project=_team,
        picture_id=null(),
        last=m.Person.active.is_(False),
    ),
    "tasks": Searched(
        model=m.Task,
        says=_task_says,
        alike=_task_alike,
        order_by=_NAME_OF_ENTITY,
        name=_task_name,
        text=null(),
        project_id=m.Task.project_id,
        of_project=lambda id: m.Task.project_id == id,
        picture_id=m.Task.last_preview_file_id,
    ),
    "comments": Searched(
        model=m.Comment,
        says=lambda query: _says(m.Comment.text, null(), query),
        alike=None,
        order_by=None,
        name=lambda: _of_task(_task_name()),
        text=m.Comment.text,
        project_id=_of_task(m.Task.project_id),
        of_project=lambda id: m.Comment.object_id.in_(select(m.Task.id).where(m.Task.project_id == id)),
        picture_id=m.Comment.preview_file_id,
    ),
    "playlists": Searched(
        model=m.Playlist,
        says=lambda query: _says(m.Playlist.name, null(), query),
        alike=lambda query: _alike(m.Playlist.name, query),
        order_by=m.Playlist.name,
        name=lambda: m.Playlist.name,
        text=null(),
        project_id=m.Playlist.project_id,
        of_project=lambda id: m.Playlist.project_id == id,
        picture_id=null(),
    ),
}
"""What can be searched, by name."""


def hit_columns(searched: Searched) -> dict[str, ColumnElement[Any]]:
    """What is shown of a hit of any kind."""
    project = m.Project
    project_name = select(project.name).where(project.id == searched.project_id).scalar_subquery()
    columns = {
        "id": searched.model.id,
        "name": searched.name(),
        "text": searched.text,
        "project_id": searched.project_id,
        "project_name": project_name,
        "preview_file_id": searched.picture_id,
    }
    return {name: cast(column, Text).label(name) for name, column in columns.items()}


@dataclass(frozen=True)
class Found:
    """A page of hits: how many there are in all, and the rows as JSON texts."""

    total: int
    rows: list[str]


class Search:
    """Looks for words."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def forgive(self) -> None:
        """Say for the rest of the transaction how much must be alike."""
        await self.session.execute(
            select(func.set_config("pg_trgm.word_similarity_threshold", ALIKE, literal_column("true")))
        )

    async def find(
        self,
        searched: Searched,
        query: str,
        where: Sequence[Condition],
        columns: Mapping[str, ColumnElement[Any]],
        *,
        limit: int,
        offset: int,
        forgiving: bool,
    ) -> Found:
        """A page of the rows that meet all conditions and say the query; or, forgiving, something like it.

        A name that is the query comes first, then names that begin with it, then the shorter ones.
        """
        matching = searched.alike if forgiving else searched.says
        if matching is None:
            return Found(0, [])
        model = searched.model
        kinds = [] if searched.kind is None else [searched.kind]
        order = _order(searched, query, forgiving=forgiving)
        page = (
            select(
                model.id,
                func.count().over().label("total"),
                func.row_number().over(order_by=order).label("place"),
            )
            .where(matching(query), *kinds, *where)
            .order_by(literal_column("place"))
            .limit(limit)
            .offset(offset)
            .cte("page")
            .prefix_with("MATERIALIZED")
        )
        rows = (
            select(*columns.values(), page.c.place.label("_place"), page.c.total.label("_total"))
            .join(page, page.c.id == model.id)
            .subquery("row")
        )
        whole = cast(func.to_jsonb(literal_column('"row"')), JSONB)
        shown = cast(whole.op("-")(literal("_place", Text)).op("-")(literal("_total", Text)), Text)
        found = await self.session.execute(
            select(rows.c._total, shown).select_from(rows).order_by(rows.c._place)
        )
        hits = found.all()
        return Found(hits[0][0] if hits else 0, [row for _, row in hits])


def _order(searched: Searched, query: str, *, forgiving: bool) -> list[Any]:
    if searched.order_by is None:
        return [searched.model.created_at.desc(), searched.model.id]
    # Plain functions of PostgreSQL: a word that begins ten thousand names is ranked as fast as a rare one.
    name, wanted = searched.order_by, query.strip().lower()
    lower = func.lower(name)
    best: list[Any] = [
        (lower == wanted).desc(),
        func.starts_with(lower, wanted).desc(),
        func.length(name),
    ]
    if forgiving:
        best = [_likeness(name, query).desc()]
    flag = [] if searched.last is None else [searched.last]
    return [*flag, *best, name, searched.model.id]
