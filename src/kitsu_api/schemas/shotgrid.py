"""Rows as ShotGrid's API hands them out, and what is answered about them.

Nothing is required: a row that can't be placed is left out, so that one of them doesn't hold up the others.
Fields of a studio's own (`sg_…`) are kept for productions and shots.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from kitsu_api.errors import BadRequest
from kitsu_api.schemas.base import (
    Integer,
    JsonDocument,
    JsonObject,
    Number,
    Payload,
    RecordRead,
    Schema,
    Text,
    _checked_json,
)

ROWS = 50_000
"""Rows that one request may hold."""

Name = Annotated[Text, Field(max_length=160)]
ShortName = Annotated[Text, Field(max_length=80)]
TypeName = Annotated[Text, Field(max_length=40)]


def _listed(rows: Any) -> Any:
    if not isinstance(rows, list):
        raise BadRequest("A list of ShotGrid rows is expected.")
    if len(rows) > ROWS:
        raise BadRequest(f"At most {ROWS} rows can be sent at once: send them in several requests.")
    return rows


def rows_of(schema: Any) -> Any:
    """A list of rows, and not too long a one: the type of a body."""
    return Annotated[list[schema], BeforeValidator(_listed, json_schema_input_type=list[schema])]


def _wall_clock(value: dt.datetime) -> dt.datetime:
    """ShotGrid's times are kept as its people read them, without their zone."""
    return value.replace(tzinfo=None)


def _hexadecimal(value: Any) -> Any:
    """`29,215,46` as `#1dd72e`; black when there is none."""
    if value is None or value == "":
        return "#000000"
    parts = value.split(",") if isinstance(value, str) else []
    if len(parts) != 3 or not all(part.strip().isdecimal() and int(part) < 256 for part in parts):
        raise ValueError("a colour is three numbers from 0 to 255: 29,215,46")
    return "#" + "".join(f"{int(part):02x}" for part in parts)


Color = Annotated[str, BeforeValidator(_hexadecimal)]


class Ref(Payload):
    """A row of ShotGrid that another one names."""

    id: Integer | None = None
    name: Text | None = None
    type: Text | None = None


class ShotgridRow(Payload):
    """What every row has."""

    id: Integer | None = None


class OpenRow(ShotgridRow):
    """A row with fields of the studio's own."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="after")
    def _storable(self) -> OpenRow:
        _checked_json(self.__pydantic_extra__ or {})
        return self

    def own_fields(self) -> dict[str, Any]:
        """The studio's own fields that have a value."""
        fields = self.__pydantic_extra__ or {}
        return {name: value for name, value in fields.items() if name[:3] == "sg_" and value is not None}


class ShotgridPerson(ShotgridRow):
    """A `HumanUser`."""

    firstname: ShortName | None = None
    lastname: ShortName | None = None
    email: Text | None = None
    login: ShortName | None = None
    sg_status_list: Text | None = None
    permission_rule_set: Ref | None = None
    department: Ref | None = None


class ShotgridProject(OpenRow):
    """A `Project`."""

    name: Annotated[Text, Field(max_length=80)] | None = None
    sg_status: Annotated[Text, Field(max_length=20)] | None = None


class ShotgridStatus(ShotgridRow):
    """A `Status`."""

    name: TypeName | None = None
    code: Annotated[Text, Field(max_length=10)] | None = None
    bg_color: Color = "#000000"


class ShotgridStep(ShotgridRow):
    """A `Step`: a type of tasks."""

    code: TypeName | None = None
    short_name: Annotated[Text, Field(max_length=20)] | None = None
    color: Color = "#000000"
    entity_type: Annotated[Text, Field(max_length=30)] | None = None


class ShotgridEntity(ShotgridRow):
    """What every entity has."""

    code: Name | None = None
    description: Text | None = None
    project: Ref | None = None


class ShotgridAsset(ShotgridEntity):
    """An `Asset`."""

    sg_asset_type: Annotated[Text, Field(max_length=30)] | None = None
    parents: list[Ref] | None = None


class ShotgridEpisode(ShotgridEntity):
    """An `Episode`."""


class ShotgridSequence(ShotgridEntity):
    """A `Sequence`."""

    episode: Ref | None = None


class ShotgridScene(ShotgridEntity):
    """A `Scene`."""

    sequence_sg_scenes_1_sequences: list[Ref] | None = None


class ShotgridShot(OpenRow):
    """A `Shot`."""

    code: Name | None = None
    description: Text | None = None
    project: Ref | None = None
    sg_sequence: Ref | None = None
    sg_scene: JsonDocument = None
    sg_cut_in: Integer | None = None
    sg_cut_duration: Integer | None = None
    assets: list[Ref] | None = None


class ShotgridTask(ShotgridRow):
    """A `Task`. `duration` is in minutes."""

    cached_display_name: ShortName | None = None
    project: Ref | None = None
    entity: Ref | None = None
    step: Ref | None = None
    sg_status_list: Text | None = None
    sg_sort_order: Integer | None = None
    start_date: dt.date | None = None
    due_date: dt.date | None = None
    duration: Number | None = None
    created_by: Ref | None = None
    task_assignees: list[Ref] | None = None


class ShotgridNote(ShotgridRow):
    """A `Note`: a comment on a task."""

    content: Text | None = None
    tasks: list[Ref] | None = None
    user: Ref | None = None
    created_by: Ref | None = None
    created_at: Annotated[dt.datetime, AfterValidator(_wall_clock)] | None = None


class UploadedMovie(Payload):
    """Where ShotGrid keeps the movie of a version."""

    url: Annotated[Text, Field(max_length=600)] | None = None
    name: Annotated[Text, Field(max_length=150)] | None = None


class ShotgridVersion(ShotgridRow):
    """A `Version`: a preview of a task."""

    code: Annotated[Text, Field(max_length=250)] | None = None
    description: Text | None = None
    sg_task: Ref | None = None
    user: Ref | None = None
    sg_uploaded_movie: UploadedMovie | None = None


class ShotgridConnection(ShotgridRow):
    """A `ProjectUserConnection`: a place in a team."""

    project: Ref | None = None
    user: Ref | None = None


class ShotgridEvent(Payload):
    """An `EventLogEntry`, kept as it is."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="after")
    def _storable(self) -> ShotgridEvent:
        _checked_json(self.__pydantic_extra__ or {})
        return self


class ShotgridId(Payload):
    """A row that ShotGrid has no more."""

    id: Integer


class ShotgridRemoval(Schema):
    """What became of a row that ShotGrid has no more."""

    success: bool = Field(description="False when other rows still need it, so that it stays.")
    removed_instance_id: UUID | None = Field(default=None, description="Absent when there is no such row.")


class ImportErrorRead(RecordRead):
    """An event of ShotGrid that could not be followed."""

    event_data: JsonObject
    source: str | None = None
