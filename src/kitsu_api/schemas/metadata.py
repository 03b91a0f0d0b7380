"""Columns that a production adds to its entities."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, RootModel

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


DataType = Literal[
    "string", "number", "list", "taglist", "boolean", "checklist", "date", "url", "textarea", "person"
]
DescribedType = Literal["Asset", "Shot", "Edit", "Episode", "Sequence", "Scene", "Concept", "Project", "Task"]
"""What a production may add columns to."""

ColumnName = Annotated[Text, Field(min_length=1, max_length=120, pattern=r"\S")]
Departments = Annotated[
    list[UUID], Field(max_length=1000, description="Who the column is for; none: everybody.")
]
Choices = Annotated[list[JsonDocument], Field(max_length=1000)]


class NewDescriptor(Payload):
    """A metadata column for a production."""

    entity_type: DescribedType = "Asset"
    task_type_id: OptionalId = Field(default=None, description="For columns of tasks: which tasks.")
    name: ColumnName
    data_type: DataType
    choices: Choices = Field(default_factory=list)
    for_client: bool = False
    departments: Departments = Field(default_factory=list)


class NewSharedDescriptor(NewDescriptor):
    """A metadata column for all productions that run."""

    entity_type: DescribedType = "Project"


class DescriptorChange(Payload):
    """A metadata column as it shall be: without choices and departments it has none; the name may stay."""

    name: ColumnName | None = None
    data_type: DataType | None = None
    choices: Choices = Field(default_factory=list)
    for_client: bool = False
    departments: Departments = Field(default_factory=list)


class SharedDescriptorChange(DescriptorChange):
    """A metadata column as it shall be in all productions that run."""

    entity_type: DescribedType = "Project"


class DescriptorOrder(Payload):
    """Metadata columns of one kind in the order in which they are shown."""

    entity_type: DescribedType
    descriptor_ids: Annotated[list[UUID], Field(max_length=1000)]


class SharedDescriptorOrder(Payload):
    """Fields of metadata columns of one kind in the order in which they are shown."""

    entity_type: DescribedType
    field_order: Annotated[list[Text], Field(max_length=1000)]


class DeletedDescriptors(RootModel[list[UUID]]):
    """The ids of the metadata columns that were deleted."""
