"""What imports of sheets take and answer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, RootModel

from kitsu_api.schemas.base import Payload, Schema


class SheetForm(Payload):
    """A sheet to import."""

    file: str = Field(
        description=(
            "CSV in UTF-8, UTF-16 or Windows-1252; columns are parted by commas, semicolons or tabs."
            " The first row names them."
        ),
        json_schema_extra={"format": "binary"},
    )


class SheetConflict(Schema):
    """A row that says something else of what an earlier row is about."""

    line_number: int
    message: str


class NothingOfRows(RootModel[list[None]]):
    """Null for each row of a sheet whose rows become nothing that could be shown."""


class ImportPlan(Schema):
    """What an import did, or would do, in rows."""

    kind: Literal["persons", "assets", "shots", "edits", "casting", "estimations"]
    dry_run: bool
    rows: int = Field(description="All rows of the sheet, without empty ones.")
    created: int
    updated: int
    unchanged: int
    conflicts: int = Field(description="Rows that contradict an earlier row; an import refuses them.")
    skipped: int = Field(description="Rows about what is not there, which some kinds of sheets pass over.")
    ignored_columns: list[str]
    conflict_lines: list[SheetConflict] = Field(description="The first hundred of them.")
