"""Rows of another instance as they are sent to this one: a schema for each table, made of its columns."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, create_model
from sqlalchemy import ARRAY, BigInteger, Boolean, Date, DateTime, Float, Integer, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from kitsu_api.errors import BadRequest
from kitsu_api.schemas import base
from kitsu_api.schemas.base import Payload

KEPT = 50_000
"""Rows that one request may hold."""

PLAIN: tuple[tuple[Any, Any], ...] = (
    (Uuid, base.OptionalId),
    (DateTime, base.Moment),
    (Date, dt.date),
    (BigInteger, base.BigInteger),
    (Integer, base.Integer),
    (Boolean, bool),
    (Float, base.Number),
    (ARRAY, list[base.Text]),
    (JSONB, base.JsonDocument),
)
"""What the values of a type of columns look like on the wire."""


def _wire_type(kind: Any) -> Any:
    for column_type, wire in PLAIN:
        if isinstance(kind, column_type):
            return wire
    if isinstance(kind, String) and kind.length is not None:
        return Annotated[base.Text, Field(max_length=kind.length)]
    return base.Text


def row_schema(
    name: str,
    table: Table,
    known: type[Payload],
    links: tuple[str, ...],
    renamed: dict[str, str],
    typed: bool = False,
) -> type[Payload]:
    """The schema of a row that is sent: every column, none required, and the ids of its links.

    Columns that the table's own route takes have their rules (`known`): a state is one of those there are.
    `renamed` says what a column is called on the wire when that isn't its name; `typed` rows say in `type`
    what kind they are of.
    """
    fields: dict[str, Any] = {}
    for column in table.columns:
        wire = _wire_type(column.type)
        if (given := known.model_fields.get(column.name)) is not None:
            wire = Annotated[given.annotation, *given.metadata] if given.metadata else given.annotation
        fields[renamed.get(column.name, column.name)] = (wire | None, None)
    fields["id"] = (UUID | None, None)
    fields.update(dict.fromkeys(links, (list[UUID] | None, None)))
    if typed:
        fields["type"] = (base.Text | None, None)
    schema: type[Payload] = create_model(
        name, __base__=Payload, __doc__=f"A row of `{table.name}`.", **fields
    )
    return schema


def _listed(rows: Any) -> Any:
    if not isinstance(rows, list):
        raise BadRequest("A list of entities is expected.")
    if len(rows) > KEPT:
        raise BadRequest(f"At most {KEPT} rows can be sent at once: send them in several requests.")
    return rows


def rows_of(schema: Any) -> Any:
    """A list of rows, and not too long a one: the type of a body."""
    return Annotated[list[schema], BeforeValidator(_listed, json_schema_input_type=list[schema])]
