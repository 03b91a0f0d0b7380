"""Comments by the words in them, the newest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal_column, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

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
from kitsu_api.db.repositories.search_by_words.words import Condition, any_of, says

NEWEST = 400
"""Comments that are looked at before an index is asked. A word that is in every tenth of them fills a page
so; by the index, all that hold it would have to be found and put in order first."""


async def find(
    session: AsyncSession,
    where: Sequence[Condition],
    query: str,
    columns: Columns,
    part: Slice,
    *,
    near: Collection[UUID] | None,
) -> Found:
    """A page of those that meet all conditions; `near` are the ids of the tasks that the
    caller sees, if few comments are on them."""
    page = _of_few(where, query, part, near) if near is not None else _of_many(where, query, part)
    return (await read(session, m.Comment, page, columns)).get("", NOTHING)


def _of_few(where: Sequence[Condition], query: str, part: Slice, task_ids: Collection[UUID]) -> Any:
    comment = m.Comment
    few = (
        select(comment.id, comment.created_at, comment.text)
        .where(any_of(comment.object_id, task_ids), *where)
        .offset(literal_column("0"))
        .subquery("few")
    )
    hits = select(few).where(says(few.c.text, null(), query)).subquery("hits")
    return page_of(hits, [hits.c.created_at.desc(), hits.c.id.desc()], part)


def _of_many(where: Sequence[Condition], query: str, part: Slice) -> Any:
    """The page out of the newest comments if they fill it, else out of all."""
    comment: Any = m.Comment
    newest = (
        select(comment.id, comment.text)
        .order_by(comment.created_at.desc(), comment.id.desc())
        .limit(NEWEST)
        .subquery("newest")
    )
    columns = comment.id, comment.created_at
    near = (
        select(*columns)
        .join(newest, newest.c.id == comment.id)
        .where(says(newest.c.text, null(), query), *where)
        .cte("near")
        .prefix_with("MATERIALIZED")
    )
    enough = select(func.count() > part.end).select_from(near).scalar_subquery()
    hits = union_all(
        select(near).where(enough),
        select(*columns).where(enough.is_(False), says(comment.text, null(), query), *where),
    ).subquery("hits")
    page = select(
        hits.c.id,
        NO_KIND.label("kind"),
        func.row_number().over(order_by=[hits.c.created_at.desc(), hits.c.id.desc()]).label("place"),
        func.count().over().label("total"),
        enough.label("more"),
    )
    return fenced(page.order_by(literal_column("place")).limit(part.limit).offset(part.offset))
