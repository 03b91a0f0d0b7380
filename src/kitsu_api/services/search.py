"""Searching several kinds at once: spelt right where anything is, else what is spelt alike."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.projections import ENTITY, PERSON
from kitsu_api.db.repositories.search_by_words import Ground, Search, Wanted
from kitsu_api.db.repositories.search_by_words.kinds import SEARCHED, hit_columns
from kitsu_api.db.repositories.search_by_words.pages import NOTHING, Found, Slice
from kitsu_api.db.repositories.search_by_words.words import words_of
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.entity_scopes import shown_metadata
from kitsu_api.permissions.policies.persons import masked_of_people
from kitsu_api.permissions.search_scopes import found_by, sees_own_work_alone
from kitsu_api.schemas.search import Highlight, KindHits, SearchHit
from kitsu_api.services.highlights import highlight

Columns = Mapping[str, ColumnElement[Any]]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What to look for, and where. `limit` and `offset` are of each kind."""

    query: str
    kinds: Collection[str]
    limit: int
    offset: int
    project_id: UUID | None = None
    where: Mapping[str, Sequence[ColumnElement[bool]]] | None = None


def row_columns(actor: Actor, kind: str) -> Columns:
    """A hit as lists show it, without what the caller may not read."""
    if kind == "persons":
        return PERSON.columns(masked=masked_of_people(actor))
    columns = ENTITY.columns()
    metadata = shown_metadata(actor)
    return columns if metadata is None else {**columns, "data": metadata.label("data")}


def _wanted(actor: Actor, wish: Wish, columns: Mapping[str, Columns]) -> Wanted:
    where = {}
    for kind in wish.kinds:
        where[kind] = [found_by(actor, kind), *(wish.where or {}).get(kind, ())]
        if wish.project_id is not None:
            where[kind].append(SEARCHED[kind].of_project(wish.project_id))
    return Wanted(
        query=wish.query,
        part=Slice(wish.limit, wish.offset),
        where=where,
        columns=columns,
        worker=actor.id if sees_own_work_alone(actor) else None,
    )


async def find(
    session: AsyncSession, actor: Actor, wish: Wish, columns: Mapping[str, Columns]
) -> tuple[dict[str, Found], bool]:
    """Hits by kind, and whether they are only alike: so when no kind has a hit that says the words."""
    if not words_of(wish.query) or wish.limit == 0:
        return dict.fromkeys(wish.kinds, NOTHING), False
    search, wanted = Search(session), _wanted(actor, wish, columns)
    ground = await search.scout(wish.query, wanted.worker)
    found = await search.find(wanted, ground, forgiving=False)
    if any(hits.rows for hits in found.values()):
        return found, False
    if wish.offset and await _any_says(search, wanted, ground):
        return found, False  # beyond the last page
    return await search.find(wanted, ground, forgiving=True), True


async def _any_says(search: Search, wanted: Wanted, ground: Ground) -> bool:
    first = await search.find(replace(wanted, part=Slice(1, 0)), ground, forgiving=False)
    return any(hits.rows for hits in first.values())


async def find_rows(session: AsyncSession, actor: Actor, wish: Wish) -> bytes:
    """Whole rows by kind, as JSON; kinds without a hit are absent."""
    columns = {kind: row_columns(actor, kind) for kind in wish.kinds}
    found, _ = await find(session, actor, wish, columns)
    kinds = (f'"{kind}":[{",".join(hits.rows)}]' for kind, hits in found.items() if hits.rows)
    return ("{" + ",".join(kinds) + "}").encode()


async def find_hits(session: AsyncSession, actor: Actor, wish: Wish) -> tuple[dict[str, KindHits], bool]:
    """Hits of every kind with the places of the words, and whether they are only alike."""
    columns = {kind: hit_columns(SEARCHED[kind]) for kind in wish.kinds}
    found, forgiving = await find(session, actor, wish, columns)
    words = words_of(wish.query)
    return {
        kind: KindHits(
            total=hits.total,
            more=hits.more,
            hits=[_hit(json.loads(row), words, forgiving) for row in hits.rows],
        )
        for kind, hits in found.items()
    }, forgiving


def _hit(row: dict[str, Any], words: Sequence[str], forgiving: bool) -> SearchHit:
    text = row.pop("text")
    highlights = []
    for field, value in (("name", row["name"]), ("text", text)):
        shown, places = highlight(value or "", words, forgiving=forgiving)
        if places:
            highlights.append(Highlight(field=field, text=shown, ranges=places))
    return SearchHit(**row, highlights=highlights)
