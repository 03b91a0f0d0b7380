"""What clients send for a row, column by column."""

from __future__ import annotations

from typing import Any

from kitsu_api.db.base import Record
from kitsu_api.errors import BadRequest
from kitsu_api.schemas.base import Payload

Values = dict[str, Any]


def given(payload: Payload) -> Values:
    """What the client sent, column by column; absent keys are absent."""
    return payload.model_dump(exclude_unset=True)


def without_nulls(model: type[Record], values: Values) -> Values:
    """Leave out null for columns that can't hold it but have a default.

    Raises:
        BadRequest: a column without default is null.
    """
    kept: Values = {}
    for name, value in values.items():
        column = model.__table__.columns.get(name)
        if value is None and column is not None and not column.nullable:
            if column.default is None and column.server_default is None:
                raise BadRequest(f"The '{name}' field is required and cannot be None.")
            continue
        kept[name] = value
    return kept
