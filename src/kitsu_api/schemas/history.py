"""What changed in a row, who changed it, and with which program."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import BigInteger, JsonDocument, Payload, Schema, Text, Timestamp

Action = Literal["create", "update", "delete"]


class FieldChange(Schema):
    """A field that changed."""

    field: str = Field(description="A column, or `data.<key>` for metadata.")
    old: JsonDocument = Field(default=None, description="What it was, as JSON; null where it was nothing.")
    new: JsonDocument = Field(default=None, description="What it became.")


class HistoryRead(Schema):
    """One change of a row: the fields that changed together."""

    id: int = Field(description="Larger for each later change of the row.")
    record_id: UUID
    action: Action
    changed_at: Timestamp
    person_id: UUID | None = Field(
        description="Who did it; null where nobody signed in, or somebody unknown."
    )
    client: str = Field(
        description="With which program: `gazu`, `Firefox`, `API key: render farm`, `worker: import_csv`,"
        " `kitsu-api command line`, or the name by which another program is known to the database."
    )
    changes: list[FieldChange] = Field(
        description="By the name of the field; those that the caller may read."
    )


class HistoryRestore(Payload):
    """A former value to bring back."""

    entry_id: BigInteger = Field(description="The change before which the field had it.")
    field: Text = Field(min_length=1, max_length=300, description="A field of that change.")
    force: bool = Field(default=False, description="Also if the field has changed again since.")
