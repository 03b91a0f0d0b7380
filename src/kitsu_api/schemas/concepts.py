"""Concepts and their folders, as answers show them and as clients send them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import JsonDocument, JsonObject, OptionalId, Payload, Text
from kitsu_api.schemas.entities import EntityName, EntityRead
from kitsu_api.schemas.shots import ShotTask


class NewConcept(Payload):
    """A concept to add to a production."""

    name: EntityName
    description: Text | None = None
    data: JsonObject | None = None
    entity_concept_links: list[UUID] | None = Field(
        default=None, max_length=10_000, description="Entities that it is drawn for."
    )
    parent_id: OptionalId = Field(default=None, description="Folder that it lies in.")


class ConceptRead(EntityRead):
    """A concept, with the entities that it is drawn for."""

    entity_concept_links: list[UUID]


class ListedConcept(ConceptRead):
    """A concept of a list, with the name of its production."""

    project_name: str


class ConceptWithTasks(ConceptRead):
    """A concept, with its tasks and the names of what it refers to."""

    project_name: str
    preview_file_status: str | None = Field(default=None, description="Whether its picture is ready.")
    fps: JsonDocument = None
    frame_in: JsonDocument = None
    frame_out: JsonDocument = None
    tasks: list[ShotTask]


class ConceptFolderName(Payload):
    """What a folder of concepts is called."""

    name: EntityName


class ConceptMove(Payload):
    """Concepts to put into a folder."""

    concept_ids: Annotated[list[UUID], Field(max_length=100_000)]
    concept_folder_id: OptionalId = Field(default=None, description="None: out of all folders.")
