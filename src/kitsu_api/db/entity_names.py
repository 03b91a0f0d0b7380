"""Entities as people call them: `E01 / SQ01 / SH010`, `Props / Tree`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.prepared import built_once

ALONE = ("Episode", "Concept", "ConceptFolder")
"""Kinds that have no place in their name."""

HELD = ("Shot", "Sequence", "Scene", "Edit")
"""Kinds whose place is what holds them; the place of the others is their type."""


@built_once
def full_name(entity_id: Any) -> ColumnElement[Any]:
    """The name of an entity after the names of what holds it, or after its type when it is an asset."""
    entity, kind = aliased(m.Entity), aliased(m.EntityType)
    holder, above = aliased(m.Entity), aliased(m.Entity)
    separator = " / "
    name = case(
        (kind.name.in_(ALONE), entity.name),
        (kind.name.in_(HELD), func.concat_ws(separator, above.name, holder.name, entity.name)),
        else_=func.concat_ws(separator, kind.name, entity.name),
    )
    return (
        select(name)
        .select_from(entity)
        .join(kind, kind.id == entity.entity_type_id)
        .outerjoin(holder, holder.id == entity.parent_id)
        .outerjoin(above, above.id == holder.parent_id)
        .where(entity.id == entity_id)
        .correlate_except(entity, kind, holder, above)
        .scalar_subquery()
    )


@built_once
def episode_of(entity_id: Any) -> ColumnElement[Any]:
    """The episode that an entity lies in: by its sequence, directly, or as the one it was made for."""
    entity, holder, kind = aliased(m.Entity), aliased(m.Entity), aliased(m.EntityType)
    found = case(
        (kind.name == "Episode", holder.id),
        (kind.name == "Sequence", holder.parent_id),
        else_=entity.source_id,
    )
    return (
        select(found)
        .select_from(entity)
        .outerjoin(holder, holder.id == entity.parent_id)
        .outerjoin(kind, kind.id == holder.entity_type_id)
        .where(entity.id == entity_id)
        .correlate_except(entity, holder, kind)
        .scalar_subquery()
    )
