"""Working files and output files of production."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Integer, JsonDocument, OptionalId, Payload, RecordRead, Text


class FileStatusRead(RecordRead):
    """A file status."""

    name: str
    color: str


class FileStatusCreate(Payload):
    """A file status to make."""

    name: Annotated[Text, Field(max_length=40)]
    color: Annotated[Text, Field(max_length=7)]


class FileStatusUpdate(Payload):
    """What may change of a file status; what is absent stays."""

    name: Annotated[Text, Field(max_length=40)] | None = None
    color: Annotated[Text, Field(max_length=7)] | None = None


class OutputFileRead(RecordRead):
    """An output file."""

    shotgun_id: int | None = None
    name: str
    canceled: bool
    size: int | None = None
    checksum: str | None = None
    description: str | None = None
    comment: str | None = None
    extension: str | None = None
    revision: int
    representation: str | None = None
    nb_elements: int | None = None
    source: str | None = None
    path: str | None = None
    data: JsonDocument = None
    file_status_id: UUID
    entity_id: UUID | None = None
    asset_instance_id: UUID | None = None
    output_type_id: UUID | None = None
    task_type_id: UUID | None = None
    person_id: UUID | None = None
    source_file_id: UUID | None = None
    temporal_entity_id: UUID | None = None
    quality: Literal["low", "mid", "high"] | None = None
    source_file: dict[str, Any] | None = None


class OutputFileCreate(Payload):
    """An output file to make."""

    shotgun_id: Integer | None = None
    name: Annotated[Text, Field(max_length=250)]
    canceled: bool | None = None
    size: Integer | None = None
    checksum: Annotated[Text, Field(max_length=32)] | None = None
    description: Text | None = None
    comment: Text | None = None
    extension: Annotated[Text, Field(max_length=10)] | None = None
    revision: Integer
    representation: Annotated[Text, Field(max_length=20)] | None = None
    nb_elements: Integer | None = None
    source: Annotated[Text, Field(max_length=40)] | None = None
    path: Annotated[Text, Field(max_length=400)] | None = None
    data: JsonDocument = None
    file_status_id: UUID
    entity_id: OptionalId = None
    asset_instance_id: OptionalId = None
    output_type_id: OptionalId = None
    task_type_id: OptionalId = None
    person_id: OptionalId = None
    source_file_id: OptionalId = None
    temporal_entity_id: OptionalId = None
    quality: Literal["low", "mid", "high"] | None = None


class OutputFileUpdate(Payload):
    """What may change of an output file; what is absent stays."""

    shotgun_id: Integer | None = None
    name: Annotated[Text, Field(max_length=250)] | None = None
    canceled: bool | None = None
    size: Integer | None = None
    checksum: Annotated[Text, Field(max_length=32)] | None = None
    description: Text | None = None
    comment: Text | None = None
    extension: Annotated[Text, Field(max_length=10)] | None = None
    revision: Integer | None = None
    representation: Annotated[Text, Field(max_length=20)] | None = None
    nb_elements: Integer | None = None
    source: Annotated[Text, Field(max_length=40)] | None = None
    path: Annotated[Text, Field(max_length=400)] | None = None
    data: JsonDocument = None
    file_status_id: OptionalId = None
    entity_id: OptionalId = None
    asset_instance_id: OptionalId = None
    output_type_id: OptionalId = None
    task_type_id: OptionalId = None
    person_id: OptionalId = None
    source_file_id: OptionalId = None
    temporal_entity_id: OptionalId = None
    quality: Literal["low", "mid", "high"] | None = None


class OutputTypeRead(RecordRead):
    """An output type."""

    name: str
    short_name: str


class OutputTypeCreate(Payload):
    """An output type to make."""

    name: Annotated[Text, Field(max_length=40)]
    short_name: Annotated[Text, Field(max_length=20)]


class OutputTypeUpdate(Payload):
    """What may change of an output type; what is absent stays."""

    name: Annotated[Text, Field(max_length=40)] | None = None
    short_name: Annotated[Text, Field(max_length=20)] | None = None


class WorkingFileRead(RecordRead):
    """A working file."""

    shotgun_id: int | None = None
    name: str | None = None
    description: str | None = None
    comment: str | None = None
    revision: int | None = None
    size: int | None = None
    checksum: int | None = None
    path: str | None = None
    data: JsonDocument = None
    task_id: UUID | None = None
    entity_id: UUID | None = None
    person_id: UUID | None = None
    software_id: UUID | None = None
    validation_status: Literal["validated", "rejected", "neutral"]
    outputs: list[UUID] | None = None


class WorkingFileCreate(Payload):
    """A working file to make."""

    shotgun_id: Integer | None = None
    name: Annotated[Text, Field(max_length=250)] | None = None
    description: Text | None = None
    comment: Text | None = None
    revision: Integer | None = None
    size: Integer | None = None
    checksum: Integer | None = None
    path: Annotated[Text, Field(max_length=400)] | None = None
    data: JsonDocument = None
    task_id: OptionalId = None
    entity_id: OptionalId = None
    person_id: OptionalId = None
    software_id: OptionalId = None
    validation_status: Literal["validated", "rejected", "neutral"] | None = None


class WorkingFileUpdate(Payload):
    """What may change of a working file; what is absent stays."""

    shotgun_id: Integer | None = None
    name: Annotated[Text, Field(max_length=250)] | None = None
    description: Text | None = None
    comment: Text | None = None
    revision: Integer | None = None
    size: Integer | None = None
    checksum: Integer | None = None
    path: Annotated[Text, Field(max_length=400)] | None = None
    data: JsonDocument = None
    task_id: OptionalId = None
    entity_id: OptionalId = None
    person_id: OptionalId = None
    software_id: OptionalId = None
    validation_status: Literal["validated", "rejected", "neutral"] | None = None
