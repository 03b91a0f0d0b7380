"""Searching several kinds at once: spelt right where anything is, else what is spelt alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.marks import mark, parametrised
from kitsu_api.db.projections import ENTITY, PERSON
from kitsu_api.db.repositories.entity_lists import of_types as of_entity_types
from kitsu_api.db.repositories.search_by_words import Search
from kitsu_api.db.repositories.search_by_words.kinds import SEARCHED, hit_columns
from kitsu_api.db.repositories.search_by_words.pages import NOTHING, Found, Sight, Slice, Wanted
from kitsu_api.db.repositories.search_by_words.scouting import Ground
from kitsu_api.db.repositories.search_by_words.words import words_of
from kitsu_api.db.scopes import Rows
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.entity_scopes import shown_metadata
from kitsu_api.permissions.policies.persons import masked_of_people
from kitsu_api.permissions.search_scopes import ASKED, found_by, sees_own_work_alone
from kitsu_api.permissions.standing import Standing, stand_in, standing_of
from kitsu_api.schemas.search import Highlight, KindHits, SearchHit
from kitsu_api.services.highlights import highlight

Columns = Mapping[str, ColumnElement[Any]]

OF_ENTITY_TYPES = ("assets", "shots")
"""Kinds that a search can narrow to some types of entities."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What to look for, and where. `limit` and `offset` are of each kind."""

    query: str
    kinds: Collection[str]
    limit: int
    offset: int
    project_id: UUID | None = None
    entity_types: Collection[UUID] | None = None
    """The types that assets and shots may be of; None for all."""


def row_columns(actor: Actor, kind: str) -> Columns:
    """A hit as lists show it, without what the caller may not read."""
    if kind == "persons":
        return PERSON.columns(masked=masked_of_people(actor))
    columns = ENTITY.columns()
    metadata = shown_metadata(actor)
    return columns if metadata is None else {**columns, "data": metadata.label("data")}


def _parametrised_rows(actor: Actor, kind: str) -> Columns:
    columns = row_columns(actor, kind)
    return {name: parametrised(column) if name == "data" else column for name, column in columns.items()}


def _hit_columns(actor: Actor, kind: str) -> Columns:
    return hit_columns(SEARCHED[kind])


def _sight(standing: Standing, wish: Wish, columns: Callable[[Actor, str], Columns]) -> Sight:
    """What everybody who stands so may find. What is made here is kept: nothing of the caller is in it."""
    in_project, of_types = wish.project_id is not None, wish.entity_types is not None

    def narrowed(kind: str) -> list[ColumnElement[bool]]:
        conditions = [SEARCHED[kind].of_project(mark("project"))] if in_project else []
        if of_types and kind in OF_ENTITY_TYPES:
            conditions.append(of_entity_types([mark("types")]))
        return conditions

    def where(rows: Rows, kind: str) -> list[ColumnElement[bool]]:
        conditions = [found_by(stand_in(standing), kind, rows), *narrowed(kind)]
        return [parametrised(condition) for condition in conditions]

    return Sight(
        key=(standing, in_project, of_types, columns),
        where=partial(where, Rows.MANY),
        where_few=partial(where, Rows.FEW),
        columns=lambda kind: columns(stand_in(standing), kind),
    )


def _wanted(actor: Actor, wish: Wish, columns: Callable[[Actor, str], Columns]) -> Wanted:
    standing, values = standing_of(actor, ASKED)
    return Wanted(
        query=wish.query,
        kinds=tuple(wish.kinds),
        part=Slice(wish.limit, wish.offset),
        sight=_sight(standing, wish, columns),
        values={**values, "project": wish.project_id, "types": list(wish.entity_types or ())},
        worker=actor.id if sees_own_work_alone(actor) else None,
    )


async def find(
    session: AsyncSession, actor: Actor, wish: Wish, columns: Callable[[Actor, str], Columns]
) -> tuple[dict[str, Found], bool]:
    """Hits by kind, and whether they are only alike: so when no kind has a hit that says the words."""
    if not words_of(wish.query) or wish.limit == 0:
        return dict.fromkeys(wish.kinds, NOTHING), False
    search, wanted = Search(session), _wanted(actor, wish, columns)
    ground = await search.scout(wanted)
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
    found, _ = await find(session, actor, wish, _parametrised_rows)
    kinds = (f'"{kind}":[{",".join(hits.rows)}]' for kind, hits in found.items() if hits.rows)
    return ("{" + ",".join(kinds) + "}").encode()


async def find_hits(session: AsyncSession, actor: Actor, wish: Wish) -> tuple[dict[str, KindHits], bool]:
    """Hits of every kind with the places of the words, and whether they are only alike."""
    found, forgiving = await find(session, actor, wish, _hit_columns)
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
