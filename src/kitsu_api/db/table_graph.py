"""How tables refer to each other, and what tells their rows apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Table, UniqueConstraint

from kitsu_api.db import models as m
from kitsu_api.db.base import Base

NATURAL_KEYS: Mapping[str, tuple[str, ...]] = {
    m.EntityType.__tablename__: ("name",),
    m.OutputType.__tablename__: ("name",),
    m.Person.__tablename__: ("email",),
    m.ProjectStatus.__tablename__: ("name",),
    m.TaskStatus.__tablename__: ("name", "for_concept"),
}
"""What tells rows of the studio's library apart where the table has no constraint that says so."""


@dataclass(frozen=True)
class Reference:
    """A column of a table that holds the id of a row of another."""

    table: Table
    column: Column[Any]
    target: Table


@cache
def references() -> tuple[Reference, ...]:
    """All references between tables."""
    return tuple(
        Reference(table, constraint.columns[0], constraint.elements[0].column.table)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, ForeignKeyConstraint) and len(constraint.columns) == 1
    )


@cache
def references_of(table: Table) -> tuple[Reference, ...]:
    """The references that rows of a table hold."""
    return tuple(reference for reference in references() if reference.table is table)


@cache
def references_to(table: Table) -> tuple[Reference, ...]:
    """The references that other rows hold to those of a table."""
    return tuple(reference for reference in references() if reference.target is table)


@cache
def ordered_tables() -> tuple[Table, ...]:
    """All tables, those that others refer to first, as far as circles allow."""
    return tuple(Base.metadata.sorted_tables)


@cache
def late_columns(table: Table) -> frozenset[str]:
    """Columns that refer to rows which come with the same table or later: they are set once all are there."""
    order = ordered_tables()
    place = order.index(table)
    return frozenset(
        reference.column.name
        for reference in references_of(table)
        if order.index(reference.target) >= place and reference.column.nullable
    )


@cache
def unique_keys(table: Table) -> tuple[tuple[str, ...], ...]:
    """The columns that no two rows of a table share, of each constraint."""
    found = [
        tuple(column.name for column in constraint.columns)
        for constraint in sorted(table.constraints, key=lambda constraint: str(constraint.name))
        if isinstance(constraint, UniqueConstraint)
    ]
    if (natural := NATURAL_KEYS.get(table.name)) is not None:
        found.append(tuple(name for name in natural if name in table.columns))
    return tuple(dict.fromkeys(found))
