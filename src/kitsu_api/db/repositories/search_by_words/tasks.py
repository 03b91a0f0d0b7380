"""Tasks by the words in their types and in what they are on.

A task has no words of its own. Types are few: which of them say which words is known before. What is left to
be found are entities that say the other words, in the order in which they are shown, and their tasks one
after the other until the page is full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    UnaryExpression,
    and_,
    func,
    literal,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.repositories.search_by_words.pages import (
    NO_KIND,
    NOTHING,
    Columns,
    Found,
    Slice,
    fenced,
    page_of,
    read,
)
from kitsu_api.db.repositories.search_by_words.words import Condition, alike, any_of, order_of, says, words_of

COUNTED = 1000
"""Hits that are counted."""

TypeWords = Mapping[UUID, frozenset[str]]
"""The words of a query that begin a word of a task type, by the types of which they do."""


async def find(
    session: AsyncSession,
    where: Sequence[Condition],
    query: str,
    columns: Columns,
    part: Slice,
    *,
    near: Collection[UUID] | None,
    types: TypeWords,
    forgiving: bool,
) -> Found:
    """A page of those that meet all conditions; `near` are the ids of all that the caller
    sees, if they are few."""
    if near is not None:
        page = _of_few(where, query, part, near, forgiving=forgiving)
    elif forgiving:
        page = _in_order([_on_alike(where, query)], query, part, forgiving=True)
    else:
        page = _in_order(_branches(where, query, types), query, part, forgiving=False)
    return (await read(session, m.Task, page, columns)).get("", NOTHING)


def _of_few(
    where: Sequence[Condition], query: str, part: Slice, task_ids: Collection[UUID], *, forgiving: bool
) -> Any:
    entity, kind = m.Entity, m.TaskType
    few = (
        select(m.Task.id, entity.name, kind.name.label("type_name"))
        .join(entity, entity.id == m.Task.entity_id)
        .join(kind, kind.id == m.Task.task_type_id)
        .where(any_of(m.Task.id, task_ids), *where)
        .offset(literal_column("0"))
        .subquery("few")
    )
    matching = alike(few.c.name, query) if forgiving else says(few.c.name, few.c.type_name, query)
    hits = select(few).where(matching).subquery("hits")
    return page_of(hits, [*order_of(hits.c.name, query, forgiving=forgiving), hits.c.id], part)


@dataclass(frozen=True)
class _Branch:
    """Tasks on entities that match: all of them, and in the order of their entities."""

    every: Select[Any]
    ordered: Select[Any]


def _on(matching: Condition, where: Sequence[Condition], query: str, *, forgiving: bool) -> _Branch:
    """Tasks on entities that match.

    Without the fences (`OFFSET 0`) PostgreSQL would read and sort all tasks for the first ten.
    """
    fence: ColumnElement[int] = literal_column("0")
    ranks = order_of(m.Entity.name, query, forgiving=forgiving)
    entities = (
        select(m.Entity.id, *_named(ranks)).where(matching).order_by(*ranks).offset(fence).subquery("ranked")
    )
    task = (
        select(m.Task.id)
        .where(m.Task.entity_id == entities.c.id, *where)
        .order_by(m.Task.id)
        .offset(fence)
        .correlate(entities)
        .lateral("own")
    )
    return _Branch(
        select(m.Task.id).join(m.Entity, m.Entity.id == m.Task.entity_id).where(matching, *where),
        select(task.c.id, *_ranks(entities)).select_from(entities.join(task, true())),
    )


def _plain(rank: Any) -> Any:
    """What a rank orders by, without its direction."""
    return rank.element if isinstance(rank, UnaryExpression) else rank


def _named(ranks: Sequence[Any]) -> list[Any]:
    """Ranks as columns, so that PostgreSQL knows them again outside."""
    return [_plain(rank).label(f"rank{place}") for place, rank in enumerate(ranks)]


def _ranks(rows: Any) -> list[Any]:
    return [column for column in rows.c if column.key.startswith("rank")]


def _same_way(columns: Sequence[Any], query: str, *, forgiving: bool) -> list[Any]:
    """Columns of ranks in the directions of the ranks."""
    ranks = order_of(m.Entity.name, query, forgiving=forgiving)
    return [
        column.desc() if isinstance(rank, UnaryExpression) else column
        for column, rank in zip(columns, ranks, strict=True)
    ]


def _on_alike(where: Sequence[Condition], query: str) -> _Branch:
    return _on(alike(m.Entity.name, query), where, query, forgiving=True)


def _branches(where: Sequence[Condition], query: str, types: TypeWords) -> list[_Branch]:
    """Tasks that say all words, by what is left for their entities to say; no task is in two."""
    words = words_of(query)
    by_rest: dict[tuple[str, ...], list[UUID]] = defaultdict(list)
    for id, said in types.items():
        by_rest[tuple(word for word in words if word not in said)].append(id)
    kind = m.Task.task_type_id
    plain = [*where, kind.not_in(list(types))] if types else list(where)
    other = aliased(m.Task)
    found = [_on(says(m.Entity.name, null(), query), plain, query, forgiving=False)]
    for rest, ids in by_rest.items():
        rests = [says(m.Entity.name, null(), " ".join(rest))] if rest else []
        # or all others would be asked for such tasks until the first that has one
        matching = and_(*rests, m.Entity.id.in_(select(other.entity_id).where(other.task_type_id.in_(ids))))
        found.append(_on(matching, [*where, kind.in_(ids)], query, forgiving=False))
    return found


def _in_order(branches: Sequence[_Branch], query: str, part: Slice, *, forgiving: bool) -> Any:
    """The page out of the first rows of each branch."""
    firsts = []
    for branch in branches:
        id, *ranks = branch.ordered.selected_columns
        order = [*_same_way(ranks, query, forgiving=forgiving), id]
        firsts.append(select(branch.ordered.order_by(*order).limit(part.end).subquery("first")))
    hits = union_all(*firsts).subquery("hits")
    every = union_all(*(branch.every for branch in branches))
    some = select(literal(1)).select_from(every.subquery("every")).limit(COUNTED + 1).subquery("some")
    counted = select(func.count().label("n")).select_from(some).cte("counted").prefix_with("MATERIALIZED")
    order = [*_same_way(_ranks(hits), query, forgiving=forgiving), hits.c.id]
    page = select(
        hits.c.id,
        NO_KIND.label("kind"),
        func.row_number().over(order_by=order).label("place"),
        func.least(counted.c.n, COUNTED).label("total"),
        (counted.c.n > COUNTED).label("more"),
    ).select_from(hits.join(counted, true()))
    return fenced(page.order_by(literal_column("place")).limit(part.limit).offset(part.offset))
