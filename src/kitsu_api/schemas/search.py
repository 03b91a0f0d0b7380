"""Full-text search."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import OptionalId, Payload, Schema, Text
from kitsu_api.schemas.entities import EntityRead
from kitsu_api.schemas.persons import PersonRead

Kind = Literal["assets", "shots", "sequences", "episodes", "persons", "tasks", "comments", "playlists"]


class SearchQuery(Payload):
    """What to look for, and where."""

    query: Annotated[Text, Field(max_length=1000)]
    project_id: OptionalId = Field(default=None, description="Only in this production.")
    limit: Annotated[int, Field(ge=0, le=100, description="Hits of each kind.")] = 3
    offset: Annotated[int, Field(ge=0, le=10_000, description="Hits of each kind to leave out.")] = 0
    index_names: tuple[Literal["assets", "shots", "persons"], ...] = ("assets", "shots", "persons")
    entity_types: list[UUID] | None = Field(default=None, description="Only entities of these types.")


class SearchResults(Schema):
    """Hits by kind, the best first. A kind without hits is absent."""

    assets: list[EntityRead] | None = None
    shots: list[EntityRead] | None = None
    persons: list[PersonRead] | None = None


class Highlight(Schema):
    """Where the words are in a part of a hit."""

    field: Literal["name", "text"]
    text: str = Field(description="The text, or a part of it. It is as people wrote it: escape it.")
    ranges: list[tuple[int, int]] = Field(description="First character of a find, and the one after it.")


class SearchHit(Schema):
    """Something that was found."""

    id: UUID
    name: str | None = Field(default=None, description="With what it lies in: `E01 / SQ01 / SH010`.")
    project_id: UUID | None = None
    project_name: str | None = None
    preview_file_id: UUID | None = None
    highlights: list[Highlight]


class KindHits(Schema):
    """Hits of one kind."""

    total: int = Field(description="Hits in all pages; 0 for a page beyond the last.")
    more: bool = Field(
        default=False,
        description="Whether there are more than `total`: what is everywhere is not counted to its end.",
    )
    hits: list[SearchHit]


class AllHits(Schema):
    """Hits of all kinds, the best first."""

    query: str
    alike: bool = Field(description="True when nothing says the words, and hits are only spelt alike.")
    limit: int = Field(description="Hits of each kind.")
    offset: int
    results: dict[Kind, KindHits]
