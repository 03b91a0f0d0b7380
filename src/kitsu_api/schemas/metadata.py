"""Columns that a production adds to its entities."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Integer, JsonDocument, OptionalId, Payload, RecordRead, Text


class MetadataDescriptorRead(RecordRead):
    """A metadata descriptor."""

    project_id: UUID
    entity_type: str
    name: str
    data_type: (
        Literal[
            "string", "number", "list", "taglist", "boolean", "checklist", "date", "url", "textarea", "person"
        ]
        | None
    ) = None
    field_name: str
    choices: JsonDocument = None
    for_client: bool | None = None
    position: int | None = None
    task_type_id: UUID | None = None
    departments: list[UUID] | None = None


class MetadataDescriptorCreate(Payload):
    """A metadata descriptor to make."""

    project_id: UUID
    entity_type: Annotated[Text, Field(max_length=60)]
    name: Annotated[Text, Field(max_length=120)]
    data_type: (
        Literal[
            "string", "number", "list", "taglist", "boolean", "checklist", "date", "url", "textarea", "person"
        ]
        | None
    ) = None
    field_name: Annotated[Text, Field(max_length=120)]
    choices: JsonDocument = None
    for_client: bool | None = None
    position: Integer | None = None
    task_type_id: OptionalId = None
    departments: list[UUID] | None = None


class MetadataDescriptorUpdate(Payload):
    """What may change of a metadata descriptor; what is absent stays."""

    project_id: OptionalId = None
    entity_type: Annotated[Text, Field(max_length=60)] | None = None
    name: Annotated[Text, Field(max_length=120)] | None = None
    data_type: (
        Literal[
            "string", "number", "list", "taglist", "boolean", "checklist", "date", "url", "textarea", "person"
        ]
        | None
    ) = None
    field_name: Annotated[Text, Field(max_length=120)] | None = None
    choices: JsonDocument = None
    for_client: bool | None = None
    position: Integer | None = None
    task_type_id: OptionalId = None
    departments: list[UUID] | None = None
