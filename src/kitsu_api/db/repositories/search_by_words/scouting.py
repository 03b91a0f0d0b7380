"""What is looked up before a search, to know where to search."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.prepared import Statements
from kitsu_api.db.repositories.search_by_words.tasks import TypeWords
from kitsu_api.db.repositories.search_by_words.words import said, words_of


@dataclass(frozen=True)
class Ground:
    """What is known before a search."""

    types: TypeWords
    task_ids: list[UUID] | None = None
    """All tasks that the caller sees, if they are few; None else."""
    few_comments: bool = False


def _types() -> Any:
    """Types that say words of the query, each with the places of these words."""
    texts: Any = func.unnest(bindparam("words", type_=ARRAY(Text)))
    asked = texts.table_valued(column("text", Text), with_ordinality="place").render_derived()
    # each word is looked for in a type's words; these are worked out once for all
    wanted = select(func.kitsu_api_words(asked.c.text).label("words"), asked.c.place)
    words = wanted.cte("words").prefix_with("MATERIALIZED")
    names = select(m.TaskType.id, said(m.TaskType.name, null()).label("said"))
    types = names.cte("types").prefix_with("MATERIALIZED")
    rows = (
        select(types.c.id, func.json_agg(words.c.place).label("places"))
        .join(words, types.c.said.op("@@")(words.c.words))
        .group_by(types.c.id)
        .subquery()
    )
    return cast(select(func.json_object_agg(rows.c.id, rows.c.places)).scalar_subquery(), Text)


def _works(few: int) -> list[Any]:
    """The tasks of a person, and how many comments are on them; a few of each."""
    link, comment = m.TaskPersonLink, m.Comment
    own = link.person_id == bindparam("worker", type_=Uuid())
    limit: ColumnElement[int] = literal_column(str(few + 1))
    tasks = select(link.task_id).where(own).limit(limit).subquery()
    spoken = select(comment.id).join(link, link.task_id == comment.object_id).where(own).limit(limit)
    return [
        select(func.array_agg(tasks.c.task_id, type_=ARRAY(Uuid))).scalar_subquery(),
        select(func.count()).select_from(spoken.subquery()).scalar_subquery(),
    ]


_GROUND = Statements(lambda works, few: select(_types(), *(_works(few) if works else ())))


async def scout(session: AsyncSession, query: str, worker: UUID | None, few: int) -> Ground:
    """Look where to search. `few` is up to how many tasks and comments are few."""
    words = words_of(query)
    statement = _GROUND(worker is not None, few)
    types, *own = await statement.row(session, words=words, worker=worker)
    known = {
        UUID(id): frozenset(words[place - 1] for place in places)
        for id, places in json.loads(types or "{}").items()
    }
    if not own or len(own[0] or ()) > few:
        return Ground(known)
    return Ground(known, own[0] or [], own[1] <= few)


def is_worth(kinds: Sequence[str]) -> bool:
    """Whether what is looked up matters to any of the kinds."""
    return "tasks" in kinds or "comments" in kinds
