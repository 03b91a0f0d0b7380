"""What all schemas share: the wire's types, and the bases of answers and payloads."""

from __future__ import annotations

import datetime as dt
import math
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    create_model,
)
from typing_extensions import TypeAliasType

from kitsu_api.errors import BadRequest

MAXIMUM_DEPTH = 40
"""Levels of nesting that a JSON document may have."""

INTEGER_LIMIT = 2**31 - 1
BIG_INTEGER_LIMIT = 2**63 - 1


def _naive_utc(value: dt.datetime) -> dt.datetime:
    """Timestamps are stored in UTC without a zone."""
    try:
        return value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
    except OverflowError as error:
        raise ValueError("date and time out of range") from error


def _checked_text(text: str) -> str:
    """PostgreSQL stores neither NUL characters nor halves of surrogate pairs."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("text may not hold NUL characters or lone surrogates")
    return text


def _checked_json(value: Any, depth: int = 0) -> Any:
    """A JSON document that PostgreSQL can store."""
    if depth > MAXIMUM_DEPTH:
        raise ValueError(f"nested deeper than {MAXIMUM_DEPTH} levels")
    match value:
        case str():
            _checked_text(value)
        case float() if not math.isfinite(value):
            raise ValueError("numbers must be finite")
        case dict():
            for key, item in value.items():
                _checked_text(key)
                _checked_json(item, depth + 1)
        case list():
            for item in value:
                _checked_json(item, depth + 1)
    return value


def _emptied(value: Any) -> Any:
    """An empty text stands for no value, as forms of the web client send it; so does the text `None`, which
    single assets show: scripts send back what they have read."""
    return None if value in ("", "None") else value


TO_THE_SECOND = WithJsonSchema(
    {
        "type": "string",
        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$",
        "description": "UTC, to the second, without a zone.",
        "examples": ["2026-11-23T19:16:59"],
    }
)

Timestamp = Annotated[str, TO_THE_SECOND]
"""A point in time as answers show it, written by PostgreSQL."""

Instant = Annotated[
    dt.datetime, PlainSerializer(lambda value: value.isoformat(timespec="seconds")), TO_THE_SECOND
]
"""A point in time as answers show it, read from a row."""

Moment = Annotated[dt.datetime, AfterValidator(_naive_utc)]
"""A point in time as clients send it: with a zone, or in UTC without; a day alone is its midnight."""

Day = dt.date
"""A day, `2026-11-23`."""

Text = Annotated[str, AfterValidator(_checked_text)]
JsonDocument = TypeAliasType(
    "JsonDocument",
    Annotated[
        Any,
        AfterValidator(_checked_json),
        WithJsonSchema(
            {
                "description": "Any JSON, of at most 40 levels.",
                "anyOf": [
                    {"type": "object", "additionalProperties": True},
                    {"type": "array", "items": {}},
                    {"type": "string"},
                    {"type": "number"},
                    {"type": "boolean"},
                    {"type": "null"},
                ],
            }
        ),
    ],
)
"""Any JSON of at most 40 levels. It has a name in the document, so that clients are given a type for it."""

JsonObject = Annotated[dict[str, Any], AfterValidator(_checked_json)]
"""A JSON object of at most 40 levels."""

Integer = Annotated[int, Field(ge=-INTEGER_LIMIT, le=INTEGER_LIMIT)]
BigInteger = Annotated[int, Field(ge=-BIG_INTEGER_LIMIT, le=BIG_INTEGER_LIMIT)]
Number = Annotated[float, Field(allow_inf_nan=False)]
OptionalId = Annotated[UUID | None, BeforeValidator(_emptied)]


class Schema(BaseModel):
    """An answer."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


class Payload(BaseModel):
    """What a client sends. Keys that the route does not know are ignored: clients send whole rows back."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


class RecordRead(Schema):
    """What every row has."""

    id: UUID
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None
    type: str = Field(description="Name of the model.")


class PageOf(Schema):
    """What every page of a list has beside its rows."""

    total: int = Field(description="Rows in all pages.")
    nb_pages: int
    limit: int = Field(description="Rows of a page.")
    offset: int = Field(description="Rows before this page.")
    page: int = Field(description="Number of this page, from 1.")


@cache
def page_schema(read: type[BaseModel]) -> type[BaseModel]:
    """The schema of a page of rows, named after theirs."""
    name = read.__name__.removesuffix("Read")
    page: type[BaseModel] = create_model(
        f"{name}Page",
        __base__=PageOf,
        __doc__=f"A page of a list of {name}.",
        data=(list[read], ...),  # type: ignore[valid-type]  # a schema known at run time only
    )
    return page


def reject_null(payload: Payload, *names: str) -> None:
    """Refuse null for columns that need a value.

    Raises:
        BadRequest: one of them is null.
    """
    for name in names:
        if name in payload.model_fields_set and getattr(payload, name) is None:
            raise BadRequest(f"The '{name}' field is required and cannot be None.")
