"""Rows found by the words in them, the best first, within what a caller may see.

The scope is a condition of the search itself: pages are full, and totals count nothing hidden.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.repositories.entity_lists import near_work_of
from kitsu_api.db.repositories.search_by_words import comments, entities, tasks
from kitsu_api.db.repositories.search_by_words.kinds import SEARCHED
from kitsu_api.db.repositories.search_by_words.pages import NOTHING, Columns, Found, Slice, page_of, read
from kitsu_api.db.repositories.search_by_words.words import (
    Condition,
    order_of,
    says,
    threshold_of,
    words_of,
)

FEW = 500
"""Tasks, and comments on them, that are looked at one by one, not picked out of all that say a word."""

ENTITIES = tuple(name for name, searched in SEARCHED.items() if searched.model is m.Entity)


@dataclass(frozen=True)
class Ground:
    """What is known before a search."""

    types: tasks.TypeWords
    task_ids: list[UUID] | None = None
    """All tasks that the caller sees, if they are few; None else."""
    entity_ids: list[UUID] | None = None
    few_comments: bool = False


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to look for: conditions and columns by kind.

    `worker` is who sees nothing but what they are assigned to, and what is around it.
    """

    query: str
    part: Slice
    where: Mapping[str, Sequence[Condition]]
    columns: Mapping[str, Columns]
    worker: UUID | None = None


def _works(person_id: UUID) -> list[ColumnElement[Any]]:
    """The tasks of a person, what is around them, and how many comments are on them; a few of each."""
    link, comment = m.TaskPersonLink, m.Comment
    own = link.person_id == person_id
    few = select(link.task_id).where(own).limit(FEW + 1).subquery()
    said = select(comment.id).join(link, link.task_id == comment.object_id).where(own).limit(FEW + 1)
    return [
        select(func.array_agg(few.c.task_id, type_=ARRAY(Uuid))).scalar_subquery(),
        near_work_of(person_id, FEW + 1).scalar_subquery(),
        select(func.count()).select_from(said.subquery()).scalar_subquery(),
    ]


def _types(words: Sequence[str]) -> ColumnElement[Any]:
    """Types that say a word of the query, each with whether it says the first, the second, and so on."""
    name = m.TaskType.name
    said = [says(name, null(), word) for word in words]
    rows = func.json_agg(func.json_build_array(m.TaskType.id, *said))
    return cast(select(rows).where(or_(*said)).scalar_subquery(), Text)


class Search:
    """Looks for words."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def scout(self, query: str, worker: UUID | None) -> Ground:
        """Look where to search, and say for the rest of the transaction how much must be alike.

        Plans are made for the words at hand: one for any word takes a letter for as rare as a name.
        """
        local: ColumnElement[bool] = literal_column("true")
        words = words_of(query)
        works = [] if worker is None else _works(worker)
        found = await self.session.execute(
            select(
                func.set_config("pg_trgm.word_similarity_threshold", threshold_of(query), local),
                func.set_config("plan_cache_mode", literal("force_custom_plan"), local),
                _types(words),
                *works,
            )
        )
        _, _, types, *own = found.one()
        known = {
            UUID(id): frozenset(word for word, says_it in zip(words, says_them, strict=True) if says_it)
            for id, *says_them in json.loads(types or "[]")
        }
        if not own:
            return Ground(known)
        task_ids, entity_ids, said = own[0] or [], own[1] or [], own[2]
        if len(task_ids) > FEW:
            return Ground(known)
        return Ground(known, task_ids, entity_ids, said <= FEW)

    async def find(self, wanted: Wanted, ground: Ground, *, forgiving: bool) -> dict[str, Found]:
        """A page of each kind of the rows that meet its conditions and say the query; or, forgiving,
        something like it."""
        found = {}
        if kinds := [kind for kind in wanted.where if kind in ENTITIES]:
            found = await entities.find(
                self.session,
                {kind: _whole(wanted, kind) for kind in kinds},
                wanted.query,
                wanted.columns[kinds[0]],
                wanted.part,
                near=ground.entity_ids,
                forgiving=forgiving,
            )
        for kind in wanted.where:
            if kind not in ENTITIES:
                found[kind] = await self._find_one(kind, wanted, ground, forgiving=forgiving)
        return {kind: found.get(kind, NOTHING) for kind in wanted.where}

    async def _find_one(self, kind: str, wanted: Wanted, ground: Ground, *, forgiving: bool) -> Found:
        where, columns = wanted.where[kind], wanted.columns[kind]
        asked = self.session, where, wanted.query, columns, wanted.part
        if kind == "tasks":
            return await tasks.find(*asked, near=ground.task_ids, types=ground.types, forgiving=forgiving)
        if kind == "comments":  # texts are too long to be spelt alike
            near = ground.task_ids if ground.few_comments else None
            return NOTHING if forgiving else await comments.find(*asked, near=near)
        return await self._find_texts(kind, wanted, forgiving=forgiving)

    async def _find_texts(self, kind: str, wanted: Wanted, *, forgiving: bool) -> Found:
        searched, query = SEARCHED[kind], wanted.query
        texts, model = searched.texts, searched.model
        assert texts is not None
        matching = texts.alike(query) if forgiving else texts.says(query)
        hits = (
            select(model.id, texts.order_by.label("name"), texts.last.label("last"))
            .where(matching, *wanted.where[kind])
            .subquery("hits")
        )
        order = [hits.c.last, *order_of(hits.c.name, query, forgiving=forgiving), hits.c.id]
        page = page_of(hits, order, wanted.part)
        return (await read(self.session, model, page, wanted.columns[kind])).get("", NOTHING)


def _whole(wanted: Wanted, kind: str) -> list[Condition]:
    of_kind = SEARCHED[kind].kind
    return [*([] if of_kind is None else [of_kind]), *wanted.where[kind]]
