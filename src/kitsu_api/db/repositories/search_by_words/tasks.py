"""Tasks by the words in their types and in what they are on.

A task has no words of its own. Types are few: which of them say which words is known before. What is left to
be found are entities that say the other words, in the order in which they are shown, and their tasks one
after the other until the page is full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.prepared import Statements
from kitsu_api.db.repositories.search_by_words.pages import (
    END,
    FENCE,
    LIMIT,
    NO_KIND,
    NOTHING,
    OFFSET,
    Found,
    Sight,
    Wanted,
    fenced,
    found_in,
    page_of,
    shown,
    unknown,
)
from kitsu_api.db.repositories.search_by_words.words import (
    Condition,
    alike,
    has_parts,
    named,
    names_of,
    order_of,
    ranks_of,
    same_way,
    says,
    words_of,
)

COUNTED = 1000
"""Hits that are counted."""

FIRST = 1000
"""Entities, the best first, whose tasks are looked at before all are put in order."""

TypeWords = Mapping[UUID, frozenset[str]]
"""The words of a query that begin a word of a task type, by the types of which they do."""

Asked = tuple[bool, ...]
"""Whether entities have words left to say, for each group of types; the first is that of all other types."""


def _groups(query: str, types: TypeWords) -> dict[str, list[UUID]]:
    """Types by what they leave for entities to say."""
    words = words_of(query)
    groups: dict[str, list[UUID]] = defaultdict(list)
    for id, said in types.items():
        groups[" ".join(word for word in words if word not in said)].append(id)
    return dict(sorted(groups.items()))


def _types(number: int) -> Any:
    return unknown(f"types_{number}", ARRAY(Uuid))


def _of_group(number: int) -> Condition:
    """Tasks of the types of a group; of none of any group's for number 0."""
    kind, types = m.Task.task_type_id, _types(number)
    found: Condition = kind == func.any(types) if number else kind != func.all(types)
    return found


def _said_of(name: Any, number: int, asked: Asked) -> Condition | None:
    """What is left for entities to say; None where that is nothing."""
    if number == 0:
        return says(name, null())
    return says(name, null(), f"rest_{number}") if asked[number] else None


@dataclass(frozen=True)
class _Branch:
    """Tasks that match on entities that do: some of them, to be counted, and the first in order."""

    every: Select[Any]
    firsts: tuple[Select[Any], ...]


class _Branches:
    """Tasks by what their entities say; no task is in two."""

    def __init__(self, sight: Sight, forgiving: bool) -> None:
        self.where = list(sight.where("tasks"))
        self.forgiving = forgiving

    def branch(self, number: int, matching: Condition | None, types: Sequence[Condition]) -> _Branch:
        where = [*self.where, *types]
        if matching is None:
            # all entities: without tasks of these types nearly none of the first may be of use
            having = select(m.Task.id).where(m.Task.entity_id == m.Entity.id, *where)
            matches: list[Condition] = [having.correlate(m.Entity).exists()]
        else:
            matches = [matching]
        near = self._in_order(matches, where, FIRST).cte(f"near_{number}").prefix_with("MATERIALIZED")
        # the first entities had too few tasks, and there are more entities
        full = select(func.count() >= END).select_from(near).scalar_subquery()
        beyond = select(m.Entity.id).where(*matches).limit(1).offset(literal_column(str(FIRST))).exists()
        further = select(case((full, false()), else_=beyond).label("yes"))
        more = select(further.cte(f"more_{number}").prefix_with("MATERIALIZED").c.yes).scalar_subquery()
        if number and matching is not None:
            # or all others would be asked for such tasks until the first that has one
            other = aliased(m.Task)
            of_types = select(other.entity_id).where(other.task_type_id == func.any(_types(number)))
            matches.append(m.Entity.id.in_(of_types))
        rest = self._in_order(matches, where, None).subquery()
        return _Branch(
            self._some(matching, where),
            (select(near).where(more.is_(False)), select(rest).where(more)),
        )

    def _some(self, matching: Condition | None, where: Sequence[Condition]) -> Select[Any]:
        if matching is None:
            return select(literal(1).label("n")).where(m.Task.entity_id.is_not(None), *where)
        entities = select(m.Entity.id).where(matching).offset(FENCE).subquery()
        task = self._tasks_of(entities, where)
        return select(literal(1).label("n")).select_from(entities.join(task, true()))

    def _tasks_of(self, entities: Any, where: Sequence[Condition]) -> Any:
        """The fence keeps PostgreSQL from reading all tasks for the first ten."""
        return (
            select(m.Task.id)
            .where(m.Task.entity_id == entities.c.id, *where)
            .order_by(m.Task.id)
            .offset(FENCE)
            .correlate(entities)
            .lateral()
        )

    def _in_order(
        self, matching: Sequence[Condition], where: Sequence[Condition], first: int | None
    ) -> Select[Any]:
        """The first tasks on entities that match, or on the first of these."""
        names = select(m.Entity.id, *names_of(m.Entity.name)).where(*matching).offset(FENCE).subquery()
        order = order_of(names.c, forgiving=self.forgiving)
        ranked = select(names.c.id, *named(order)).order_by(*order)
        limited = ranked.offset(FENCE) if first is None else ranked.limit(literal_column(str(first)))
        entities = limited.subquery()
        task = self._tasks_of(entities, where)
        ranks = ranks_of(entities)
        return (
            select(task.c.id, *ranks)
            .select_from(entities.join(task, true()))
            .order_by(*same_way(ranks, order), task.c.id)
            .limit(END)
        )

    def page(self, branches: Sequence[_Branch]) -> Any:
        """The page out of the first rows of each branch."""
        hits = union_all(*(rows for branch in branches for rows in branch.firsts)).subquery("hits")
        every = union_all(*(branch.every for branch in branches)).subquery("every")
        some = select(every.c.n).limit(literal_column(str(COUNTED + 1))).subquery("some")
        counted = select(func.count().label("n")).select_from(some).cte("counted").prefix_with("MATERIALIZED")
        names = select(m.Entity.id, *names_of(m.Entity.name)).subquery()
        ranks = order_of(names.c, forgiving=self.forgiving)
        order = [*same_way(ranks_of(hits), ranks), hits.c.id]
        page = select(
            hits.c.id,
            NO_KIND.label("kind"),
            func.row_number().over(order_by=order).label("place"),
            func.least(counted.c.n, COUNTED).label("total"),
            (counted.c.n > COUNTED).label("more"),
        ).select_from(hits.join(counted, true()))
        return fenced(page.order_by(literal_column("place")).limit(LIMIT).offset(OFFSET))


