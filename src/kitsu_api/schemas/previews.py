"""Previews to review, and the register of files in storage."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import (
    BigInteger,
    Integer,
    JsonDocument,
    Number,
    OptionalId,
    Payload,
    RecordRead,
    Text,
)


class PreviewBackgroundFileRead(RecordRead):
    """A preview background file."""

    name: str
    archived: bool | None = None
    is_default: bool | None = None
    original_name: str | None = None
    extension: str | None = None
    file_size: int | None = None


class PreviewBackgroundFileCreate(Payload):
    """A preview background file to make."""

    name: Annotated[Text, Field(max_length=40)]
    archived: bool | None = None
    is_default: bool | None = None
    original_name: Annotated[Text, Field(max_length=250)] | None = None
    extension: Annotated[Text, Field(max_length=6)] | None = None
    file_size: BigInteger | None = None


class PreviewBackgroundFileUpdate(Payload):
    """What may change of a preview background file; what is absent stays."""

    name: Annotated[Text, Field(max_length=40)] | None = None
    archived: bool | None = None
    is_default: bool | None = None
    original_name: Annotated[Text, Field(max_length=250)] | None = None
    extension: Annotated[Text, Field(max_length=6)] | None = None
    file_size: BigInteger | None = None


class PreviewFileRead(RecordRead):
    """A preview file."""

    name: str | None = None
    original_name: str | None = None
    revision: int | None = None
    position: int | None = None
    extension: str | None = None
    description: str | None = None
    path: str | None = None
    source: str | None = None
    file_size: int | None = None
    status: Literal["processing", "ready", "broken", "missing"]
    validation_status: Literal["validated", "rejected", "neutral"]
    annotations: JsonDocument = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    task_id: UUID | None = None
    person_id: UUID | None = None
    source_file_id: UUID | None = None
    shotgun_id: int | None = None
    is_movie: bool | None = None
    url: str | None = None
    uploaded_movie_url: str | None = None
    uploaded_movie_name: str | None = None
    data: JsonDocument = None
    token_in: int | None = None
    token_out: int | None = None
    comments: list[UUID] | None = None


class PreviewFileCreate(Payload):
    """A preview file to make."""

    name: Annotated[Text, Field(max_length=250)] | None = None
    original_name: Annotated[Text, Field(max_length=250)] | None = None
    revision: Integer | None = None
    position: Integer | None = None
    extension: Annotated[Text, Field(max_length=6)] | None = None
    description: Text | None = None
    path: Annotated[Text, Field(max_length=400)] | None = None
    source: Annotated[Text, Field(max_length=40)] | None = None
    file_size: BigInteger | None = None
    status: Literal["processing", "ready", "broken", "missing"] | None = None
    validation_status: Literal["validated", "rejected", "neutral"] | None = None
    annotations: JsonDocument = None
    width: Integer | None = None
    height: Integer | None = None
    duration: Number | None = None
    task_id: OptionalId = None
    person_id: OptionalId = None
    source_file_id: OptionalId = None
    shotgun_id: Integer | None = None
    is_movie: bool | None = None
    url: Annotated[Text, Field(max_length=600)] | None = None
    uploaded_movie_url: Annotated[Text, Field(max_length=600)] | None = None
    uploaded_movie_name: Annotated[Text, Field(max_length=150)] | None = None
    data: JsonDocument = None
    token_in: Integer | None = None
    token_out: Integer | None = None


class PreviewFileUpdate(Payload):
    """What may change of a preview file; what is absent stays."""

    name: Annotated[Text, Field(max_length=250)] | None = None
    original_name: Annotated[Text, Field(max_length=250)] | None = None
    revision: Integer | None = None
    position: Integer | None = None
    extension: Annotated[Text, Field(max_length=6)] | None = None
    description: Text | None = None
    path: Annotated[Text, Field(max_length=400)] | None = None
    source: Annotated[Text, Field(max_length=40)] | None = None
    file_size: BigInteger | None = None
    status: Literal["processing", "ready", "broken", "missing"] | None = None
    validation_status: Literal["validated", "rejected", "neutral"] | None = None
    annotations: JsonDocument = None
    width: Integer | None = None
    height: Integer | None = None
    duration: Number | None = None
    task_id: OptionalId = None
    person_id: OptionalId = None
    source_file_id: OptionalId = None
    shotgun_id: Integer | None = None
    is_movie: bool | None = None
    url: Annotated[Text, Field(max_length=600)] | None = None
    uploaded_movie_url: Annotated[Text, Field(max_length=600)] | None = None
    uploaded_movie_name: Annotated[Text, Field(max_length=150)] | None = None
    data: JsonDocument = None
    token_in: Integer | None = None
    token_out: Integer | None = None
