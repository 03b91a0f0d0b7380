"""Full-text search."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import OptionalId, Payload, Schema, Text
from kitsu_api.schemas.entities import EntityRead
from kitsu_api.schemas.persons import PersonRead


class SearchQuery(Payload):
    """What to look for, and where."""

    query: Annotated[Text, Field(max_length=1000)]
    project_id: OptionalId = Field(default=None, description="Only in this production.")
    limit: Annotated[int, Field(ge=0, le=100, description="Hits of each kind.")] = 3
    offset: Annotated[int, Field(ge=0, le=10_000, description="Hits of each kind to leave out.")] = 0
    index_names: tuple[Literal["assets", "shots", "persons"], ...] = ("assets", "shots", "persons")
    entity_types: list[UUID] | None = Field(default=None, description="Only entities of these types.")


class SearchResults(Schema):
    """Hits by kind, the best first. A kind that no index answers for is absent."""

    assets: list[EntityRead] | None = None
    shots: list[EntityRead] | None = None
    persons: list[PersonRead] | None = None
