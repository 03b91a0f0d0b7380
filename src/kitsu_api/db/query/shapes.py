"""What rows show, as JSON that PostgreSQL puts together: fields, parts of documents, related rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, func, join, literal_column, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from kitsu_api.db.projection import Link
from kitsu_api.db.query.rows import Row, split
from kitsu_api.db.query.sources import ToMany
from kitsu_api.errors import BadRequest

Tree = dict[str, "Tree"]
"""Names of what is shown, and what is shown of each; nothing below stands for all of it."""

ONE: ColumnElement[Any] = literal_column('"one"')
NO_ROWS: ColumnElement[Any] = literal_column("'[]'::json")

MOST_OF_LISTS = 100
"""Rows of a page that show lists within lists."""


def tree_of(row: Row, paths: Iterable[str] | None) -> Tree:
    """Paths put together by what they have in common; without any, all fields of the row."""
    if paths is None:
        return {name: {} for name in row.names}
    tree: Tree = {}
    for path in paths:
        below, steps = tree, split(path)
        for step in steps:
            below = below.setdefault(step, {})
    return tree


def _document(row: Row, name: str, below: Tree, keys: tuple[str, ...] = ()) -> ColumnElement[Any]:
    """A document, or the chosen parts of it in their places."""
    if not below:
        return row.column(name, keys).shown
    parts: list[Any] = []
    for key, lower in below.items():
        parts += [key, _document(row, name, lower, (*keys, key))]
    return func.jsonb_build_object(*parts)


def columns_of(row: Row, tree: Tree) -> list[ColumnElement[Any]]:
    """The labelled columns that show a tree of fields.

    Raises:
        BadRequest: a path leads nowhere.
        Forbidden: the caller may not read a field.
    """
    found: list[ColumnElement[Any]] = []
    for name, below in tree.items():
        if row.relation(name) is not None:
            found.append(_related(row, name, below or {"id": {}}).label(name))
        else:
            found.append(_document(row, name, below).label(name))
    return found


def _related(row: Row, name: str, tree: Tree) -> ColumnElement[Any]:
    """A relation's row as an object, or its rows as a list of them."""
    child, relation = row.child(name), row.relation(name)
    columns = columns_of(child, tree)
    if isinstance(relation, ToMany) and isinstance(relation.via, Link):
        return _paired(row, name, child, columns)
    table, belongs = row.leads_to(name, child)
    query = select(*columns).select_from(table).where(belongs).correlate(row.alias)
    if isinstance(relation, ToMany):
        query = query.order_by(child.alias.created_at, child.alias.id)
        rows = query.subquery("one")
        objects = func.coalesce(func.json_agg(ONE), NO_ROWS)
        return select(objects).select_from(rows).scalar_subquery()
    rows = query.subquery("one")
    return select(func.row_to_json(ONE)).select_from(rows).scalar_subquery()


def _paired(row: Row, name: str, child: Row, columns: list[ColumnElement[Any]]) -> ColumnElement[Any]:
    """The rows of a relation by pairs, as a list of objects.

    Each is looked up by its id. Without the fence (`OFFSET 0`) PostgreSQL joins the pairs of every single row
    with all people of the studio.
    """
    pair, own, met = row.paired(name, child)
    shown = select(*columns).correlate(child.alias).subquery("one")
    text = select(func.row_to_json(ONE)).select_from(shown).scalar_subquery()
    found = (
        select(text.label("object"), child.alias.created_at.label("made"), child.alias.id.label("id"))
        .where(met)
        .offset(literal_column("0"))
        .correlate(pair)
        .lateral("found")
    )
    objects = func.json_agg(aggregate_order_by(found.c.object, found.c.made, found.c.id))
    query = select(func.coalesce(objects, NO_ROWS)).select_from(join(pair, found, true())).where(own)
    return query.correlate(row.alias).scalar_subquery()


def lists_within_lists(row: Row, tree: Tree, within: bool = False) -> bool:
    """Whether a tree shows lists of rows that hold lists of rows: their lengths multiply."""
    for name, below in tree.items():
        relation = row.relation(name)
        if relation is None:
            continue
        many = isinstance(relation, ToMany)
        if many and within:
            return True
        if below and lists_within_lists(row.child(name), below, many or within):
            return True
    return False


def check_cost(row: Row, tree: Tree, limit: int) -> None:
    """Refuse long pages of rows whose lists hold lists.

    Raises:
        BadRequest: the page is too long for them.
    """
    if limit > MOST_OF_LISTS and lists_within_lists(row, tree):
        raise BadRequest(f"limit: rows that show lists within lists come at most {MOST_OF_LISTS} at a time.")
