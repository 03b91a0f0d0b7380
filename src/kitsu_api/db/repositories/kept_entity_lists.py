"""Lists of entities as statements that are kept, whatever the conditions and the columns of a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, bindparam, select

from kitsu_api.db import models as m
from kitsu_api.db.narrowed import Narrowed, Ready
from kitsu_api.db.projection import array_of, texts_of
from kitsu_api.db.repositories.entity_columns import Shape, columns_of

Condition = ColumnElement[bool]
Clause = ColumnElement[Any]


def narrowed(statements: Narrowed, where: Sequence[Condition], shape: Shape) -> Ready:
    """The kept statement of a list, whose columns are clauses of the request as its conditions are."""
    masked, kind, more = shape.get("masked_where"), shape.get("type_name"), shape.get("more") or {}
    columns = {
        "masked_where": masked,
        "type_name": kind,
        **{f"more {name}": one for name, one in more.items()},
    }
    given = {name: one for name, one in columns.items() if one is not None}
    departments = tuple(sorted(shape.get("departments", ()))) if masked is not None else ()
    plain = (tuple(shape.get("names", ())), departments, shape.get("relations", False))
    return statements([*given.values(), *where], tuple(given), *plain)


def _entities(
    clauses: Sequence[Clause],
    given: tuple[str, ...],
    names: tuple[str, ...],
    departments: tuple[UUID, ...],
    relations: bool,
) -> Select[Any]:
    """Entities that meet the conditions which come after the columns that were `given`."""
    columns = dict(zip(given, clauses, strict=False))
    shape: Shape = {
        "names": names,
        "masked_where": columns.pop("masked_where", None),
        "departments": departments,
        "type_name": columns.pop("type_name", None),
        "relations": relations,
        "more": {name.removeprefix("more "): column for name, column in columns.items()},
    }
    return select(*columns_of(**shape).values()).where(*clauses[len(given) :])


_OLDEST_FIRST = (m.Entity.created_at, m.Entity.id)
LISTED = Narrowed(lambda *wish: array_of(_entities(*wish).order_by(*_OLDEST_FIRST)))
PIECES = Narrowed(lambda *wish: texts_of(_entities(*wish).order_by(*_OLDEST_FIRST)))
PAGED = Narrowed(
    lambda *wish: array_of(
        _entities(*wish)
        .order_by(*(column.desc() for column in _OLDEST_FIRST))
        .limit(bindparam("limit", type_=Integer()))
        .offset(bindparam("offset", type_=BigInteger()))
    )
)
"""All of them; a row for each of them; a page (`limit`, `offset`) of the newest first."""
