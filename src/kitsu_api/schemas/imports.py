"""Sheets that are taken in step by step."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, PlainSerializer

from kitsu_api.schemas.base import Payload, Schema, Text
from kitsu_api.schemas.import_csv import ImportPlan

SheetKind = Literal["persons", "assets", "shots", "edits", "casting", "estimations"]
Seconds = Annotated[
    dt.datetime, PlainSerializer(lambda moment: moment.isoformat(timespec="seconds"), return_type=str)
]
MOST_COLUMNS = 1_000


class ImportColumn(Schema):
    """A column of a sheet, and what it probably stands for."""

    name: str
    samples: list[str] = Field(description="What its first cells hold.")
    guess: str | None = Field(default=None, description="A field; null: nothing that is known.")
    sure: float = Field(description="How sure the guess is, from 0 to 1.")


class ImportField(Schema):
    """Something that a column may stand for."""

    id: str
    name: str = Field(description="How sheets of this kind call it.")
    required: bool


class ImportObstacle(Schema):
    """A row that others have touched since the import."""

    table: str
    key: dict[str, Any] = Field(description="The row's id, or the ids that it links.")
    reason: Literal["changed", "used"] = Field(
        description="`changed`: it is not as the import left it, or gone; `used`: others refer to it."
    )


class ImportUndoing(Schema):
    """What taking an import back did, or what stood in the way: then nothing was changed."""

    undone: bool
    deleted: dict[str, int] = Field(description="Rows by table.")
    restored: dict[str, int] = Field(description="Rows by table.")
    obstacles: list[ImportObstacle] = Field(description="The first hundred of them.")


class SheetImportRead(Schema):
    """A sheet that is taken in step by step."""

    id: UUID
    kind: SheetKind
    name: str = Field(description="Of the file.")
    project_id: UUID | None = None
    task_type_id: UUID | None = None
    episode_id: UUID | None = None
    owner_id: UUID
    status: Literal["reading", "ready", "refused", "applied", "undone"]
    error: str | None = Field(default=None, description="Why the file was refused.")
    rows: int
    columns: list[ImportColumn]
    mapping: list[str | None] = Field(
        description="The field of each column; null: it is left out. `new`: it becomes a metadata column."
    )
    outcome: ImportPlan | None = Field(default=None, description="What it did, once it is applied.")
    undoing: ImportUndoing | None = None
    created_at: Seconds
    applied_at: Seconds | None = None
    undone_at: Seconds | None = None


class SheetImportDetails(SheetImportRead):
    """A sheet with all that its columns may stand for."""

    fields: list[ImportField]


class MappingWish(Payload):
    """What columns stand for."""

    mapping: Annotated[list[Text | None], Field(max_length=MOST_COLUMNS)] = Field(
        description="A field or null for each column, in their order; `new`: it becomes a metadata column."
    )
    keep: bool = Field(default=True, description="Map such columns of later sheets alike.")


class ImportOptions(Payload):
    """How a sheet is taken in."""

    update: bool = Field(default=False, description="Rows of what is there already change it.")


class ImportMappingRead(Schema):
    """What somebody said of columns."""

    id: UUID
    kind: SheetKind
    project_id: UUID | None = None
    fields: dict[str, str | None] = Field(description="Fields by the names of columns, in small letters.")
