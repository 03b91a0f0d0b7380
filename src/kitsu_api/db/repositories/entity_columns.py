"""How entities of lists are shown: their columns, and what is added to them or kept back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, Text, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.projections import ENTITY, NAMED_KINDS

Condition = ColumnElement[bool]

_PROJECT = aliased(m.Project)
_OTHER = aliased(m.Entity)


class Shape(TypedDict, total=False):
    """How entities of a list are shown."""

    names: Sequence[str]
    """Adds the names of `project` and `sequence`."""
    masked_where: Condition | None
    """Rows that meet it show the metadata of `departments` alone."""
    departments: Collection[UUID]
    type_name: ColumnElement[Any] | None
    relations: bool
    more: Mapping[str, ColumnElement[Any]] | None
    """More columns."""


def columns_of(
    *,
    names: Sequence[str] = (),
    masked_where: Condition | None = None,
    departments: Collection[UUID] = (),
    type_name: ColumnElement[Any] | None = None,
    relations: bool = False,
    more: Mapping[str, ColumnElement[Any]] | None = None,
) -> dict[str, Any]:
    """The columns of a list of this shape."""
    columns: dict[str, Any] = dict(ENTITY.columns(relations=relations))
    if masked_where is not None:
        data = case((masked_where, open_metadata(departments)), else_=m.Entity.data)
        columns["data"] = data.label("data")
    if type_name is not None:
        columns["type"] = type_name.label("type")
    if "project" in names:
        columns["project_name"] = name_of_project().label("project_name")
    if "sequence" in names:
        columns["sequence_name"] = name_of_entity(m.Entity.parent_id).label("sequence_name")
    for name, column in (more or {}).items():
        columns[name] = column.label(name)
    return columns


def open_metadata(departments: Collection[UUID]) -> ColumnElement[Any]:
    """The metadata of an entity without the columns that are for other departments than these."""
    descriptor, link, mine = (
        aliased(m.MetadataDescriptor),
        aliased(m.DepartmentMetadataDescriptorLink),
        aliased(m.DepartmentMetadataDescriptorLink),
    )
    restricted = select(link.metadata_descriptor_id).where(link.metadata_descriptor_id == descriptor.id)
    granted = select(mine.metadata_descriptor_id).where(
        mine.metadata_descriptor_id == descriptor.id, mine.department_id.in_(list(departments))
    )
    kind = aliased(m.EntityType)
    name = case((kind.name.in_(NAMED_KINDS), kind.name), else_="Asset")
    kind_of_entity = select(name).where(kind.id == m.Entity.entity_type_id).correlate(m.Entity)
    fields = func.array_agg(cast(descriptor.field_name, Text), type_=ARRAY(Text))
    hidden = (
        select(func.coalesce(fields, cast(literal("{}", Text), ARRAY(Text))))
        .where(
            descriptor.project_id == m.Entity.project_id,
            descriptor.entity_type == kind_of_entity.scalar_subquery(),
            restricted.exists(),
            ~granted.exists(),
        )
        .correlate(m.Entity)
        .scalar_subquery()
    )
    shown = m.Entity.data.op("-", return_type=JSONB)(hidden)
    return case((func.jsonb_typeof(m.Entity.data) == "object", shown), else_=cast(literal("{}"), JSONB))


def metadata_for(departments: Collection[UUID] | None) -> ColumnElement[Any]:
    """All metadata, or only what these departments may read."""
    if departments is not None:
        return open_metadata(departments)
    return func.coalesce(m.Entity.data, cast(literal("{}"), JSONB))


def name_of_project() -> ColumnElement[Any]:
    """The name of the production of an entity."""
    return select(_PROJECT.name).where(_PROJECT.id == m.Entity.project_id).scalar_subquery()


def name_of_entity(id: Any) -> ColumnElement[Any]:
    """The name of the entity of an id."""
    return select(_OTHER.name).where(_OTHER.id == id).correlate_except(_OTHER).scalar_subquery()