def _of_all(sight: Sight, asked: Asked) -> Any:
    branches = _Branches(sight, forgiving=False)
    found = [
        branches.branch(number, _said_of(m.Entity.name, number, asked), [_of_group(number)])
        for number in range(len(asked))
    ]
    return shown(m.Task, branches.page(found), sight.columns("tasks"))


def _alike_of_all(sight: Sight, parts: bool) -> Any:
    branches = _Branches(sight, forgiving=True)
    found = branches.branch(0, alike(m.Entity.name, parts=parts), [])
    return shown(m.Task, branches.page([found]), sight.columns("tasks"))


def _of_few(sight: Sight, matching: ColumnElement[bool], *, forgiving: bool) -> Any:
    """The page out of the tasks of a few ids, of which each is looked at."""
    entity = m.Entity
    hits = (
        select(m.Task.id, *names_of(entity.name))
        .join(entity, entity.id == m.Task.entity_id)
        .where(m.Task.id == func.any(bindparam("near", type_=ARRAY(Uuid))), matching, *sight.where("tasks"))
        .subquery("hits")
    )
    page = page_of(hits, [*order_of(hits.c, forgiving=forgiving), hits.c.id])
    return shown(m.Task, page, sight.columns("tasks"))


def _on(matching: Any) -> Condition:
    """Tasks on entities that an index finds: words are not looked for in the text of each."""
    other = aliased(m.Entity)
    return m.Task.entity_id.in_(select(other.id).where(matching(other.name)))


def _said_by_few(sight: Sight, asked: Asked) -> Any:
    choices = []
    for number, left in enumerate(asked):
        of_group = _of_group(number)
        if number and not left:
            choices.append(of_group)
        else:
            words = f"rest_{number}" if number else "query"
            choices.append(and_(of_group, _on(lambda name, words=words: says(name, null(), words))))
    return _of_few(sight, or_(*choices), forgiving=False)


def _alike_of_few(sight: Sight, parts: bool) -> Any:
    return _of_few(sight, _on(lambda name: alike(name, parts=parts)), forgiving=True)


def _statement(sight: Sight, few: bool, asked: Asked, *_: int) -> Any:
    return _said_by_few(sight, asked) if few else _of_all(sight, asked)


def _alike_statement(sight: Sight, few: bool, parts: bool, *_: int) -> Any:
    return _alike_of_few(sight, parts) if few else _alike_of_all(sight, parts)


_SAID = Statements(_statement)
_ALIKE = Statements(_alike_statement)


async def find(
    session: AsyncSession, wanted: Wanted, near: list[UUID] | None, types: TypeWords, *, forgiving: bool
) -> Found:
    """A page; `near` are the ids of all tasks that the caller sees, if they are few."""
    values = {**wanted.parameters, "near": near or []}
    numbers = COUNTED, FIRST
    if forgiving:
        statement = _ALIKE(wanted.sight, near is not None, has_parts(wanted.query), *numbers)
    else:
        groups = _groups(wanted.query, types)
        values["types_0"] = list(types)
        for number, (rest, ids) in enumerate(groups.items(), 1):
            values |= {f"types_{number}": ids, f"rest_{number}": rest}
        asked = (True, *(bool(rest) for rest in groups))
        statement = _SAID(wanted.sight, near is not None, asked, *numbers)
    return found_in(await statement.rows(session, **values)).get("", NOTHING)
