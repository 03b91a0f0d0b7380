"""Comments by the words in them, the newest first.

How many comments say a word is not known before, and each way is slow for some: by the index, all that say a
frequent word would have to be found and put in order; one after the other, the newest first, a rare one is
not met for long. A few of the newest tell which it is.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    not_,
    null,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.prepared import Statements
from kitsu_api.db.repositories.search_by_words.pages import (
    END,
    FENCE,
    LIMIT,
    NO_KIND,
    NO_MORE,
    NOTHING,
    OFFSET,
    Found,
    Sight,
    Wanted,
    fenced,
    found_in,
    shown,
)
from kitsu_api.db.repositories.search_by_words.words import says

NEWEST = 400
"""Comments that are looked at for a frequent word before all that say it are put in order: a word that is in
every tenth of them fills a page so."""

EVERY = 10
"""Every tenth of the newest comments is a sample: a word that one of these says is taken for frequent."""

RARE = 400
"""As many comments are looked at one by one: whether the caller sees them is asked for each, not found out
for all comments there are."""

Part = tuple[Any, ColumnElement[bool]]
"""Rows of hits, and whether they are wanted: else PostgreSQL leaves them out without looking for them."""


def _newest(count: int) -> Any:
    comment = m.Comment
    return (
        select(comment.id, comment.text)
        .order_by(comment.created_at.desc(), comment.id.desc())
        .limit(count)
        .subquery()
    )


def _once(query: Any, name: str) -> Any:
    return query.cte(name).prefix_with("MATERIALIZED")


def _frequent() -> Any:
    newest = _newest(NEWEST)
    numbered = select(newest.c.text, func.row_number().over().label("number")).subquery()
    sample = select(numbered.c.text).where(numbered.c.number % EVERY == 0).offset(FENCE).subquery()
    said = exists(select(sample.c.text).where(says(sample.c.text, null())))
    return select(_once(select(said.label("yes")), "frequent").c.yes).scalar_subquery()


def _rare(unless: Any) -> tuple[Any, ColumnElement[bool]]:
    """Comments that say the words, up to one more than there are of a rare one, and whether they are rare."""
    comment = m.Comment
    said = select(comment.id).where(not_(unless), says(comment.text, null()))
    found = _once(said.limit(RARE + 1).offset(FENCE), "rare")
    are_all = select(func.count() <= RARE).select_from(found).scalar_subquery()
    rare = _once(select(and_(not_(unless), are_all).label("yes")), "is_rare")
    return found, select(rare.c.yes).scalar_subquery()


def _hits(*parts: Part) -> Any:
    return union_all(*(rows.where(wanted) for rows, wanted in parts)).subquery("hits")


def _page(hits: Any, more: Any) -> Any:
    newest = [hits.c.created_at.desc(), hits.c.id.desc()]
    first = (
        select(hits.c.id, hits.c.created_at).order_by(*newest).limit(LIMIT).offset(OFFSET).subquery("first")
    )
    total = select(func.count()).select_from(hits).scalar_subquery()
    return fenced(
        select(
            first.c.id,
            NO_KIND.label("kind"),
            func.row_number().over(order_by=[first.c.created_at.desc(), first.c.id.desc()]).label("place"),
            total.label("total"),
            more.label("more"),
        )
    )


def _of_all(sight: Sight) -> Any:
    """The page out of the newest comments if they fill it, else out of all."""
    comment: Any = m.Comment
    columns, said = (comment.id, comment.created_at), says(comment.text, null())
    where, where_few = sight.where("comments"), sight.where_few("comments")
    newest = _newest(NEWEST)
    rare, is_rare = _rare(_frequent())
    near = _once(
        select(*columns)
        .join(newest, newest.c.id == comment.id)
        .where(not_(is_rare), says(newest.c.text, null()), *where_few),
        "near",
    )
    enough = select(func.count() > END).select_from(near).scalar_subquery()
    every = _once(
        _hits(
            (select(*columns).join(rare, rare.c.id == comment.id).where(*where_few), is_rare),
            (select(near), enough),
            (select(*columns).where(said, *where), and_(not_(is_rare), not_(enough))),
        ).select(),
        "every",
    )
    return shown(comment, _page(every, enough), sight.columns("comments"))


def _of_few(sight: Sight) -> Any:
    """The page out of comments on a few tasks: by the index for a rare word, else one after the other."""
    comment: Any = m.Comment
    columns, where_few = (comment.id, comment.created_at), sight.where_few("comments")
    rare, is_rare = _rare(_frequent())
    few = (
        select(*columns, comment.text)
        .where(comment.object_id == func.any(bindparam("near", type_=ARRAY(Uuid))), *where_few)
        .offset(FENCE)
        .subquery("few")
    )
    every = _once(
        _hits(
            (select(*columns).join(rare, rare.c.id == comment.id).where(*where_few), is_rare),
            (select(few.c.id, few.c.created_at).where(says(few.c.text, null())), not_(is_rare)),
        ).select(),
        "every",
    )
    return shown(comment, _page(every, NO_MORE), sight.columns("comments"))


def _statement(sight: Sight, few: bool, *_: int) -> Any:
    return _of_few(sight) if few else _of_all(sight)


_FOUND = Statements(_statement)


async def find(session: AsyncSession, wanted: Wanted, near: list[UUID] | None) -> Found:
    """A page; `near` are the ids of the tasks that the caller sees, if few comments are on them."""
    statement = _FOUND(wanted.sight, near is not None, NEWEST, EVERY, RARE)
    rows = await statement.rows(session, **wanted.parameters, near=near or [])
    return found_in(rows).get("", NOTHING)
