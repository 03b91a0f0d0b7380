"""Rows found by the words in them, the best first, within what a caller may see.

The scope is a condition of the search itself: pages are full, and totals count nothing hidden. All statements
are kept; what is known of a query before says which of them is sent.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.prepared import Statements
from kitsu_api.db.repositories.search_by_words import comments, entities, scouting, tasks
from kitsu_api.db.repositories.search_by_words.kinds import SEARCHED
from kitsu_api.db.repositories.search_by_words.pages import (
    NOTHING,
    Found,
    Sight,
    Wanted,
    found_in,
    page_of,
    shown,
)
from kitsu_api.db.repositories.search_by_words.scouting import Ground
from kitsu_api.db.repositories.search_by_words.words import has_parts, names_of, order_of, threshold_of

FEW = 500
"""Tasks, and comments on them, that are looked at one by one, not picked out of all that say a word."""


def _texts(sight: Sight, kind: str, forgiving: bool, parts: bool) -> Any:
    """A page of a kind whose own words are all that there is to it."""
    searched = SEARCHED[kind]
    texts, model = searched.texts, searched.model
    assert texts is not None
    matching = texts.alike(parts) if forgiving else texts.says()
    hits = (
        select(model.id, *names_of(texts.order_by), texts.last.label("last"))
        .where(matching, *sight.where(kind))
        .subquery("hits")
    )
    order = [hits.c.last, *order_of(hits.c, forgiving=forgiving), hits.c.id]
    return shown(model, page_of(hits, order), sight.columns(kind))


_TEXTS = Statements(_texts)


class Search:
    """Looks for words."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def scout(self, wanted: Wanted) -> Ground:
        """Look where to search."""
        if not scouting.is_worth(wanted.kinds):
            return Ground({})
        return await scouting.scout(self.session, wanted.query, wanted.worker, FEW)

    async def find(self, wanted: Wanted, ground: Ground, *, forgiving: bool) -> dict[str, Found]:
        """A page of each kind of the rows that meet its conditions and say the query; or, forgiving,
        something like it."""
        if forgiving:
            await self._forgive(wanted.query)
        found = {}
        if kinds := [kind for kind in wanted.kinds if kind in entities.KINDS]:
            found = await entities.find(self.session, wanted, kinds, forgiving=forgiving)
        for kind in wanted.kinds:
            if kind not in entities.KINDS:
                found[kind] = await self._find_one(kind, wanted, ground, forgiving=forgiving)
        return {kind: found.get(kind, NOTHING) for kind in wanted.kinds}

    async def _forgive(self, query: str) -> None:
        """Say for the rest of the transaction how much must be alike."""
        local: ColumnElement[bool] = literal_column("true")
        await self.session.execute(
            select(func.set_config("pg_trgm.word_similarity_threshold", threshold_of(query), local))
        )

    async def _find_one(self, kind: str, wanted: Wanted, ground: Ground, *, forgiving: bool) -> Found:
        if kind == "tasks":
            return await tasks.find(self.session, wanted, ground.task_ids, ground.types, forgiving=forgiving)
        if kind == "comments":  # texts are too long to be spelt alike
            near = ground.task_ids if ground.few_comments else None
            return NOTHING if forgiving else await comments.find(self.session, wanted, near)
        parts = forgiving and has_parts(wanted.query)
        statement = _TEXTS(wanted.sight, kind, forgiving, parts)
        return found_in(await statement.rows(self.session, **wanted.parameters)).get("", NOTHING)
