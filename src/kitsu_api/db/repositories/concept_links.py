"""What refers to which concept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from kitsu_api.db.models import EntityConceptLink


def linked_to_concept(concept_id: UUID) -> Select[Any]:
    """The ids of the entities that refer to a concept."""
    return select(EntityConceptLink.entity_in_id).where(EntityConceptLink.entity_out_id == concept_id)
